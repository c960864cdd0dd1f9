package io.bitlab.cli.data;

import io.bitlab.models.detection.data.BoxedImages;
import io.bitlab.models.image.BitImage;
import io.bitlab.models.image.ImageNormalization;
import java.io.IOException;

/** Mean and deviation of the colours of photographs, from every few pixels of some of them. For one thread. */
public final class ColourStatistics {

    /** Enough photographs to know the mean of their colours. */
    private static final int MEASURED = 200;

    /** Rows and columns of a photograph that are looked at. */
    private static final int MEASURED_LINES = 64;

    private final double[] sum = new double[3];
    private final double[] squares = new double[3];
    private long count;

    private ColourStatistics() {
    }

    /**
     * How to normalise photographs.
     *
     * @param images the photographs
     * @return by their mean and deviation
     * @throws IOException if one can't be read
     */
    public static ImageNormalization normalization(BoxedImages images) throws IOException {
        ColourStatistics statistics = new ColourStatistics();
        int every = Math.ceilDiv(images.size(), MEASURED);
        for (int i = 0; i < images.size(); i += every) {
            statistics.add(images.image(i));
        }
        return statistics.normalization();
    }

    private void add(BitImage image) {
        for (int y = 0; y < image.height(); y += Math.ceilDiv(image.height(), MEASURED_LINES)) {
            for (int x = 0; x < image.width(); x += Math.ceilDiv(image.width(), MEASURED_LINES)) {
                int rgb = image.rgb(x, y);
                for (int channel = 0; channel < 3; channel++) {
                    double value = (rgb >> 16 - 8 * channel & 0xff) / 255.0;
                    sum[channel] += value;
                    squares[channel] += value * value;
                }
                count++;
            }
        }
    }

    private ImageNormalization normalization() {
        float[] mean = new float[3];
        float[] deviation = new float[3];
        for (int channel = 0; channel < 3; channel++) {
            double average = sum[channel] / count;
            mean[channel] = (float) average;
            // at least 0.01, as photographs of one colour would be divided by zero
            deviation[channel] = (float) Math.sqrt(Math.max(1e-4, squares[channel] / count - average * average));
        }
        return ImageNormalization.of(mean, deviation);
    }
}
