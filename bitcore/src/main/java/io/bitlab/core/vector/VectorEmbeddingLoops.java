package io.bitlab.core.vector;

import static jdk.incubator.vector.VectorOperators.B2F;
import static jdk.incubator.vector.VectorOperators.LSHL;
import static jdk.incubator.vector.VectorOperators.S2I;

import io.bitlab.core.embedding.loops.EmbeddingLoops;
import io.bitlab.core.math.Fma;
import jdk.incubator.vector.ByteVector;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.ShortVector;
import jdk.incubator.vector.VectorShape;
import jdk.incubator.vector.VectorSpecies;

/**
 * {@link EmbeddingLoops} with one table row per lane. Eight vectors of rows are computed at a time, which gives eight
 * independent chains (four read int8 from memory at 17 GB/s, eight at 26). Every width has a vector loop for every
 * format, with the same bits; the scalar loops run only without FMA in hardware (see {@link Fma}).
 */
public final class VectorEmbeddingLoops implements EmbeddingLoops {

    private static final VectorSpecies<Float> F = FloatVector.SPECIES_PREFERRED;
    private static final VectorSpecies<Integer> I = F.withLanes(int.class);
    private static final int VL = F.length();
    /** Half as wide, because widening shorts to ints doubles the width. */
    private static final VectorSpecies<Short> S =
            VectorSpecies.of(short.class, VectorShape.forBitSize(Math.max(64, F.vectorBitSize() / 2)));
    /**
     * A quarter as wide, because widening bytes to floats quadruples the width. At 128 bits there is no such shape:
     * twice as many bytes are loaded, and half of them used.
     */
    private static final VectorSpecies<Byte> B =
            VectorSpecies.of(byte.class, VectorShape.forBitSize(Math.max(64, F.vectorBitSize() / 4)));
    /** By {@link #widenedBytes}. */
    static final int BYTES_LOADED = B.length();
    private static final boolean HARDWARE_FMA = Fma.isHardware();
    private static final boolean SHORT_LOOKUPS = F.vectorBitSize() == 512;
    /**
     * Rows of a stream. Where eight vectors are less than a block, they are read from two streams: the processor then
     * fetches ahead twice as much, and one thread multiplies int8 from memory at 14 GB/s instead of 10 (256 bits).
     */
    static final int STREAM_ROWS = 8 * VL >= ROWS ? ROWS : 4 * VL;

    private final EmbeddingLoops scalar;

    /** Called reflectively, where the Vector API is present. */
    public VectorEmbeddingLoops() {
        this(new Scalar());
    }

    /** For tests: {@code scalar} runs wherever no vector loop does. */
    VectorEmbeddingLoops(EmbeddingLoops scalar) {
        this.scalar = scalar;
    }

    @Override
    public int streamRows() {
        return HARDWARE_FMA ? STREAM_ROWS : scalar.streamRows();
    }

    @Override
    public void int8(byte[] w, int at, int columns, float[] x, int xAt, float[] sums) {
        if (!HARDWARE_FMA) {
            scalar.int8(w, at, columns, x, xAt, sums);
            return;
        }
        for (int r = 0; r < ROWS; r += 8 * VL) {
            int8Lanes(w, at + r * columns, columns, x, xAt, sums, r);
        }
    }

    /** Computes eight vectors of rows, four of each stream where there are two. */
    private static void int8Lanes(byte[] w, int at, int columns, float[] x, int xAt, float[] sums, int r) {
        FloatVector s0 = FloatVector.zero(F);
        FloatVector s1 = FloatVector.zero(F);
        FloatVector s2 = FloatVector.zero(F);
        FloatVector s3 = FloatVector.zero(F);
        FloatVector s4 = FloatVector.zero(F);
        FloatVector s5 = FloatVector.zero(F);
        FloatVector s6 = FloatVector.zero(F);
        FloatVector s7 = FloatVector.zero(F);
        int other = 4 * VL * (STREAM_ROWS == ROWS ? 1 : columns);
        for (int c = 0, i = at; c < columns; c++, i += STREAM_ROWS) {
            FloatVector a = FloatVector.broadcast(F, x[xAt + c]);
            s0 = widenedBytes(w, i).fma(a, s0);
            s1 = widenedBytes(w, i + VL).fma(a, s1);
            s2 = widenedBytes(w, i + 2 * VL).fma(a, s2);
            s3 = widenedBytes(w, i + 3 * VL).fma(a, s3);
            s4 = widenedBytes(w, i + other).fma(a, s4);
            s5 = widenedBytes(w, i + other + VL).fma(a, s5);
            s6 = widenedBytes(w, i + other + 2 * VL).fma(a, s6);
            s7 = widenedBytes(w, i + other + 3 * VL).fma(a, s7);
        }
        s0.intoArray(sums, r);
        s1.intoArray(sums, r + VL);
        s2.intoArray(sums, r + 2 * VL);
        s3.intoArray(sums, r + 3 * VL);
        s4.intoArray(sums, r + 4 * VL);
        s5.intoArray(sums, r + 5 * VL);
        s6.intoArray(sums, r + 6 * VL);
        s7.intoArray(sums, r + 7 * VL);
    }

