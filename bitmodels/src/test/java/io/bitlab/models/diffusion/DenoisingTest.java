package io.bitlab.models.diffusion;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.bitlab.models.image.BitImage;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class DenoisingTest {

    private static final DiffusionOptions UNGUIDED = DiffusionOptions.DEFAULT.withGuidance(1f);
    private static final DenoisingListener NOBODY = (step, steps, images) -> {};

    private static float[] run(DiffusionProcess process, DiffusionOptions options, int count, float[] noise) {
        Denoising denoising = new Denoising(new GaussianGenerator(process), options,
                Collections.nCopies(count, "bright"));
        float[] drawn = denoising.noise(3);
        return denoising.run(noise == null ? drawn : noise, null, NOBODY);
    }

    /** Where the exact flow leads: each value keeps its rank in the distribution. */
    private static double exact(DiffusionProcess process, double noise) {
        double mean = GaussianGenerator.mean(0);
        double alpha = process.alpha(1);
        double deviation = Math.hypot(alpha * GaussianGenerator.DEVIATION, process.sigma(1));
        return mean + GaussianGenerator.DEVIATION * (noise - alpha * mean) / deviation;
    }

    private static double largestError(DiffusionProcess process, DiffusionSampler sampler, int steps) {
        float[] noise = new float[60];
        for (int i = 0; i < noise.length; i++) {
            noise[i] = -2.5f + 5f * i / (noise.length - 1);
        }
        float[] found = run(process, UNGUIDED.withSampler(sampler).withSteps(steps), 1, noise);
        return IntStream.range(0, noise.length).mapToDouble(i -> Math.abs(found[i] - exact(process, noise[i]))).max()
                .orElseThrow();
    }

    @ParameterizedTest
    @CsvSource({"RECTIFIED_FLOW, EULER, 0.5", "RECTIFIED_FLOW, HEUN, 0.3", "COSINE_V, DDIM, 0.5",
        "COSINE_EPSILON, DDIM, 0.5"})
    void deterministicSamplersFollowTheExactFlow(DiffusionProcess process, DiffusionSampler sampler, double ratio) {
        double coarse = largestError(process, sampler, 50);
        double fine = largestError(process, sampler, 100);
        assertTrue(coarse < 0.05, "error " + coarse + " in 50 steps");
        assertTrue(fine < (ratio + 0.1) * coarse, "error " + coarse + " in 50 steps, " + fine + " in 100");
        assertTrue(largestError(process, sampler, 600) < 6e-3);
    }

    @ParameterizedTest
    @CsvSource({"RECTIFIED_FLOW, EULER", "RECTIFIED_FLOW, HEUN", "COSINE_V, DDPM", "COSINE_V, DDIM",
        "COSINE_EPSILON, DDPM"})
    void samplesHaveTheDistributionOfTheData(DiffusionProcess process, DiffusionSampler sampler) {
        float[] values = run(process, UNGUIDED.withSampler(sampler).withSteps(500), 60, null);
        double mean = 0;
        double square = 0;
        double neighbours = 0;
        for (int i = 0; i < values.length; i++) {
            double off = values[i] - GaussianGenerator.mean(0);
            mean += off / values.length;
            square += off * off / values.length;
            neighbours += off * (values[(i + 1) % values.length] - GaussianGenerator.mean(0)) / values.length;
        }
        assertEquals(0, mean, 0.013); // 4 deviations of the mean
        assertEquals(GaussianGenerator.DEVIATION, Math.sqrt(square), 0.01);
        assertEquals(0, neighbours, 0.003);
    }

    /** The mean of a step of DDPM, over its fresh noise, is that of the known distribution. */
    @Test
    void ddpmStepsHaveTheMeanOfTheEarlierState() {
        DiffusionProcess process = DiffusionProcess.COSINE_V;
        float[] noise = new float[60 * 1000];
        Arrays.fill(noise, 0.7f);
        List<float[]> states = new ArrayList<>();
        Denoising denoising = new Denoising(new GaussianGenerator(process),
                UNGUIDED.withSampler(DiffusionSampler.DDPM).withSteps(2), Collections.nCopies(1000, "bright"));
        denoising.noise(1); // positions the fresh noise
        denoising.run(noise, null, (step, steps, images) -> {
            if (step == 1) {
                states.add(values(images.get()));
            }
        });
        float[] sorted = states.getFirst();
        Arrays.sort(sorted);
        double mean = sorted[sorted.length / 2]; // of a normal distribution; pictures are clamped, which keeps it
        double alpha = process.alpha(1);
        double sigma = process.sigma(1);
        double earlierAlpha = process.alpha(0.5);
        double earlierSigma = process.sigma(0.5);
        double spread = GaussianGenerator.DEVIATION * GaussianGenerator.DEVIATION;
        double image = GaussianGenerator.mean(0)
                + alpha * spread * (0.7 - alpha * GaussianGenerator.mean(0)) / (alpha * alpha * spread + sigma * sigma);
        double ratio = alpha / earlierAlpha;
        double step = sigma * sigma - ratio * ratio * earlierSigma * earlierSigma;
        double expected = (ratio * earlierSigma * earlierSigma * 0.7 + earlierAlpha * step * image) / (sigma * sigma);
        assertEquals(expected, mean, 0.01);
    }

    private static float[] values(List<BitImage> pictures) {
        float[] values = new float[pictures.size() * 60];
        for (int i = 0; i < pictures.size(); i++) {
            float[] picture = pictures.get(i).toFloats();
            for (int k = 0; k < picture.length; k++) {
                values[i * 60 + k] = 2 * picture[k] - 1;
            }
        }
        return values;
    }

    @ParameterizedTest
    @EnumSource(DiffusionProcess.class)
    void processesAreTakenApart(DiffusionProcess process) {
        for (double t : new double[] {0, 0.01, 0.3, 0.5, 0.99, 1}) {
            double x = process.alpha(t) * 0.3 + process.sigma(t) * 1.7;
            double prediction = process.imageShare(t) * 0.3 + process.noiseShare(t) * 1.7;
            assertEquals(0.3, process.imageFromState(t) * x + process.imageFromPrediction(t) * prediction, 1e-9);
            assertTrue(process.alpha(t) >= 0 && process.alpha(t) <= 1 && process.sigma(t) <= 1);
        }
        assertEquals(1, process.alpha(0));
        assertEquals(0, process.sigma(0));
        assertEquals(1, process.sigma(1), 1e-4);
    }

    @ParameterizedTest
    @EnumSource(DiffusionSampler.class)
    void pictureDependsOnSeedIndexAndClassAlone(DiffusionSampler sampler) {
        ImageGenerator model = new GaussianGenerator(
                sampler.fits(DiffusionProcess.COSINE_V) ? DiffusionProcess.COSINE_V : DiffusionProcess.RECTIFIED_FLOW);
        DiffusionOptions options = DiffusionOptions.DEFAULT.withSampler(sampler).withSteps(5);
        List<BitImage> many = model.generate("bright", 700, 9, options); // more than the network computes at a time
        assertEquals(many.subList(0, 3), model.generate("bright", 3, 9, options));
        List<BitImage> mixed = model.generate(Arrays.asList("dark", "bright", null), 9, options, NOBODY);
        assertEquals(many.get(1), mixed.get(1));
        assertNotEquals(many.get(0), mixed.get(0));
        assertNotEquals(many.get(0), many.get(1));
        assertNotEquals(many.get(0), model.generate("bright", 1, 10, options).getFirst());
    }

    @Test
    void guidanceGoesFromNothingInParticularThroughTheClassAndBeyond() {
        double[] means = new double[4];
        for (int guidance = 0; guidance < 4; guidance++) {
            Denoising denoising = new Denoising(new GaussianGenerator(DiffusionProcess.RECTIFIED_FLOW),
                    DiffusionOptions.DEFAULT.withGuidance(guidance), Collections.nCopies(200, "bright"));
            float[] x = denoising.run(denoising.noise(1), null, NOBODY);
            means[guidance] = IntStream.range(0, x.length).mapToDouble(i -> x[i]).average().orElseThrow();
        }
        assertEquals(0, means[0], 0.01);
        assertEquals(0.1, means[1], 0.01);
        assertEquals(0.2, means[2], 0.01);
        assertEquals(0.3, means[3], 0.01);
        Denoising away = new Denoising(new GaussianGenerator(DiffusionProcess.RECTIFIED_FLOW),
                DiffusionOptions.DEFAULT.withNegative("dark"), Collections.nCopies(200, "bright"));
        float[] x = away.run(away.noise(1), null, NOBODY);
        assertEquals(0.3, IntStream.range(0, x.length).mapToDouble(i -> x[i]).average().orElseThrow(), 0.01);
    }

    @Test
    void guidanceAtSomeTimesOnly() {
        ImageGenerator model = new GaussianGenerator(DiffusionProcess.RECTIFIED_FLOW);
        DiffusionOptions always = DiffusionOptions.DEFAULT.withSteps(4);
        List<BitImage> guided = model.generate("bright", 3, 1, always);
        List<BitImage> plain = model.generate("bright", 3, 1, always.withGuidance(1f));
        assertEquals(guided, model.generate("bright", 3, 1, always.withGuidedTimes(0.25f, 1f))); // steps at 1 ... 0.25
        assertEquals(plain, model.generate("bright", 3, 1, always.withGuidedTimes(0f, 0.2f)));
        List<BitImage> some = model.generate("bright", 3, 1, always.withGuidedTimes(0.5f, 0.75f));
        assertNotEquals(guided, some);
        assertNotEquals(plain, some);
    }

    @Test
    void knownPixelsStayAndUnknownOnesAreFilled() {
        ImageGenerator model = new GaussianGenerator(DiffusionProcess.RECTIFIED_FLOW);
        BitImage picture = model.generate("dark", 1, 5).getFirst();
        boolean[] unknown = new boolean[20];
        Arrays.fill(unknown, 10, 20, true);
        List<BitImage> filled = model.inpaint(picture, unknown, "bright", 3, 8, DiffusionOptions.DEFAULT);
        for (BitImage image : filled) {
            assertArrayEquals(Arrays.copyOf(picture.toRgb(), 30), Arrays.copyOf(image.toRgb(), 30));
            assertFalse(Arrays.equals(picture.toRgb(), 30, 60, image.toRgb(), 30, 60));
        }
        assertEquals(3, filled.stream().distinct().count());
    }

    @ParameterizedTest
    @EnumSource(DiffusionSampler.class)
    void interpolationStartsAndEndsWithTheSeeds(DiffusionSampler sampler) {
        ImageGenerator model = new GaussianGenerator(
                sampler.fits(DiffusionProcess.COSINE_V) ? DiffusionProcess.COSINE_V : DiffusionProcess.RECTIFIED_FLOW);
        DiffusionOptions options = DiffusionOptions.DEFAULT.withSampler(sampler);
        List<BitImage> between = model.interpolate("dark", 1, 2, 5, options);
        assertEquals(model.generate("dark", 1, 1, options).getFirst(), between.getFirst());
        assertEquals(model.generate("dark", 1, 2, options).getFirst(), between.getLast());
        assertEquals(5, between.stream().distinct().count());
    }

    @Test
    void stepsAreReportedWithPictures() {
        ImageGenerator model = new GaussianGenerator(DiffusionProcess.RECTIFIED_FLOW);
        List<String> calls = new ArrayList<>();
        List<BitImage> last = new ArrayList<>();
        List<BitImage> found = model.generate(List.of("dark", "bright"), 4, UNGUIDED.withSteps(3),
                (step, steps, images) -> {
                    calls.add(step + "/" + steps);
                    last.clear();
                    last.addAll(images.get());
                });
        assertEquals(List.of("1/3", "2/3", "3/3"), calls);
        assertEquals(found, last);
        IllegalStateException stop = new IllegalStateException("enough");
        assertEquals(stop, assertThrows(IllegalStateException.class, () -> model.generate(List.of("dark"), 4, UNGUIDED,
                (step, steps, images) -> {
                    throw stop;
                })));
    }

    @Test
    void interruptionEndsTheGeneration() {
        ImageGenerator model = new GaussianGenerator(DiffusionProcess.RECTIFIED_FLOW);
        Thread.currentThread().interrupt();
        assertTrue(assertThrows(CancellationException.class, () -> model.generate("dark", 1, 1)).getMessage()
                .contains("interrupted at time 1.0"));
        assertTrue(Thread.interrupted());
    }

    @Test
    void badArgumentsAreNamed() {
        ImageGenerator model = new GaussianGenerator(DiffusionProcess.RECTIFIED_FLOW);
        refused("'yellow'", () -> model.generate("yellow", 1, 1));
        refused("'yellow'", () -> model.generate("dark", 1, 1, UNGUIDED.withNegative("yellow")));
        refused("0 images, expected at least 1", () -> model.generate("dark", 0, 1));
        refused("no labels", () -> model.generate(List.of(), 1, UNGUIDED, NOBODY));
        refused("the sampler DDIM does not fit a model of the process RECTIFIED_FLOW; use EULER",
                () -> model.generate("dark", 1, 1, UNGUIDED.withSampler(DiffusionSampler.DDIM)));
        refused("steps", () -> UNGUIDED.withSteps(0));
        refused("guidance", () -> UNGUIDED.withGuidance(-1f));
        refused("guidance", () -> UNGUIDED.withGuidance(Float.NaN));
        refused("guided times is 0.5 to 0.4", () -> UNGUIDED.withGuidedTimes(0.5f, 0.4f));
        refused("guided times", () -> UNGUIDED.withGuidedTimes(-0.1f, 0.4f));
        refused("guided times", () -> UNGUIDED.withGuidedTimes(0.1f, Float.NaN));
        refused("1 images, expected at least 2", () -> model.interpolate("dark", 1, 2, 1, UNGUIDED));
        refused("7 marks", () -> model.inpaint(model.generate("dark", 1, 1).getFirst(), new boolean[7], "dark", 1, 1,
                UNGUIDED));
        refused("2147483647 images of 60 values, expected at most 8388608 at a time",
                () -> model.generate("dark", Integer.MAX_VALUE, 1));
        missing("options", () -> model.generate("dark", 1, 1, null));
        missing("listener", () -> model.generate(List.of("dark"), 1, UNGUIDED, null));
        missing("labels", () -> model.generate((List<String>) null, 1, UNGUIDED, NOBODY));
        missing("picture", () -> model.inpaint(null, new boolean[20], "dark", 1, 1, UNGUIDED));
        missing("unknown", () -> model.inpaint(model.generate("dark", 1, 1).getFirst(), null, "dark", 1, 1, UNGUIDED));
        model.train();
        assertTrue(assertThrows(IllegalStateException.class, () -> model.generate("dark", 1, 1)).getMessage()
                .contains("call eval() or deploy() first"));
    }

    private static void missing(String name, Executable action) {
        String message = assertThrows(NullPointerException.class, action).getMessage();
        assertTrue(message.endsWith(": " + name), message);
    }

    private static void refused(String part, Executable action) {
        String message = assertThrows(IllegalArgumentException.class, action).getMessage();
        assertTrue(message.contains(part), message);
    }
}
