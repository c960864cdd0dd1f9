package io.bitlab.core.kernel;

import io.bitlab.core.BitQuantConfig;
import io.bitlab.core.quant.Activations;
import io.bitlab.core.quant.TernaryMatrix;
import java.util.Optional;

/** A kernel that answers the registry's questions as told, and multiplies nothing. */
record FakeKernel(String name, boolean isVectorized, int priority, int patchPriority, String why,
        int rowAlignment)
        implements TernaryKernel {

    static FakeKernel named(String name) {
        return new FakeKernel(name, false, 0, 0, null, 1);
    }

    FakeKernel vectorized() {
        return new FakeKernel(name, true, priority, patchPriority, why, rowAlignment);
    }

    FakeKernel withPriority(int other) {
        return new FakeKernel(name, isVectorized, other, other, why, rowAlignment);
    }

    FakeKernel withPatchPriority(int other) {
        return new FakeKernel(name, isVectorized, priority, other, why, rowAlignment);
    }

    /** The reason may have places for the dtype, outputs and inputs that are asked about, as {@link String#format}. */
    FakeKernel refusing(String reason) {
        return new FakeKernel(name, isVectorized, priority, patchPriority, reason, rowAlignment);
    }

    FakeKernel withRowAlignment(int rows) {
        return new FakeKernel(name, isVectorized, priority, patchPriority, why, rows);
    }

    @Override
    public int patchPriority(int out, int in) {
        return patchPriority;
    }

    @Override
    public Optional<String> refusal(BitQuantConfig config, int out, int in) {
        return Optional.ofNullable(why).map(reason -> String.format(reason, config.activationDtype(), out, in));
    }

    @Override
    public PackedWeights pack(TernaryMatrix matrix) {
        return new Weights(this, matrix);
    }

    @Override
    public PreparedActivations prepare(Activations activations) {
        return new Prepared(this, activations.rows(), activations.columns());
    }

    @Override
    public void compute(PackedWeights w, PreparedActivations x, float[] bias, float[] y, int fromOut, int toOut) {
        throw new UnsupportedOperationException("a fake");
    }

    private record Weights(TernaryKernel kernel, TernaryMatrix unpack) implements PackedWeights {
        @Override
        public int outFeatures() {
            return unpack.outFeatures();
        }

        @Override
        public int inFeatures() {
            return unpack.inFeatures();
        }

        @Override
        public long bytes() {
            return unpack.bytes();
        }
    }

    private record Prepared(TernaryKernel kernel, int rows, int columns) implements PreparedActivations {
    }
}
