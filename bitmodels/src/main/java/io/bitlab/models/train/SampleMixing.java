package io.bitlab.models.train;

import io.bitlab.core.math.CounterRandom;
import io.bitlab.core.tensor.Tensor;
import io.bitlab.models.train.BatchAugmentation.Mix;
import java.util.Arrays;
import java.util.stream.IntStream;

/** Mixes the samples of a batch: the formulas of {@link BatchAugmentation}. */
final class SampleMixing {

    private SampleMixing() {
    }

    static void requireAlpha(String change, double alpha) {
        if (!(alpha >= 0.1 && alpha <= 4)) {
            throw new IllegalArgumentException(
                    "BatchAugmentation." + change + ": alpha " + alpha + " is not in [0.1, 4]");
        }
    }

    static Mix mixup(Tensor batch, double alpha, CounterRandom random) {
        float share = (float) beta(alpha, random);
        int[] partners = partners(batch.length(0), random);
        float[] x = batch.data();
        float[] before = x.clone();
        int size = x.length / partners.length;
        for (int i = 0; i < partners.length; i++) {
            for (int at = i * size, from = partners[i] * size; at < (i + 1) * size; at++, from++) {
                x[at] = share * before[at] + (1 - share) * before[from];
            }
        }
        return new Mix(partners, share);
    }

    static Mix cutmix(Tensor batch, double alpha, CounterRandom random) {
        if (batch.rank() < 3) {
            throw new IllegalArgumentException("BatchAugmentation.cutmix: a batch of shape "
                    + Arrays.toString(batch.shape()) + " has no images [..., height, width]; use mixup");
        }
        int width = batch.length(batch.rank() - 1);
        int height = batch.length(batch.rank() - 2);
        double cut = Math.sqrt(1 - beta(alpha, random)); // of each side
        int[] partners = partners(batch.length(0), random);
        int[] rows = range(height, cut, random);
        int[] columns = range(width, cut, random);
        float[] x = batch.data();
        float[] before = x.clone();
        int planes = x.length / (partners.length * height * width);
        for (int plane = 0; plane < partners.length * planes; plane++) {
            int to = plane * height * width;
            int from = (partners[plane / planes] * planes + plane % planes) * height * width;
            for (int row = rows[0]; row < rows[1]; row++) {
                System.arraycopy(before, from + row * width + columns[0], x, to + row * width + columns[0],
                        columns[1] - columns[0]);
            }
        }
        float pasted = (rows[1] - rows[0]) * (columns[1] - columns[0]) / (float) (height * width);
        return new Mix(partners, 1 - pasted);
    }

    /** A part of a side around a random centre, cut off at the borders. */
    private static int[] range(int side, double cut, CounterRandom random) {
        int length = (int) (side * cut);
        int from = random.nextInt(side) - length / 2;
        return new int[] {Math.max(0, from), Math.min(side, from + length)};
    }

    private static int[] partners(int n, CounterRandom random) {
        int[] partners = IntStream.range(0, n).toArray();
        random.shuffle(partners);
        return partners;
    }

    /** Draws from Beta(alpha, alpha) by Jöhnk's rejection (1964); StrictMath, for the same bits on every machine. */
    static double beta(double alpha, CounterRandom random) {
        while (true) {
            double x = StrictMath.pow(random.nextDouble(), 1 / alpha);
            double y = StrictMath.pow(random.nextDouble(), 1 / alpha);
            if (x + y > 0 && x + y <= 1) {
                return x / (x + y);
            }
        }
    }
}
