package io.bitlab.cli;

import io.bitlab.cli.data.ShippedModel;
import io.bitlab.cli.options.ComputeThreads;
import io.bitlab.cli.options.DenoisingArguments;
import io.bitlab.cli.options.OutputFile;
import io.bitlab.cli.train.SampleGrid;
import io.bitlab.core.parallel.Parallel;
import io.bitlab.models.diffusion.DiffusionOptions;
import io.bitlab.models.diffusion.ImageGenerator;
import io.bitlab.models.image.BitImage;
import io.bitlab.models.image.ImageAnimation;
import io.bitlab.models.image.ImageGrid;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Makes pictures with a model that {@code bitlab train generator} has saved, or with the one that comes along. */
@Command(name = "draw", mixinStandardHelpOptions = true, description = "Makes pictures.")
final class DrawCommand implements Callable<Integer> {

    private static final int MOST_SCALE = 64;
    private static final List<String> ONE_CLASS = List.of("--count", "--columns", "--scale", "--gif");

    @Spec
    private CommandSpec command;

    @Parameters(index = "0", arity = "0..1", paramLabel = "MODEL",
            description = "folder of the model; one of Fashion-MNIST that comes along unless given")
    private Path model;

    @Option(names = "--label",
            description = "what should be on the pictures; a row of each class, of the first 20, unless given")
    private String label;

    @Option(names = "--count", defaultValue = "16",
            description = "with --label: how many; ${DEFAULT-VALUE} unless given")
    private int count;

    @Option(names = "--columns", defaultValue = "8",
            description = "with --label: in a row; ${DEFAULT-VALUE} unless given")
    private int columns;

    @Option(names = "--scale", defaultValue = "3",
            description = "with --label: size of a pixel; ${DEFAULT-VALUE} unless given")
    private int scale;

    @Option(names = "--seed", defaultValue = "0", description = "${DEFAULT-VALUE} unless given")
    private long seed;

    @Option(names = "--guidance", defaultValue = "2",
            description = "1 for none; larger is clearer and less varied; ${DEFAULT-VALUE} unless given")
    private float guidance;

    @Option(names = "--negative", description = "class to move away from")
    private String negative;

    @Option(names = "--out", description = "file for the grid of pictures; ${DEFAULT-VALUE} unless given")
    private Path out = Path.of("grid.png");

    @Option(names = "--gif", description = "file for an animation of how the pictures appear; with --label")
    private Path gif;

    @Mixin
    private DenoisingArguments denoising;

    @Mixin
    private ComputeThreads threads;

    @Override
    public Integer call() throws IOException {
        if (count < 1 || columns < 1 || scale < 1) {
            throw new IllegalArgumentException("--count " + count + ", --columns " + columns + ", --scale " + scale
                    + ": expected 1 or more of each");
        }
        if (label == null && ONE_CLASS.stream().anyMatch(command.commandLine().getParseResult()::hasMatchedOption)) {
            throw new IllegalArgumentException(String.join(", ", ONE_CLASS) + ": these are for pictures of one class;"
                    + " add --label");
        }
        OutputFile.checkImage("--out", out);
        OutputFile.check("--gif", gif, ".gif");
        if (scale > MOST_SCALE) {
            throw new IllegalArgumentException("--scale " + scale + ": expected at most " + MOST_SCALE);
        }
        ImageGenerator generator = ShippedModel.generator(model);
        DiffusionOptions options = denoising.options(guidance, negative);
        boolean terminal = System.console() != null && System.console().isTerminal();
        long start = System.nanoTime();
        try (Parallel parallel = threads.start()) {
            if (label == null) {
                parallel.call(() -> SampleGrid.of(generator, options, seed)).write(out);
            } else {
                List<BitImage> frames = new ArrayList<>();
                List<BitImage> pictures = parallel.call(() -> generator.generate(
                        Collections.nCopies(count, label), seed, options, (step, all, now) -> {
                            if (terminal) {
                                System.out.print("\rstep " + step + " of " + all + (step == all ? "\n" : ""));
                            }
                            if (gif != null) {
                                frames.add(grid(now.get()));
                            }
                        }));
                grid(pictures).write(out);
                if (gif != null) {
                    ImageAnimation.of(frames).write(gif);
                }
            }
        }
        System.out.printf(Locale.ROOT, "%s, after %.1f s%n", out, (System.nanoTime() - start) * 1e-9);
        return 0;
    }

    private BitImage grid(List<BitImage> pictures) {
        return ImageGrid.of(pictures, Math.min(columns, count)).withScale(scale).toImage();
    }
}
