package io.bitlab.core.kernel;

import io.bitlab.core.ActivationDtype;
import io.bitlab.core.BitQuantConfig;
import io.bitlab.core.memory.Workspace;
import io.bitlab.core.quant.Activations;
import io.bitlab.core.quant.QuantizedActivations;
import io.bitlab.core.quant.TernaryMatrix;
import java.util.Arrays;
import java.util.Optional;

/**
 * Int8 activations in plain Java, for JVMs without the Vector API: loops in a form that C2 vectorises by itself. Two
 * bits a weight in memory.
 *
 * <p>A row of weights is unpacked into 16-bit numbers once, and multiplied with all rows of activations.
 */
final class PlainKernel implements TernaryKernel {

    /** Rows of weights in a 16-bit number, two bits each. */
    private static final int GROUP = 8;

    /**
     * Columns that are multiplied at a time. Long and short stretches have separate, identical loops: C2 unrolls and
     * vectorises a loop by its trip counts so far, and a few small layers would slow all large ones to a third.
     */
    private static final int LONG = 512;

    @Override
    public String name() {
        return "plain";
    }

    @Override
    public boolean isVectorized() {
        return false;
    }

    @Override
    public int priority() {
        return 10;
    }

    @Override
    public Optional<String> refusal(BitQuantConfig config, int out, int in) {
        return config.activationDtype() == ActivationDtype.INT8
                ? Optional.empty()
                : Optional.of("reads int8 activations only: configure them with ActivationDtype.INT8");
    }

    @Override
    public int rowAlignment() {
        return GROUP;
    }

    @Override
    public double nanosPerWeight() {
        return 1 / 6.0;
    }

    @Override
    public PackedWeights pack(TernaryMatrix weights) {
        int out = weights.outFeatures();
        int in = weights.inFeatures();
        long size = (long) Math.ceilDiv(out, GROUP) * in;
        if (size > Integer.MAX_VALUE - 8) {
            throw new IllegalArgumentException("Kernel 'plain': " + weights + " needs " + size
                    + " 16-bit numbers, more than an array holds; split it by rows");
        }
        char[] codes = new char[(int) size];
        byte[] trits = new byte[in];
        for (int o = 0; o < out; o++) {
            weights.unpackRow(o, trits, 0);
            for (int i = 0; i < in; i++) {
                codes[o / GROUP * in + i] |= (char) (trits[i] + 1 << 2 * (o % GROUP));
            }
        }
        return new Weights(this, codes, out, in, weights.scales(), weights.blockColumns());
    }

    @Override
    public PreparedActivations prepare(Activations activations) {
        if (!(activations instanceof QuantizedActivations x)) {
            throw new IllegalArgumentException("Kernel 'plain' reads int8 activations, got " + activations
                    + "; quantise them with ActivationQuantizer");
        }
        byte[] values = x.values();
        short[] wide = Workspace.shorts(values.length);
        for (int i = 0; i < wide.length; i++) {
            wide[i] = values[i];
        }
        return new Prepared(this, x, wide);
    }

    @Override
    public void compute(
            PackedWeights weights, PreparedActivations activations, float[] bias, float[] y, int fromOut, int toOut) {
        Weights w = (Weights) weights;
        Prepared x = (Prepared) activations;
        short[] trits = Workspace.shorts(w.inFeatures());
        int[] sums = Workspace.ints(LONG / 2);
        for (int o = fromOut; o < toOut; o++) {
            w.unpackRow(o, trits);
            for (int row = 0; row < x.rows(); row++) {
                y[row * w.outFeatures() + o] =
                        weighted(w, o, trits, x.wide(), row, sums) * x.activations().scale(row)
                                + (bias == null ? 0 : bias[o]);
            }
        }
    }

    /** The sum over blocks of weights times activations times the scale of the block, as in the scalar kernel. */
    private static float weighted(Weights w, int o, short[] trits, short[] activations, int row, int[] sums) {
        float total = 0;
        for (int block = 0; block < w.blocks(); block++) {
            int from = block * w.blockColumns();
            int to = Math.min(from + w.blockColumns(), trits.length);
            float product = sum(trits, from, to, activations, row * trits.length, sums) * w.scale(o, block);
            total = block == 0 ? product : total + product;
        }
        return total;
    }