    /** VL int8 values as floats. */
    static FloatVector widenedBytes(byte[] w, int at) {
        return (FloatVector) ByteVector.fromArray(B, w, at).convertShape(B2F, F, 0);
    }

    @Override
    public void int8Quad(byte[] w, int at, int columns, float[] x, int xAt, float[] sums) {
        if (HARDWARE_FMA) {
            Int8QuadLoops.multiply(w, at, columns, x, xAt, sums);
        } else {
            scalar.int8Quad(w, at, columns, x, xAt, sums);
        }
    }

    @Override
    public void bfloat16(short[] w, int at, int columns, float[] x, int xAt, float[] sums) {
        if (!HARDWARE_FMA) {
            scalar.bfloat16(w, at, columns, x, xAt, sums);
            return;
        }
        for (int r = 0; r < ROWS; r += 8 * VL) {
            bfloat16Lanes(w, at + r * columns, columns, x, xAt, sums, r);
        }
    }

    /** As {@link #int8Lanes}. */
    private static void bfloat16Lanes(short[] w, int at, int columns, float[] x, int xAt, float[] sums, int r) {
        FloatVector s0 = FloatVector.zero(F);
        FloatVector s1 = FloatVector.zero(F);
        FloatVector s2 = FloatVector.zero(F);
        FloatVector s3 = FloatVector.zero(F);
        FloatVector s4 = FloatVector.zero(F);
        FloatVector s5 = FloatVector.zero(F);
        FloatVector s6 = FloatVector.zero(F);
        FloatVector s7 = FloatVector.zero(F);
        int other = 4 * VL * (STREAM_ROWS == ROWS ? 1 : columns);
        for (int c = 0, i = at; c < columns; c++, i += STREAM_ROWS) {
            FloatVector a = FloatVector.broadcast(F, x[xAt + c]);
            s0 = widened(w, i).fma(a, s0);
            s1 = widened(w, i + VL).fma(a, s1);
            s2 = widened(w, i + 2 * VL).fma(a, s2);
            s3 = widened(w, i + 3 * VL).fma(a, s3);
            s4 = widened(w, i + other).fma(a, s4);
            s5 = widened(w, i + other + VL).fma(a, s5);
            s6 = widened(w, i + other + 2 * VL).fma(a, s6);
            s7 = widened(w, i + other + 3 * VL).fma(a, s7);
        }
        s0.intoArray(sums, r);
        s1.intoArray(sums, r + VL);
        s2.intoArray(sums, r + 2 * VL);
        s3.intoArray(sums, r + 3 * VL);
        s4.intoArray(sums, r + 4 * VL);
        s5.intoArray(sums, r + 5 * VL);
        s6.intoArray(sums, r + 6 * VL);
        s7.intoArray(sums, r + 7 * VL);
    }

    /** VL bfloat16 values as floats. */
    static FloatVector widened(short[] w, int at) {
        return ((IntVector) ShortVector.fromArray(S, w, at).convertShape(S2I, I, 0))
                .lanewise(LSHL, 16).reinterpretAsFloats();
    }

    @Override
    public int nf4Place(int row, int column, int shorts) {
        return HARDWARE_FMA && !SHORT_LOOKUPS ? Nf4ByteLookup.place(row, column, shorts)
                : scalar.nf4Place(row, column, shorts);
    }

    @Override
    public void nf4Products(float[] levels, float[] x, int xAt, int columns, float factor, short[] products, int at) {
        if (!HARDWARE_FMA) {
            scalar.nf4Products(levels, x, xAt, columns, factor, products, at);
        } else if (SHORT_LOOKUPS) {
            Nf4ShortLookup.products(levels, x, xAt, columns, factor, products, at);
        } else {
            Nf4ByteLookup.products(levels, x, xAt, columns, factor, products, at);
        }
    }

    @Override
    public void nf4(short[] codes, int at, int shorts, short[] products, int productsAt, float[] scales, int scalesAt,
            float unit, float[] sums, int sumsAt) {
        if (!HARDWARE_FMA) {
            scalar.nf4(codes, at, shorts, products, productsAt, scales, scalesAt, unit, sums, sumsAt);
        } else if (SHORT_LOOKUPS) {
            Nf4ShortLookup.sums(codes, at, shorts, products, productsAt, scales, scalesAt, unit, sums, sumsAt);
        } else {
            for (int r = 0; r < ROWS; r += Nf4ByteLookup.ROWS) {
                Nf4ByteLookup.sums(codes, at + r * shorts, 2 * shorts, products, productsAt);
                Nf4ByteLookup.addScaled(products, productsAt, scales, scalesAt + r, unit, sums, sumsAt + r);
            }
        }
    }
}
