package io.bitlab.models.diffusion;

import io.bitlab.core.tensor.Tensor;
import io.bitlab.models.image.ImageFit;
import io.bitlab.models.image.ImageNormalization;
import io.bitlab.models.vision.ClassNames;
import io.bitlab.models.vision.ImageInput;
import java.util.Map;

/**
 * Knows exactly what to predict, for images whose pixels are normally distributed: mean 0.1 in the first class, -0.1 in
 * the second, 0 in none in particular, deviation 0.2.
 */
final class GaussianGenerator extends ImageGenerator {

    static final double DEVIATION = 0.2;
    private static final float[] MEANS = {0.1f, -0.1f, 0f};

    private final Config config;

    /** The configuration; never saved. */
    record Config(DiffusionProcess process) implements ImageGeneratorConfig<GaussianGenerator> {

        @Override
        public ImageInput imageInput() {
            return new ImageInput(4, 5, ImageFit.EXACT, ImageNormalization.SYMMETRIC);
        }

        @Override
        public ClassNames classNames() {
            return ClassNames.of("bright", "dark");
        }

        @Override
        public String modelType() {
            return "gaussian";
        }

        @Override
        public Map<String, Object> toMap() {
            return Map.of();
        }

        @Override
        public GaussianGenerator newModel() {
            return new GaussianGenerator(process);
        }
    }

    GaussianGenerator(DiffusionProcess process) {
        config = new Config(process);
        eval();
    }

    @Override
    public Config config() {
        return config;
    }

    static double mean(int label) {
        return MEANS[label];
    }

    @Override
    protected Tensor prediction(Tensor x, float[] times, int[] labels) {
        float[] values = x.toArray();
        int size = values.length / times.length;
        for (int i = 0; i < values.length; i++) {
            DiffusionProcess process = config.process();
            double t = times[i / size];
            double mean = mean(labels[i / size]);
            double alpha = process.alpha(t);
            double sigma = process.sigma(t);
            double surprise = (values[i] - alpha * mean)
                    / (alpha * alpha * DEVIATION * DEVIATION + sigma * sigma);
            double image = mean + alpha * DEVIATION * DEVIATION * surprise;
            values[i] = (float) (process.imageShare(t) * image + process.noiseShare(t) * sigma * surprise);
        }
        return Tensor.of(values, x.shape());
    }
}
