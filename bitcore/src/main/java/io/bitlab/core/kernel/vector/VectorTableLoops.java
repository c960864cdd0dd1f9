package io.bitlab.core.kernel.vector;

import io.bitlab.core.math.Fma;
import io.bitlab.core.quant.TableLoops;
import jdk.incubator.vector.ByteVector;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.ShortVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorShape;
import jdk.incubator.vector.VectorSpecies;

/**
 * {@link TableLoops} with a row in each lane: eight vectors of rows at a time, so that eight chains run side by side (four
 * read int8 from memory with 17 GB/s, eight with 26).
 * Without hardware FMA, and for NF4 in vectors of fewer than 16 lanes, the scalar loops run.
 */
public final class VectorTableLoops implements TableLoops {

    private static final VectorSpecies<Float> F = FloatVector.SPECIES_PREFERRED;
    private static final VectorSpecies<Integer> I = F.withLanes(int.class);
    private static final int VL = F.length();
    /** Half as wide: shorts become ints in lanes of twice their width. */
    private static final VectorSpecies<Short> S =
            VectorSpecies.of(short.class, VectorShape.forBitSize(Math.max(64, F.vectorBitSize() / 2)));
    /** A quarter as wide, where there is such a shape: then a vector of bytes becomes one of floats. */
    private static final VectorSpecies<Byte> B =
            VectorSpecies.of(byte.class, VectorShape.forBitSize(Math.max(64, F.vectorBitSize() / 4)));
    private static final boolean WIDE = VL >= 8 && Fma.isHardware();
    private static final int LANES_OF_NF4 = 16;

    private final TableLoops scalar = new Scalar();

    /** Loaded reflectively, where the Vector API is there. */
    public VectorTableLoops() {
    }

    @Override
    public void int8(byte[] w, int at, int columns, float[] x, int xAt, float[] sums) {
        if (!WIDE) {
            scalar.int8(w, at, columns, x, xAt, sums);
            return;
        }
        for (int r = 0; r < ROWS; r += 8 * VL) {
            int8Lanes(w, at + r, columns, x, xAt, sums, r);
        }
    }

