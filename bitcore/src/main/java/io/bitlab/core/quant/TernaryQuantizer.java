package io.bitlab.core.quant;

import io.bitlab.core.Granularity;
import io.bitlab.core.WeightScale;
import io.bitlab.core.internal.MatrixShape;
import io.bitlab.core.parallel.Parallel;
import io.bitlab.core.quant.loops.QuantizerLoops;
import java.util.Arrays;

/**
 * Rounds float weights {@code [out, in]} to -1, 0 and +1.
 *
 * {@snippet class="io.bitlab.core.snippets.QuantSnippets" region="weights"}
 *
 * <p>For each group of weights that shares a scale:
 *
 * <pre>
 * scale = max(measure(abs(W)), 1e-5)                   computed in double, rounded to float32
 * trit  = rint(clamp(W * (1 / scale), -1, 1))          in float32; rint rounds half to even
 * </pre>
 *
 * <p>With the mean as the measure, this is BitNet b1.58 (arXiv:2402.17764, equations 1 to 3), with a lower bound on the
 * scale in place of the term that the paper adds to it.
 */
public final class TernaryQuantizer {
    /** Keeps the scale of an all-zero row above zero. */
    private static final double SMALLEST_SCALE = 1e-5;
    /** Weights that a thread rounds at a time. */
    private static final int ROUNDED_TOGETHER = 4096;
    /** Weights that are added up in one sum; these sums are added in order, so threads don't change the total. */
    private static final int SUMMED_TOGETHER = 1 << 14;

    private static final QuantizerLoops LOOPS = QuantizerLoops.get();

    private TernaryQuantizer() {
    }

    /**
     * Quantises a weight matrix.
     *
     * @param w {@code [out, in]}, row-major; not modified
     * @param out output features, at least 1
     * @param in input features, at least 1
     * @param granularity {@link Granularity#PER_TENSOR}: one scale. {@link Granularity#PER_CHANNEL}: one for each row
     * @param weightScale the measure that gives the scale
     * @return the ternary weights
     * @throws IllegalArgumentException if a size is wrong, the granularity is PER_SAMPLE, or a weight is NaN or
     *     infinite: the message names the row, column and value
     */
    public static TernaryMatrix quantize(float[] w, int out, int in, Granularity granularity, WeightScale weightScale) {
        MatrixShape.check("TernaryQuantizer", out, in, w.length);
        if (granularity == Granularity.PER_SAMPLE) {
            throw new IllegalArgumentException("TernaryQuantizer: granularity is PER_SAMPLE, and weights have no "
                    + "samples; expected PER_TENSOR or PER_CHANNEL");
        }
        int groups = granularity == Granularity.PER_CHANNEL ? out : 1;
        int groupSize = w.length / groups;
        byte[] trits = new byte[w.length]; // kept by the matrix, which may outlive a workspace
        float[] scales = new float[groups];
        for (int group = 0; group < groups; group++) {
            int from = group * groupSize;
            int to = from + groupSize;
            double measure = measure(w, from, to, weightScale);
            // Mean and maximum propagate NaN and infinity, and the median checks: weights need no separate check.
            if (!Double.isFinite(measure)) {
                throw notFinite(w, from, out, in);
            }
            float scale = (float) Math.max(measure, SMALLEST_SCALE);
            float reciprocal = 1 / scale;
            Parallel.current().forRange(groupSize, ROUNDED_TOGETHER, groupSize / 4,
                    (first, end) -> LOOPS.ternarize(w, from + first, from + end, reciprocal, trits));
            scales[group] = scale;
        }
        return TernaryMatrix.ofRounded(trits, out, in, scales);
    }

    /** The measure of {@code abs(w[from..to))}; NaN or infinite if and only if a weight is. */
    private static double measure(float[] w, int from, int to, WeightScale weightScale) {
        return switch (weightScale) {
            case ABS_MEAN -> absSum(w, from, to) / (to - from);
            case ABS_MEDIAN -> absMedian(w, from, to);
            case ABS_MAX -> absMax(w, from, to);
        };
    }

    private static double absSum(float[] w, int from, int to) {
        double[] sums = new double[Math.ceilDiv(to - from, SUMMED_TOGETHER)];
        Parallel.current().forRange(sums.length, 1, (to - from) / 4, (first, end) -> {
            for (int i = first; i < end; i++) {
                int at = from + i * SUMMED_TOGETHER;
                sums[i] = LOOPS.absSum(w, at, Math.min(at + SUMMED_TOGETHER, to));
            }
        });
        double total = 0;
        for (double sum : sums) {
            total += sum;
        }
        return total;
    }

    private static double absMedian(float[] w, int from, int to) {
        float[] sorted = Arrays.copyOfRange(w, from, to);
        for (int i = 0; i < sorted.length; i++) {
            sorted[i] = Math.abs(sorted[i]);
        }
        Arrays.sort(sorted);
        float largest = sorted[sorted.length - 1]; // NaN sorts last
        if (!Float.isFinite(largest)) {
            return largest;
        }
        int middle = sorted.length / 2;
        return sorted.length % 2 == 1 ? sorted[middle] : ((double) sorted[middle - 1] + sorted[middle]) / 2;
    }

    private static double absMax(float[] w, int from, int to) {
        float max = 0;
        for (int i = from; i < to; i++) {
            max = Math.max(max, Math.abs(w[i]));
        }
        return max;
    }

    private static NonFiniteException notFinite(float[] w, int from, int out, int in) {
        int i = from;
        while (Float.isFinite(w[i])) {
            i++;
        }
        return new NonFiniteException("TernaryQuantizer: weight of shape " + out + " x " + in + " has " + w[i]
                + " in row " + i / in + ", column " + i % in + "; weights must be finite. If it comes from training, "
                + "training diverged: go back to an earlier checkpoint and lower the learning rate or clip gradients.");
    }
}