    /** The exact sum over columns {@code from} to {@code to - 1}; {@code start} is where the activation row begins. */
    private static int sum(short[] trits, int from, int to, short[] activations, int start, int[] sums) {
        int pairs = Math.min((to - from) / 2, LONG / 2);
        Arrays.fill(sums, 0, pairs, 0);
        int i = from;
        for (; i + LONG <= to; i += LONG) {
            addLong(trits, i, activations, start + i, sums);
        }
        addShort(trits, i, activations, start + i, (to - i) / 2, sums);
        int sum = (to - from) % 2 == 0 ? 0 : trits[to - 1] * activations[start + to - 1];
        return sum + (pairs == LONG / 2 ? total(sums) : total(sums, pairs));
    }

    /** C2 compiles this form to one instruction for the two products and their sum. */
    private static void addLong(short[] w, int wFrom, short[] x, int xFrom, int[] sums) {
        for (int k = 0; k < LONG / 2; k++) {
            sums[k] += w[wFrom + 2 * k] * x[xFrom + 2 * k] + w[wFrom + 2 * k + 1] * x[xFrom + 2 * k + 1];
        }
    }

    private static void addShort(short[] w, int wFrom, short[] x, int xFrom, int pairs, int[] sums) {
        for (int k = 0; k < pairs; k++) {
            sums[k] += w[wFrom + 2 * k] * x[xFrom + 2 * k] + w[wFrom + 2 * k + 1] * x[xFrom + 2 * k + 1];
        }
    }

    /** C2 does not vectorise a sum; two chains at least run in parallel. */
    private static int total(int[] sums) {
        int even = 0;
        int odd = 0;
        for (int k = 0; k < LONG / 2; k += 2) {
            even += sums[k];
            odd += sums[k + 1];
        }
        return even + odd;
    }

    private static int total(int[] sums, int count) {
        int total = 0;
        for (int k = 0; k < count; k++) {
            total += sums[k];
        }
        return total;
    }

    /**
     * Weights of eight rows in each number, {@code [groups of rows, inFeatures]}: row r of a group has bits 2r and
     * 2r + 1.
     *
     * @param codes chars instead of shorts: C2 does not vectorise unpacking from shorts to shorts, since it can't rule
     *     out that the arrays are the same
     */
    private record Weights(TernaryKernel kernel, char[] codes, int outFeatures, int inFeatures, float[] scales,
            int blockColumns) implements PackedWeights {

        int blocks() {
            return Math.ceilDiv(inFeatures, blockColumns);
        }

        float scale(int o, int block) {
            return scales.length == 1 ? scales[0] : scales[o * blocks() + block];
        }

        /** Writes -1, 0 and 1. */
        void unpackRow(int o, short[] trits) {
            if (inFeatures >= LONG) {
                unpackLong(codes, o / GROUP * inFeatures, 2 * (o % GROUP), trits, inFeatures);
            } else {
                unpackShort(codes, o / GROUP * inFeatures, 2 * (o % GROUP), trits, inFeatures);
            }
        }

        private static void unpackLong(char[] codes, int from, int shift, short[] trits, int count) {
            for (int i = 0; i < count; i++) {
                trits[i] = (short) ((codes[from + i] >> shift & 3) - 1);
            }
        }

        private static void unpackShort(char[] codes, int from, int shift, short[] trits, int count) {
            for (int i = 0; i < count; i++) {
                trits[i] = (short) ((codes[from + i] >> shift & 3) - 1);
            }
        }

        @Override
        public long bytes() {
            return (long) codes.length * Character.BYTES + (long) scales.length * Float.BYTES;
        }

        @Override
        public TernaryMatrix unpack() {
            byte[] trits = new byte[outFeatures * inFeatures];
            short[] row = new short[inFeatures];
            for (int o = 0; o < outFeatures; o++) {
                unpackRow(o, row);
                for (int i = 0; i < inFeatures; i++) {
                    trits[o * inFeatures + i] = (byte) row[i];
                }
            }
            return blocks() == 1
                    ? TernaryMatrix.of(trits, outFeatures, inFeatures, scales)
                    : TernaryMatrix.ofBlocks(trits, outFeatures, inFeatures, scales, blockColumns);
        }
    }

    /** The activations as 16-bit numbers. */
    private record Prepared(TernaryKernel kernel, QuantizedActivations activations, short[] wide)
            implements PreparedActivations {
        @Override
        public int rows() {
            return activations.rows();
        }

        @Override
        public int columns() {
            return activations.columns();
        }
    }
}
