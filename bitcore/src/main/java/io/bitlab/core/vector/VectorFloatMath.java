package io.bitlab.core.vector;

import io.bitlab.core.math.ActivationFunction;
import io.bitlab.core.math.Bfloat16;
import io.bitlab.core.math.FloatMath;
import io.bitlab.core.math.SumTree;
import io.bitlab.core.vector.VectorGemm.Operand;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorShuffle;
import jdk.incubator.vector.VectorSpecies;

/** {@link FloatMath} in the widest vectors of this machine; the same bits as the scalar form. Needs hardware FMA. */
public final class VectorFloatMath implements FloatMath {

    private static final VectorSpecies<Float> F = FloatVector.SPECIES_PREFERRED;
    private static final int VL = F.length();
    private static final int PARTIALS = SumTree.PARTIALS;
    /** Brings lane 8, or 4, to lane 0. */
    private static final VectorShuffle<Float> FROM_EIGHT = VectorShuffle.iota(F, VL / 2, 1, true);
    private static final VectorShuffle<Float> FROM_FOUR = VectorShuffle.iota(F, Math.min(4, VL / 2), 1, true);
    /** The number of each lane, to make masks. Those of {@code indexInRange} are slow on AVX2. */
    private static final FloatVector LANES = FloatVector.zero(F).addIndex(1);
    /** Up to this many rows times a transposed B, chains of single floats are faster than copying B. */
    private static final int ROWS_WITHOUT_PACKING = 3;

    /** For {@code VectorPlatform.counterpartOf}. */
    public VectorFloatMath() {
    }

    @Override
    public void gemm(int m, int n, int k, float[] a, int aOffset, float[] b, int bOffset, float[] c, int cOffset,
            boolean accumulate) {
        VectorGemm.multiply(m, n, k, new Operand(a, aOffset, k, 1), new Operand(b, bOffset, n, 1), c, cOffset,
                accumulate);
    }

    @Override
    public void gemmTransposedA(int m, int n, int k, float[] a, int aOffset, float[] b, int bOffset, float[] c,
            int cOffset, boolean accumulate) {
        VectorGemm.multiply(m, n, k, new Operand(a, aOffset, 1, m), new Operand(b, bOffset, n, 1), c, cOffset,
                accumulate);
    }

    @Override
    public void gemmTransposedB(int m, int n, int k, float[] a, int aOffset, float[] b, int bOffset, float[] c,
            int cOffset, boolean accumulate) {
        if (m <= ROWS_WITHOUT_PACKING) {
            RowTimesTransposed.multiply(m, n, k, a, aOffset, b, bOffset, c, cOffset, accumulate);
        } else {
            VectorGemm.multiply(m, n, k, new Operand(a, aOffset, k, 1), new Operand(b, bOffset, 1, k), c, cOffset,
                    accumulate);
        }
    }

    @Override
    public void gemmPart(int m, int n, int k, float[] a, int aOffset, int aRow, int aColumn, float[] b, int bOffset,
            int bRow, float[] c, int cOffset, int cRow, boolean accumulate) {
        VectorGemm.multiplyPart(m, n, k, a, aOffset, aRow, aColumn, b, bOffset, bRow, c, cOffset, cRow, accumulate);
    }

    // Partial sums 0 to 15 are the lanes of one vector of 512 bits, two of 256 or four of 128. VL is a constant, so the
    // vectors that a width doesn't use cost nothing.

    @Override
    public float sum(float[] x, int offset, int length) {
        FloatVector s0 = FloatVector.zero(F);
        FloatVector s1 = FloatVector.zero(F);
        FloatVector s2 = FloatVector.zero(F);
        FloatVector s3 = FloatVector.zero(F);
        int whole = length - length % PARTIALS;
        for (int i = offset; i < offset + whole; i += PARTIALS) {
            s0 = s0.add(FloatVector.fromArray(F, x, i));
            if (VL < 16) {
                s1 = s1.add(FloatVector.fromArray(F, x, i + VL));
            }
            if (VL < 8) {
                s2 = s2.add(FloatVector.fromArray(F, x, i + 2 * VL));
                s3 = s3.add(FloatVector.fromArray(F, x, i + 3 * VL));
            }
        }
        int end = offset + whole;
        int rest = length - whole;
        if (rest > 0 && end + PARTIALS <= x.length) {
            s0 = s0.blend(s0.add(FloatVector.fromArray(F, x, end)), LANES.lt(rest));
            if (VL < 16) {
                s1 = s1.blend(s1.add(FloatVector.fromArray(F, x, end + VL)), LANES.lt(rest - VL));
            }
            if (VL < 8) {
                s2 = s2.blend(s2.add(FloatVector.fromArray(F, x, end + 2 * VL)), LANES.lt(rest - 2 * VL));
                s3 = s3.blend(s3.add(FloatVector.fromArray(F, x, end + 3 * VL)), LANES.lt(rest - 3 * VL));
            }
            rest = 0;
        }
        if (rest == 0) { // the tree of SumTree in registers, without an array
            if (VL == 16) {
                s0 = s0.add(s0.rearrange(FROM_EIGHT));
                s0 = s0.add(s0.rearrange(FROM_FOUR));
            } else if (VL == 8) {
                s0 = s0.add(s1);
                s0 = s0.add(s0.rearrange(FROM_FOUR));
            } else {
                s0 = s0.add(s2).add(s1.add(s3));
            }
            return s0.lane(0) + s0.lane(2) + (s0.lane(1) + s0.lane(3));
        }
        // Stored here, since vectors that are passed to a method may be boxed.
        float[] partials = new float[PARTIALS];
        s0.intoArray(partials, 0);
        if (VL < 16) {
            s1.intoArray(partials, VL);
        }
        if (VL < 8) {
            s2.intoArray(partials, 2 * VL);
            s3.intoArray(partials, 3 * VL);
        }
        for (int i = whole; i < length; i++) {
            partials[i % PARTIALS] += x[offset + i];
        }
        return SumTree.add(partials);
    }