    private static void int8Lanes(byte[] w, int at, int columns, float[] x, int xAt, float[] sums, int r) {
        FloatVector s0 = FloatVector.zero(F);
        FloatVector s1 = FloatVector.zero(F);
        FloatVector s2 = FloatVector.zero(F);
        FloatVector s3 = FloatVector.zero(F);
        FloatVector s4 = FloatVector.zero(F);
        FloatVector s5 = FloatVector.zero(F);
        FloatVector s6 = FloatVector.zero(F);
        FloatVector s7 = FloatVector.zero(F);
        for (int c = 0, i = at; c < columns; c++, i += ROWS) {
            FloatVector a = FloatVector.broadcast(F, x[xAt + c]);
            s0 = widenedBytes(w, i).fma(a, s0);
            s1 = widenedBytes(w, i + VL).fma(a, s1);
            s2 = widenedBytes(w, i + 2 * VL).fma(a, s2);
            s3 = widenedBytes(w, i + 3 * VL).fma(a, s3);
            s4 = widenedBytes(w, i + 4 * VL).fma(a, s4);
            s5 = widenedBytes(w, i + 5 * VL).fma(a, s5);
            s6 = widenedBytes(w, i + 6 * VL).fma(a, s6);
            s7 = widenedBytes(w, i + 7 * VL).fma(a, s7);
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

    private static FloatVector widenedBytes(byte[] w, int at) {
        return (FloatVector) ByteVector.fromArray(B, w, at).convertShape(VectorOperators.B2F, F, 0);
    }

    @Override
    public void bfloat16(short[] w, int at, int columns, float[] x, int xAt, float[] sums) {
        if (!Fma.isHardware()) {
            scalar.bfloat16(w, at, columns, x, xAt, sums);
            return;
        }
        for (int r = 0; r < ROWS; r += 8 * VL) {
            bfloat16Lanes(w, at + r, columns, x, xAt, sums, r);
        }
    }

    private static void bfloat16Lanes(short[] w, int at, int columns, float[] x, int xAt, float[] sums, int r) {
        FloatVector s0 = FloatVector.zero(F);
        FloatVector s1 = FloatVector.zero(F);
        FloatVector s2 = FloatVector.zero(F);
        FloatVector s3 = FloatVector.zero(F);
        FloatVector s4 = FloatVector.zero(F);
        FloatVector s5 = FloatVector.zero(F);
        FloatVector s6 = FloatVector.zero(F);
        FloatVector s7 = FloatVector.zero(F);
        for (int c = 0, i = at; c < columns; c++, i += ROWS) {
            FloatVector a = FloatVector.broadcast(F, x[xAt + c]);
            s0 = widened(w, i).fma(a, s0);
            s1 = widened(w, i + VL).fma(a, s1);
            s2 = widened(w, i + 2 * VL).fma(a, s2);
            s3 = widened(w, i + 3 * VL).fma(a, s3);
            s4 = widened(w, i + 4 * VL).fma(a, s4);
            s5 = widened(w, i + 5 * VL).fma(a, s5);
            s6 = widened(w, i + 6 * VL).fma(a, s6);
            s7 = widened(w, i + 7 * VL).fma(a, s7);
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

    /** VL floats from their upper halves. */
    static FloatVector widened(short[] w, int at) {
        return ((IntVector) ShortVector.fromArray(S, w, at).convertShape(VectorOperators.S2I, I, 0))
                .lanewise(VectorOperators.LSHL, 16).reinterpretAsFloats();
    }

    @Override
    public void nf4(int[] w, int at, int columns, float[] levels, float[] x, int xAt, float[] scales, int scalesAt,
            float[] sums) {
        if (VL != LANES_OF_NF4 || columns % IN_INT != 0 || !Fma.isHardware()) {
            scalar.nf4(w, at, columns, levels, x, xAt, scales, scalesAt, sums);
        } else {
            for (int r = 0; r < ROWS; r += 4 * VL) {
                nf4Lanes(w, at + r, columns, levels, x, xAt, scales, scalesAt + r, sums, r);
            }
        }
    }

    /** Half of the rows: a loop of twice as many vectors, or one that is written out, boxes them in some runs of the JVM. */
    private static void nf4Lanes(int[] w, int at, int columns, float[] levels, float[] x, int xAt, float[] scales,
            int scalesAt, float[] sums, int r) {
        FloatVector table = FloatVector.fromArray(F, levels, 0);
        FloatVector s0 = FloatVector.zero(F);
        FloatVector s1 = FloatVector.zero(F);
        FloatVector s2 = FloatVector.zero(F);
        FloatVector s3 = FloatVector.zero(F);
        for (int c = 0, i = at; c < columns; c += IN_INT, i += ROWS) {
            IntVector w0 = IntVector.fromArray(I, w, i);
            IntVector w1 = IntVector.fromArray(I, w, i + VL);
            IntVector w2 = IntVector.fromArray(I, w, i + 2 * VL);
            IntVector w3 = IntVector.fromArray(I, w, i + 3 * VL);
            for (int j = 0; j < IN_INT; j++) {
                FloatVector a = FloatVector.broadcast(F, x[xAt + c + j]);
                s0 = level(w0, table).fma(a, s0);
                s1 = level(w1, table).fma(a, s1);
                s2 = level(w2, table).fma(a, s2);
                s3 = level(w3, table).fma(a, s3);
                w0 = w0.lanewise(VectorOperators.LSHR, 4);
                w1 = w1.lanewise(VectorOperators.LSHR, 4);
                w2 = w2.lanewise(VectorOperators.LSHR, 4);
                w3 = w3.lanewise(VectorOperators.LSHR, 4);
            }
        }
        s0.fma(FloatVector.fromArray(F, scales, scalesAt), FloatVector.fromArray(F, sums, r))
                .intoArray(sums, r);
        s1.fma(FloatVector.fromArray(F, scales, scalesAt + VL), FloatVector.fromArray(F, sums, r + VL))
                .intoArray(sums, r + VL);
        s2.fma(FloatVector.fromArray(F, scales, scalesAt + 2 * VL), FloatVector.fromArray(F, sums, r + 2 * VL))
                .intoArray(sums, r + 2 * VL);
        s3.fma(FloatVector.fromArray(F, scales, scalesAt + 3 * VL), FloatVector.fromArray(F, sums, r + 3 * VL))
                .intoArray(sums, r + 3 * VL);
    }

    /** The permutation reads the lowest four bits of each code only. */
    private static FloatVector level(IntVector codes, FloatVector table) {
        return codes.selectFrom(table.reinterpretAsInts()).reinterpretAsFloats();
    }
}
