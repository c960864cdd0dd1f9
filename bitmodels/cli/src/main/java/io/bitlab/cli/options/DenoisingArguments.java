package io.bitlab.cli.options;

import io.bitlab.models.diffusion.DiffusionOptions;
import io.bitlab.models.diffusion.DiffusionSampler;
import picocli.CommandLine.Option;

/** How pictures come out of noise, for the commands that generate some. */
public final class DenoisingArguments {

    @Option(names = "--steps", defaultValue = "25", description = "from noise to picture; ${DEFAULT-VALUE}")
    private int steps;

    @Option(names = "--sampler", description = "${COMPLETION-CANDIDATES}; the usual one of the model unless given")
    private DiffusionSampler sampler;

    @Option(names = "--guided-times", split = ",", arity = "1", paramLabel = "FROM,TO",
            description = "guide only between these times, where 0 is the picture and 1 is noise; all unless given")
    private float[] guidedTimes = {0, 1};

    private DenoisingArguments() {
    }

    /**
     * The options of the arguments.
     *
     * @param guidance of the class
     * @param negative the class to move away from, or null
     * @return the options
     * @throws IllegalArgumentException if one is out of range
     */
    public DiffusionOptions options(float guidance, String negative) {
        if (guidedTimes.length != 2) {
            throw new IllegalArgumentException("--guided-times: " + guidedTimes.length
                    + " times, expected two, such as 0.1,0.8");
        }
        return new DiffusionOptions(steps, guidance, sampler, negative, guidedTimes[0], guidedTimes[1]);
    }
}