    @Override
    public float dot(float[] a, int aOffset, float[] b, int bOffset, int length) {
        FloatVector s0 = FloatVector.zero(F);
        FloatVector s1 = FloatVector.zero(F);
        FloatVector s2 = FloatVector.zero(F);
        FloatVector s3 = FloatVector.zero(F);
        int whole = length - length % PARTIALS;
        for (int i = 0; i < whole; i += PARTIALS) {
            int ai = aOffset + i;
            int bi = bOffset + i;
            s0 = FloatVector.fromArray(F, a, ai).fma(FloatVector.fromArray(F, b, bi), s0);
            if (VL < 16) {
                s1 = FloatVector.fromArray(F, a, ai + VL).fma(FloatVector.fromArray(F, b, bi + VL), s1);
            }
            if (VL < 8) {
                s2 = FloatVector.fromArray(F, a, ai + 2 * VL).fma(FloatVector.fromArray(F, b, bi + 2 * VL), s2);
                s3 = FloatVector.fromArray(F, a, ai + 3 * VL).fma(FloatVector.fromArray(F, b, bi + 3 * VL), s3);
            }
        }
        int aEnd = aOffset + whole;
        int bEnd = bOffset + whole;
        int rest = length - whole;
        if (rest > 0 && aEnd + PARTIALS <= a.length && bEnd + PARTIALS <= b.length) {
            s0 = s0.blend(FloatVector.fromArray(F, a, aEnd).fma(FloatVector.fromArray(F, b, bEnd), s0), LANES.lt(rest));
            if (VL < 16) {
                s1 = s1.blend(FloatVector.fromArray(F, a, aEnd + VL).fma(FloatVector.fromArray(F, b, bEnd + VL), s1),
                        LANES.lt(rest - VL));
            }
            if (VL < 8) {
                s2 = s2.blend(FloatVector.fromArray(F, a, aEnd + 2 * VL)
                        .fma(FloatVector.fromArray(F, b, bEnd + 2 * VL), s2), LANES.lt(rest - 2 * VL));
                s3 = s3.blend(FloatVector.fromArray(F, a, aEnd + 3 * VL)
                        .fma(FloatVector.fromArray(F, b, bEnd + 3 * VL), s3), LANES.lt(rest - 3 * VL));
            }
            rest = 0;
        }
        if (rest == 0) { // the tree of SumTree in registers, without an array
            if (VL == 16) {
                s0 = s0.add(s0.rearrange(FROM_EIGHT));
                s0 = s0.add(s0.rearrange(FROM_FOUR));
            } else if (VL == 8) {
                s0 = s0.add(s1);
                s0 = s0.add(s0.rearrange(FROM_FOUR));
            } else {
                s0 = s0.add(s2).add(s1.add(s3));
            }
            return s0.lane(0) + s0.lane(2) + (s0.lane(1) + s0.lane(3));
        }
        // Stored here, since vectors that are passed to a method may be boxed.
        float[] partials = new float[PARTIALS];
        s0.intoArray(partials, 0);
        if (VL < 16) {
            s1.intoArray(partials, VL);
        }
        if (VL < 8) {
            s2.intoArray(partials, 2 * VL);
            s3.intoArray(partials, 3 * VL);
        }
        for (int i = whole; i < length; i++) {
            partials[i % PARTIALS] = Math.fma(a[aOffset + i], b[bOffset + i], partials[i % PARTIALS]);
        }
        return SumTree.add(partials);
    }

    @Override
    public void apply(ActivationFunction f, float[] x, int xOffset, float[] y, int yOffset, int length) {
        VectorActivationFunctions.apply(f, x, xOffset, y, yOffset, length);
    }

