package io.bitlab.core.kernel;

import io.bitlab.core.BitQuantConfig;
import io.bitlab.core.memory.Workspace;
import io.bitlab.core.quant.Activations;
import io.bitlab.core.quant.FloatActivations;
import io.bitlab.core.quant.QuantizedActivations;
import io.bitlab.core.quant.QuantizedPatches;
import io.bitlab.core.quant.TernaryMatrix;
import java.util.Optional;

/**
 * The reference: multiplies one trit after another, in every configuration, on every machine. Written for reading, it
 * is the definition in code of what {@link TernaryKernel} says in words; every other kernel must equal it to the bit.
 */
final class ScalarKernel implements TernaryKernel {

    @Override
    public String name() {
        return "scalar";
    }

    @Override
    public boolean isVectorized() {
        return false;
    }

    @Override
    public int priority() {
        return 0;
    }

    @Override
    public Optional<String> refusal(BitQuantConfig config, int out, int in) {
        return Optional.empty();
    }

    @Override
    public PackedWeights pack(TernaryMatrix weights) {
        return new Weights(this, weights);
    }

    @Override
    public PreparedActivations prepare(Activations activations) {
        return new Prepared(this, activations instanceof QuantizedPatches patches
                ? patches.unfold(0, patches.rows()) : activations);
    }

    @Override
    public void compute(
            PackedWeights weights, PreparedActivations activations, float[] bias, float[] y, int fromOut, int toOut) {
        Weights w = (Weights) weights;
        Prepared x = (Prepared) activations;
        int out = w.outFeatures();
        byte[] trits = Workspace.bytes(w.inFeatures());
        for (int o = fromOut; o < toOut; o++) {
            w.matrix().unpackRow(o, trits, 0);
            float b = bias == null ? 0 : bias[o];
            for (int row = 0; row < x.rows(); row++) {
                y[row * out + o] = switch (x.activations()) {
                    case QuantizedActivations a -> weighted(w.matrix(), o, trits, a, row) * a.scale(row) + b;
                    case FloatActivations a -> weighted(w.matrix(), o, trits, a, row) + b;
                    case QuantizedPatches a -> throw new IllegalStateException(a + " were not unfolded");
                };
            }
        }
    }

    /** The sum over blocks of weights times activations times the scale of the block. */
    private static float weighted(TernaryMatrix matrix, int o, byte[] trits, Activations activations, int row) {
        float total = 0;
        for (int block = 0; block < matrix.blocks(); block++) {
            int from = block * matrix.blockColumns();
            int to = Math.min(from + matrix.blockColumns(), trits.length);
            float sum = switch (activations) {
                case QuantizedActivations a -> (float) integerSum(trits, from, to, a.values(), row * trits.length);
                case FloatActivations a -> pairSum(trits, from, to, a.values(), row * trits.length);
                case QuantizedPatches a -> throw new IllegalStateException(a + " were not unfolded");
            };
            float product = sum * matrix.scale(o, block);
            // Not 0 + product for the first: that would turn a product of -0 into +0.
            total = block == 0 ? product : total + product;
        }
        return total;
    }

    /** The exact sum over columns {@code from} to {@code to - 1}; {@code start} is where the activation row begins. */
    private static int integerSum(byte[] trits, int from, int to, byte[] activations, int start) {
        int sum = 0;
        for (int i = from; i < to; i++) {
            sum += trits[i] * activations[start + i];
        }
        return sum;
    }

    /** The sum over columns {@code from} to {@code to - 1}, in the order that {@link TernaryKernel} defines. */
    private static float pairSum(byte[] trits, int from, int to, float[] activations, int start) {
        float sum = 0;
        int i = from;
        for (; i + 1 < to; i += 2) {
            sum += trits[i] * activations[start + i] + trits[i + 1] * activations[start + i + 1];
        }
        if (i < to) {
            sum += trits[i] * activations[start + i] + 0f;
        }
        return sum;
    }

    /** The scalar layout: the canonical matrix itself. */
    private record Weights(TernaryKernel kernel, TernaryMatrix matrix) implements PackedWeights {
        @Override
        public int outFeatures() {
            return matrix.outFeatures();
        }

        @Override
        public int inFeatures() {
            return matrix.inFeatures();
        }

        @Override
        public long bytes() {
            return matrix.bytes();
        }

        @Override
        public TernaryMatrix unpack() {
            return matrix;
        }
    }

    /** The activations as they are. */
    private record Prepared(TernaryKernel kernel, Activations activations) implements PreparedActivations {
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
