package io.bitlab.core.kernel.vector;

import static jdk.incubator.vector.VectorOperators.FMA;
import static jdk.incubator.vector.VectorOperators.LSHR;
import static jdk.incubator.vector.VectorOperators.S2F;

import io.bitlab.core.math.Fma;
import io.bitlab.core.quant.TableLoops;
import java.util.Arrays;
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
    private static final VectorSpecies<Short> WHOLE = F.withLanes(short.class);
    private static final int LEVELS = 16;
    private static final boolean LOOKUPS = ShortVector.SPECIES_PREFERRED == ShortVector.SPECIES_512 && VL == LEVELS
            && Fma.isHardware();

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
    public void nf4Products(float[] levels, float[] x, int xAt, int columns, float factor, short[] products, int at) {
        if (!LOOKUPS) {
            scalar.nf4Products(levels, x, xAt, columns, factor, products, at);
            return;
        }
        FloatVector all = FloatVector.fromArray(F, levels, 0);
        FloatVector toWhole = FloatVector.broadcast(F, TO_WHOLE);
        int c = 0;
        for (int o = at; c < columns; c++, o += PRODUCTS) {
            ShortVector lower = (ShortVector) all.fma(FloatVector.broadcast(F, x[xAt + c] * factor), toWhole)
                    .reinterpretAsInts().convertShape(VectorOperators.I2S, S, 0);
            lower.intoArray(products, o);
            lower.intoArray(products, o + LEVELS);
        }
        Arrays.fill(products, at + c * PRODUCTS, at + Math.ceilDiv(c, IN_SHORT) * IN_SHORT * PRODUCTS, (short) 0);
    }

    @Override
    public void nf4(short[] codes, int at, int shorts, short[] products, int productsAt, float[] scales, int scalesAt,
            float unit, float[] sums, int sumsAt) {
        if (!LOOKUPS) {
            scalar.nf4(codes, at, shorts, products, productsAt, scales, scalesAt, unit, sums, sumsAt);
        } else {
            nf4Lanes(codes, at, shorts, products, productsAt, scales, scalesAt, unit, sums, sumsAt);
        }
    }

    /**
     * As {@link LookupTiles} does it: in shifts of 32-bit lanes, a lookup takes only the low bits of a lane. Nothing is
     * in a method of its own: that may not be inlined in a method of so many nodes, and then hands over boxed vectors.
     */
    private static void nf4Lanes(short[] w, int at, int shorts, short[] t, int p, float[] scales, int scalesAt,
            float unit, float[] sums, int o) {
        ShortVector a0 = ShortVector.zero(WHOLE);
        ShortVector a1 = ShortVector.zero(WHOLE);
        ShortVector a2 = ShortVector.zero(WHOLE);
        ShortVector a3 = ShortVector.zero(WHOLE);
        for (int q = 0; q < shorts; q++) {
            int i = at + q * ROWS;
            int k = p + q * IN_SHORT * PRODUCTS;
            ShortVector w0 = ShortVector.fromArray(WHOLE, w, i);
            ShortVector w1 = ShortVector.fromArray(WHOLE, w, i + 32);
            ShortVector w2 = ShortVector.fromArray(WHOLE, w, i + 64);
            ShortVector w3 = ShortVector.fromArray(WHOLE, w, i + 96);
            ShortVector t0 = ShortVector.fromArray(WHOLE, t, k);
            ShortVector t1 = ShortVector.fromArray(WHOLE, t, k + 32);
            ShortVector t2 = ShortVector.fromArray(WHOLE, t, k + 64);
            ShortVector t3 = ShortVector.fromArray(WHOLE, t, k + 96);
            a0 = a0.add(w0.selectFrom(t0))
                    .add(w0.reinterpretAsInts().lanewise(LSHR, 4).reinterpretAsShorts().selectFrom(t1))
                    .add(w0.reinterpretAsInts().lanewise(LSHR, 8).reinterpretAsShorts().selectFrom(t2))
                    .add(w0.reinterpretAsInts().lanewise(LSHR, 12).reinterpretAsShorts().selectFrom(t3));
            a1 = a1.add(w1.selectFrom(t0))
                    .add(w1.reinterpretAsInts().lanewise(LSHR, 4).reinterpretAsShorts().selectFrom(t1))
                    .add(w1.reinterpretAsInts().lanewise(LSHR, 8).reinterpretAsShorts().selectFrom(t2))
                    .add(w1.reinterpretAsInts().lanewise(LSHR, 12).reinterpretAsShorts().selectFrom(t3));
            a2 = a2.add(w2.selectFrom(t0))
                    .add(w2.reinterpretAsInts().lanewise(LSHR, 4).reinterpretAsShorts().selectFrom(t1))
                    .add(w2.reinterpretAsInts().lanewise(LSHR, 8).reinterpretAsShorts().selectFrom(t2))
                    .add(w2.reinterpretAsInts().lanewise(LSHR, 12).reinterpretAsShorts().selectFrom(t3));
            a3 = a3.add(w3.selectFrom(t0))
                    .add(w3.reinterpretAsInts().lanewise(LSHR, 4).reinterpretAsShorts().selectFrom(t1))
                    .add(w3.reinterpretAsInts().lanewise(LSHR, 8).reinterpretAsShorts().selectFrom(t2))
                    .add(w3.reinterpretAsInts().lanewise(LSHR, 12).reinterpretAsShorts().selectFrom(t3));
        }
        FloatVector.fromArray(F, scales, scalesAt).mul(unit)
                .lanewise(FMA, a0.convertShape(S2F, F, 0), FloatVector.fromArray(F, sums, o)).intoArray(sums, o);
        FloatVector.fromArray(F, scales, scalesAt + 16).mul(unit)
                .lanewise(FMA, a0.convertShape(S2F, F, 1), FloatVector.fromArray(F, sums, o + 16))
                .intoArray(sums, o + 16);
        FloatVector.fromArray(F, scales, scalesAt + 32).mul(unit)
                .lanewise(FMA, a1.convertShape(S2F, F, 0), FloatVector.fromArray(F, sums, o + 32))
                .intoArray(sums, o + 32);
        FloatVector.fromArray(F, scales, scalesAt + 48).mul(unit)
                .lanewise(FMA, a1.convertShape(S2F, F, 1), FloatVector.fromArray(F, sums, o + 48))
                .intoArray(sums, o + 48);
        FloatVector.fromArray(F, scales, scalesAt + 64).mul(unit)
                .lanewise(FMA, a2.convertShape(S2F, F, 0), FloatVector.fromArray(F, sums, o + 64))
                .intoArray(sums, o + 64);
        FloatVector.fromArray(F, scales, scalesAt + 80).mul(unit)
                .lanewise(FMA, a2.convertShape(S2F, F, 1), FloatVector.fromArray(F, sums, o + 80))
                .intoArray(sums, o + 80);
        FloatVector.fromArray(F, scales, scalesAt + 96).mul(unit)
                .lanewise(FMA, a3.convertShape(S2F, F, 0), FloatVector.fromArray(F, sums, o + 96))
                .intoArray(sums, o + 96);
        FloatVector.fromArray(F, scales, scalesAt + 112).mul(unit)
                .lanewise(FMA, a3.convertShape(S2F, F, 1), FloatVector.fromArray(F, sums, o + 112))
                .intoArray(sums, o + 112);
    }
}