    @Override
    public void applyGradient(ActivationFunction f, float[] g, int gOffset, float[] x, int xOffset, float[] y,
            int yOffset,
            float[] dx, int dxOffset, int length) {
        VectorActivationFunctions.addGradient(f, g, gOffset, x, xOffset, y, yOffset, dx, dxOffset, length);
    }

    @Override
    public void widen(short[] x, int xOffset, float[] y, int yOffset, int length) {
        int whole = length - length % VL;
        for (int i = 0; i < whole; i += VL) {
            VectorEmbeddingLoops.widened(x, xOffset + i).intoArray(y, yOffset + i);
        }
        for (int i = whole; i < length; i++) {
            y[yOffset + i] = Bfloat16.toFloat(x[xOffset + i]);
        }
    }

    @Override
    public void widen(byte[] x, int xOffset, float[] scales, int scalesOffset, boolean ofRows, int rows, int columns,
            float[] y, int yOffset) {
        // at 128 bits, twice as many bytes are loaded as a vector takes: none beyond the array
        int readable = x.length - (VectorEmbeddingLoops.BYTES_LOADED - VL);
        for (int r = 0; r < rows; r++) {
            int from = xOffset + r * columns;
            int to = yOffset + r * columns;
            int whole = Math.max(0, Math.min(columns, readable - from) / VL * VL);
            if (ofRows) {
                widenRow(x, from, scales[scalesOffset + r], whole, y, to);
            } else {
                widenRow(x, from, scales, scalesOffset, whole, y, to);
            }
            for (int c = whole; c < columns; c++) {
                y[to + c] = x[from + c] * scales[scalesOffset + (ofRows ? r : c)];
            }
        }
    }

    private static void widenRow(byte[] x, int from, float scale, int whole, float[] y, int to) {
        for (int c = 0; c < whole; c += VL) {
            VectorEmbeddingLoops.widenedBytes(x, from + c).mul(scale).intoArray(y, to + c);
        }
    }

    private static void widenRow(byte[] x, int from, float[] scales, int scalesAt, int whole, float[] y, int to) {
        for (int c = 0; c < whole; c += VL) {
            VectorEmbeddingLoops.widenedBytes(x, from + c).mul(FloatVector.fromArray(F, scales, scalesAt + c))
                    .intoArray(y, to + c);
        }
    }

    @Override
    public void axpy(float factor, float[] x, int xOffset, float[] y, int yOffset, int length) {
        int whole = length - length % VL;
        FloatVector a = FloatVector.broadcast(F, factor);
        for (int i = 0; i < whole; i += VL) {
            FloatVector.fromArray(F, x, xOffset + i).fma(a, FloatVector.fromArray(F, y, yOffset + i))
                    .intoArray(y, yOffset + i);
        }
        for (int i = whole; i < length; i++) {
            y[yOffset + i] = Math.fma(factor, x[xOffset + i], y[yOffset + i]);
        }
    }

    @Override
    public void addProducts(float factor, float[] a, int aOffset, float[] b, int bOffset, float[] y, int yOffset,
            int length) {
        int whole = length - length % VL;
        for (int i = 0; i < whole; i += VL) {
            FloatVector products =
                    FloatVector.fromArray(F, a, aOffset + i).mul(FloatVector.fromArray(F, b, bOffset + i));
            FloatVector.fromArray(F, y, yOffset + i).add(products.mul(factor)).intoArray(y, yOffset + i);
        }
        for (int i = whole; i < length; i++) {
            y[yOffset + i] += a[aOffset + i] * b[bOffset + i] * factor;
        }
    }

    @Override
    public void max(float[] x, int xOffset, float[] y, int yOffset, int length) {
        int whole = length - length % VL;
        for (int i = 0; i < whole; i += VL) {
            FloatVector.fromArray(F, x, xOffset + i).max(FloatVector.fromArray(F, y, yOffset + i))
                    .intoArray(y, yOffset + i);
        }
        for (int i = whole; i < length; i++) {
            y[yOffset + i] = Math.max(x[xOffset + i], y[yOffset + i]);
        }
    }

    @Override
    public float rmsNorm(float[] x, int xOffset, float[] w, float eps, float[] y, int yOffset, int length) {
        float inverse = 1f / (float) Math.sqrt(dot(x, xOffset, x, xOffset, length) / length + eps);
        int whole = length - length % VL;
        for (int i = 0; i < whole; i += VL) {
            FloatVector.fromArray(F, x, xOffset + i).mul(inverse).mul(FloatVector.fromArray(F, w, i))
                    .intoArray(y, yOffset + i);
        }
        for (int i = whole; i < length; i++) {
            y[yOffset + i] = x[xOffset + i] * inverse * w[i];
        }
        return inverse;
    }
}
