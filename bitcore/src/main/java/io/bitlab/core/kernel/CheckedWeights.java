package io.bitlab.core.kernel;

import io.bitlab.core.kernel.schedule.RowParts;
import io.bitlab.core.quant.TernaryMatrix;

/** Weights in the layout of a {@link CheckedKernel}, or after a failure of its substitute. */
final class CheckedWeights implements PackedWeights, RowParts {

    private final CheckedKernel kernel;
    private final TernaryKernel substitute;
    private volatile PackedWeights packed;

    CheckedWeights(CheckedKernel kernel, TernaryKernel substitute, PackedWeights packed) {
        this.kernel = kernel;
        this.substitute = substitute;
        this.packed = packed;
    }

    /** The weights in their present layout. */
    PackedWeights packed() {
        return packed;
    }

    /** Replaces the layout by the substitute's. */
    synchronized PackedWeights repacked() {
        if (packed.kernel() != substitute) {
            packed = substitute.pack(packed.unpack());
        }
        return packed;
    }

    @Override
    public TernaryKernel kernel() {
        return kernel;
    }

    @Override
    public int outFeatures() {
        return packed.outFeatures();
    }

    @Override
    public int inFeatures() {
        return packed.inFeatures();
    }

    @Override
    public int partRows() {
        return packed instanceof RowParts parts ? parts.partRows() : kernel.rowAlignment();
    }

    @Override
    public long bytes() {
        return packed.bytes();
    }

    @Override
    public TernaryMatrix unpack() {
        return packed.unpack();
    }

    /** For messages about missing memory. */
    @Override
    public String toString() {
        return "weights (" + inFeatures() + " -> " + outFeatures() + ")";
    }
}
