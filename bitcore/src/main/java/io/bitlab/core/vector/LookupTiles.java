package io.bitlab.core.vector;

import static jdk.incubator.vector.VectorOperators.LSHR;
import static jdk.incubator.vector.VectorOperators.S2F;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.ShortVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * The inner loops of {@link LookupKernel}: 1, 2 or 4 vectors of 32 rows of weights, times 1 or 2 rows of activations.
 * They add the products of a tile and stripe, whose weights begin at {@code at} and tables at {@code p}, to the sums
 * that begin at {@code o}, and {@code stride} further for the second row.
 *
 * <p>Each method is one loop and stores its accumulators itself. Passing vectors to another method, or carrying the
 * float sums through the loop, makes C2 box vectors in some runs of the JVM. So the tiles are written out.
 *
 * <p>Shifts are those of 32-bit lanes: C2 shifts 16-bit lanes only by a count in a register, which is slower. A lookup
 * reads the low five bits of a lane, so the bits shifted into the others don't matter.
 */
final class LookupTiles {

    private static final VectorSpecies<Short> S = ShortVector.SPECIES_512;
    private static final VectorSpecies<Float> F = FloatVector.SPECIES_512;

    private LookupTiles() {
    }

    static void fourByOne(short[] w, int at, short[] t, int p, int groups, float[] sums, int o) {
        ShortVector a0 = ShortVector.zero(S);
        ShortVector a1 = ShortVector.zero(S);
        ShortVector a2 = ShortVector.zero(S);
        ShortVector a3 = ShortVector.zero(S);
        for (int g = 0; g < groups; g++) {
            ShortVector t0 = ShortVector.fromArray(S, t, p + g * 96);
            ShortVector t1 = ShortVector.fromArray(S, t, p + g * 96 + 32);
            ShortVector t2 = ShortVector.fromArray(S, t, p + g * 96 + 64);
            ShortVector w0 = ShortVector.fromArray(S, w, at + g * 128);
            ShortVector w1 = ShortVector.fromArray(S, w, at + g * 128 + 32);
            ShortVector w2 = ShortVector.fromArray(S, w, at + g * 128 + 64);
            ShortVector w3 = ShortVector.fromArray(S, w, at + g * 128 + 96);
            a0 = a0.add(w0.selectFrom(t0))
                    .add(w0.reinterpretAsInts().lanewise(LSHR, 5).reinterpretAsShorts().selectFrom(t1))
                    .add(w0.reinterpretAsInts().lanewise(LSHR, 10).reinterpretAsShorts().selectFrom(t2));
            a1 = a1.add(w1.selectFrom(t0))
                    .add(w1.reinterpretAsInts().lanewise(LSHR, 5).reinterpretAsShorts().selectFrom(t1))
                    .add(w1.reinterpretAsInts().lanewise(LSHR, 10).reinterpretAsShorts().selectFrom(t2));
            a2 = a2.add(w2.selectFrom(t0))
                    .add(w2.reinterpretAsInts().lanewise(LSHR, 5).reinterpretAsShorts().selectFrom(t1))
                    .add(w2.reinterpretAsInts().lanewise(LSHR, 10).reinterpretAsShorts().selectFrom(t2));
            a3 = a3.add(w3.selectFrom(t0))
                    .add(w3.reinterpretAsInts().lanewise(LSHR, 5).reinterpretAsShorts().selectFrom(t1))
                    .add(w3.reinterpretAsInts().lanewise(LSHR, 10).reinterpretAsShorts().selectFrom(t2));
        }
        FloatVector.fromArray(F, sums, o).add(a0.convertShape(S2F, F, 0)).intoArray(sums, o);
        FloatVector.fromArray(F, sums, o + 16).add(a0.convertShape(S2F, F, 1)).intoArray(sums, o + 16);
        FloatVector.fromArray(F, sums, o + 32).add(a1.convertShape(S2F, F, 0)).intoArray(sums, o + 32);
        FloatVector.fromArray(F, sums, o + 48).add(a1.convertShape(S2F, F, 1)).intoArray(sums, o + 48);
        FloatVector.fromArray(F, sums, o + 64).add(a2.convertShape(S2F, F, 0)).intoArray(sums, o + 64);
        FloatVector.fromArray(F, sums, o + 80).add(a2.convertShape(S2F, F, 1)).intoArray(sums, o + 80);
        FloatVector.fromArray(F, sums, o + 96).add(a3.convertShape(S2F, F, 0)).intoArray(sums, o + 96);
        FloatVector.fromArray(F, sums, o + 112).add(a3.convertShape(S2F, F, 1)).intoArray(sums, o + 112);
    }

    static void twoByOne(short[] w, int at, short[] t, int p, int groups, float[] sums, int o) {
        ShortVector a0 = ShortVector.zero(S);
        ShortVector a1 = ShortVector.zero(S);
        for (int g = 0; g < groups; g++) {
            ShortVector t0 = ShortVector.fromArray(S, t, p + g * 96);
            ShortVector t1 = ShortVector.fromArray(S, t, p + g * 96 + 32);
            ShortVector t2 = ShortVector.fromArray(S, t, p + g * 96 + 64);
            ShortVector w0 = ShortVector.fromArray(S, w, at + g * 64);
            ShortVector w1 = ShortVector.fromArray(S, w, at + g * 64 + 32);
            a0 = a0.add(w0.selectFrom(t0))
                    .add(w0.reinterpretAsInts().lanewise(LSHR, 5).reinterpretAsShorts().selectFrom(t1)
                            .add(w0.reinterpretAsInts().lanewise(LSHR, 10).reinterpretAsShorts().selectFrom(t2)));
            a1 = a1.add(w1.selectFrom(t0))
                    .add(w1.reinterpretAsInts().lanewise(LSHR, 5).reinterpretAsShorts().selectFrom(t1)
                            .add(w1.reinterpretAsInts().lanewise(LSHR, 10).reinterpretAsShorts().selectFrom(t2)));
        }
        FloatVector.fromArray(F, sums, o).add(a0.convertShape(S2F, F, 0)).intoArray(sums, o);
        FloatVector.fromArray(F, sums, o + 16).add(a0.convertShape(S2F, F, 1)).intoArray(sums, o + 16);
        FloatVector.fromArray(F, sums, o + 32).add(a1.convertShape(S2F, F, 0)).intoArray(sums, o + 32);
        FloatVector.fromArray(F, sums, o + 48).add(a1.convertShape(S2F, F, 1)).intoArray(sums, o + 48);
    }

    static void oneByOne(short[] w, int at, short[] t, int p, int groups, float[] sums, int o) {
        ShortVector a = ShortVector.zero(S);
        for (int g = 0; g < groups; g++) {
            ShortVector v = ShortVector.fromArray(S, w, at + g * 32);
            a = a.add(v.selectFrom(ShortVector.fromArray(S, t, p + g * 96))
                    .add(v.reinterpretAsInts().lanewise(LSHR, 5).reinterpretAsShorts()
                            .selectFrom(ShortVector.fromArray(S, t, p + g * 96 + 32)))
                    .add(v.reinterpretAsInts().lanewise(LSHR, 10).reinterpretAsShorts()
                            .selectFrom(ShortVector.fromArray(S, t, p + g * 96 + 64))));
        }
        FloatVector.fromArray(F, sums, o).add(a.convertShape(S2F, F, 0)).intoArray(sums, o);
        FloatVector.fromArray(F, sums, o + 16).add(a.convertShape(S2F, F, 1)).intoArray(sums, o + 16);
    }

    static void fourByTwo(short[] w, int at, short[] t, int p, int groups, float[] sums, int o, int stride) {
        ShortVector a0 = ShortVector.zero(S);
        ShortVector a1 = ShortVector.zero(S);
        ShortVector a2 = ShortVector.zero(S);
        ShortVector a3 = ShortVector.zero(S);
        ShortVector b0 = ShortVector.zero(S);
        ShortVector b1 = ShortVector.zero(S);
        ShortVector b2 = ShortVector.zero(S);
        ShortVector b3 = ShortVector.zero(S);
        for (int g = 0; g < groups; g++) {
            int i = at + g * 128;
            int k = p + g * 192;
            ShortVector w0 = ShortVector.fromArray(S, w, i);
            ShortVector w1 = ShortVector.fromArray(S, w, i + 32);
            ShortVector w2 = ShortVector.fromArray(S, w, i + 64);
            ShortVector w3 = ShortVector.fromArray(S, w, i + 96);
            ShortVector t0 = ShortVector.fromArray(S, t, k);
            ShortVector u0 = ShortVector.fromArray(S, t, k + 32);
            ShortVector t1 = ShortVector.fromArray(S, t, k + 64);
            ShortVector u1 = ShortVector.fromArray(S, t, k + 96);
            ShortVector t2 = ShortVector.fromArray(S, t, k + 128);
            ShortVector u2 = ShortVector.fromArray(S, t, k + 160);
            ShortVector m0 = w0.reinterpretAsInts().lanewise(LSHR, 5).reinterpretAsShorts();
            ShortVector h0 = w0.reinterpretAsInts().lanewise(LSHR, 10).reinterpretAsShorts();
            a0 = a0.add(w0.selectFrom(t0)).add(m0.selectFrom(t1)).add(h0.selectFrom(t2));
            b0 = b0.add(w0.selectFrom(u0)).add(m0.selectFrom(u1)).add(h0.selectFrom(u2));
            ShortVector m1 = w1.reinterpretAsInts().lanewise(LSHR, 5).reinterpretAsShorts();
            ShortVector h1 = w1.reinterpretAsInts().lanewise(LSHR, 10).reinterpretAsShorts();
            a1 = a1.add(w1.selectFrom(t0)).add(m1.selectFrom(t1)).add(h1.selectFrom(t2));
            b1 = b1.add(w1.selectFrom(u0)).add(m1.selectFrom(u1)).add(h1.selectFrom(u2));
            ShortVector m2 = w2.reinterpretAsInts().lanewise(LSHR, 5).reinterpretAsShorts();
            ShortVector h2 = w2.reinterpretAsInts().lanewise(LSHR, 10).reinterpretAsShorts();
            a2 = a2.add(w2.selectFrom(t0)).add(m2.selectFrom(t1)).add(h2.selectFrom(t2));
            b2 = b2.add(w2.selectFrom(u0)).add(m2.selectFrom(u1)).add(h2.selectFrom(u2));
            ShortVector m3 = w3.reinterpretAsInts().lanewise(LSHR, 5).reinterpretAsShorts();
            ShortVector h3 = w3.reinterpretAsInts().lanewise(LSHR, 10).reinterpretAsShorts();
            a3 = a3.add(w3.selectFrom(t0)).add(m3.selectFrom(t1)).add(h3.selectFrom(t2));
            b3 = b3.add(w3.selectFrom(u0)).add(m3.selectFrom(u1)).add(h3.selectFrom(u2));
        }
        FloatVector.fromArray(F, sums, o).add(a0.convertShape(S2F, F, 0)).intoArray(sums, o);
        FloatVector.fromArray(F, sums, o + 16).add(a0.convertShape(S2F, F, 1)).intoArray(sums, o + 16);
        FloatVector.fromArray(F, sums, o + 32).add(a1.convertShape(S2F, F, 0)).intoArray(sums, o + 32);
        FloatVector.fromArray(F, sums, o + 48).add(a1.convertShape(S2F, F, 1)).intoArray(sums, o + 48);
        FloatVector.fromArray(F, sums, o + 64).add(a2.convertShape(S2F, F, 0)).intoArray(sums, o + 64);
        FloatVector.fromArray(F, sums, o + 80).add(a2.convertShape(S2F, F, 1)).intoArray(sums, o + 80);
        FloatVector.fromArray(F, sums, o + 96).add(a3.convertShape(S2F, F, 0)).intoArray(sums, o + 96);
        FloatVector.fromArray(F, sums, o + 112).add(a3.convertShape(S2F, F, 1)).intoArray(sums, o + 112);
        int o1 = o + stride;
        FloatVector.fromArray(F, sums, o1).add(b0.convertShape(S2F, F, 0)).intoArray(sums, o1);
        FloatVector.fromArray(F, sums, o1 + 16).add(b0.convertShape(S2F, F, 1)).intoArray(sums, o1 + 16);
        FloatVector.fromArray(F, sums, o1 + 32).add(b1.convertShape(S2F, F, 0)).intoArray(sums, o1 + 32);
        FloatVector.fromArray(F, sums, o1 + 48).add(b1.convertShape(S2F, F, 1)).intoArray(sums, o1 + 48);
        FloatVector.fromArray(F, sums, o1 + 64).add(b2.convertShape(S2F, F, 0)).intoArray(sums, o1 + 64);
        FloatVector.fromArray(F, sums, o1 + 80).add(b2.convertShape(S2F, F, 1)).intoArray(sums, o1 + 80);
        FloatVector.fromArray(F, sums, o1 + 96).add(b3.convertShape(S2F, F, 0)).intoArray(sums, o1 + 96);
        FloatVector.fromArray(F, sums, o1 + 112).add(b3.convertShape(S2F, F, 1)).intoArray(sums, o1 + 112);
    }

    static void twoByTwo(short[] w, int at, short[] t, int p, int groups, float[] sums, int o, int stride) {
        ShortVector a0 = ShortVector.zero(S);
        ShortVector a1 = ShortVector.zero(S);
        ShortVector b0 = ShortVector.zero(S);
        ShortVector b1 = ShortVector.zero(S);
        for (int g = 0; g < groups; g++) {
            int i = at + g * 64;
            int k = p + g * 192;
            ShortVector w0 = ShortVector.fromArray(S, w, i);
            ShortVector w1 = ShortVector.fromArray(S, w, i + 32);
            ShortVector t0 = ShortVector.fromArray(S, t, k);
            ShortVector u0 = ShortVector.fromArray(S, t, k + 32);
            ShortVector t1 = ShortVector.fromArray(S, t, k + 64);
            ShortVector u1 = ShortVector.fromArray(S, t, k + 96);
            ShortVector t2 = ShortVector.fromArray(S, t, k + 128);
            ShortVector u2 = ShortVector.fromArray(S, t, k + 160);
            ShortVector m0 = w0.reinterpretAsInts().lanewise(LSHR, 5).reinterpretAsShorts();
            ShortVector h0 = w0.reinterpretAsInts().lanewise(LSHR, 10).reinterpretAsShorts();
            a0 = a0.add(w0.selectFrom(t0)).add(m0.selectFrom(t1)).add(h0.selectFrom(t2));
            b0 = b0.add(w0.selectFrom(u0)).add(m0.selectFrom(u1)).add(h0.selectFrom(u2));
            ShortVector m1 = w1.reinterpretAsInts().lanewise(LSHR, 5).reinterpretAsShorts();
            ShortVector h1 = w1.reinterpretAsInts().lanewise(LSHR, 10).reinterpretAsShorts();
            a1 = a1.add(w1.selectFrom(t0)).add(m1.selectFrom(t1)).add(h1.selectFrom(t2));
            b1 = b1.add(w1.selectFrom(u0)).add(m1.selectFrom(u1)).add(h1.selectFrom(u2));
        }
        FloatVector.fromArray(F, sums, o).add(a0.convertShape(S2F, F, 0)).intoArray(sums, o);
        FloatVector.fromArray(F, sums, o + 16).add(a0.convertShape(S2F, F, 1)).intoArray(sums, o + 16);
        FloatVector.fromArray(F, sums, o + 32).add(a1.convertShape(S2F, F, 0)).intoArray(sums, o + 32);
        FloatVector.fromArray(F, sums, o + 48).add(a1.convertShape(S2F, F, 1)).intoArray(sums, o + 48);
        int o1 = o + stride;
        FloatVector.fromArray(F, sums, o1).add(b0.convertShape(S2F, F, 0)).intoArray(sums, o1);
        FloatVector.fromArray(F, sums, o1 + 16).add(b0.convertShape(S2F, F, 1)).intoArray(sums, o1 + 16);
        FloatVector.fromArray(F, sums, o1 + 32).add(b1.convertShape(S2F, F, 0)).intoArray(sums, o1 + 32);
        FloatVector.fromArray(F, sums, o1 + 48).add(b1.convertShape(S2F, F, 1)).intoArray(sums, o1 + 48);
    }

    static void oneByTwo(short[] w, int at, short[] t, int p, int groups, float[] sums, int o, int stride) {
        ShortVector a0 = ShortVector.zero(S);
        ShortVector b0 = ShortVector.zero(S);
        for (int g = 0; g < groups; g++) {
            int i = at + g * 32;
            int k = p + g * 192;
            ShortVector w0 = ShortVector.fromArray(S, w, i);
            ShortVector t0 = ShortVector.fromArray(S, t, k);
            ShortVector u0 = ShortVector.fromArray(S, t, k + 32);
            ShortVector t1 = ShortVector.fromArray(S, t, k + 64);
            ShortVector u1 = ShortVector.fromArray(S, t, k + 96);
            ShortVector t2 = ShortVector.fromArray(S, t, k + 128);
            ShortVector u2 = ShortVector.fromArray(S, t, k + 160);
            ShortVector m0 = w0.reinterpretAsInts().lanewise(LSHR, 5).reinterpretAsShorts();
            ShortVector h0 = w0.reinterpretAsInts().lanewise(LSHR, 10).reinterpretAsShorts();
            a0 = a0.add(w0.selectFrom(t0)).add(m0.selectFrom(t1)).add(h0.selectFrom(t2));
            b0 = b0.add(w0.selectFrom(u0)).add(m0.selectFrom(u1)).add(h0.selectFrom(u2));
        }
        FloatVector.fromArray(F, sums, o).add(a0.convertShape(S2F, F, 0)).intoArray(sums, o);
        FloatVector.fromArray(F, sums, o + 16).add(a0.convertShape(S2F, F, 1)).intoArray(sums, o + 16);
        int o1 = o + stride;
        FloatVector.fromArray(F, sums, o1).add(b0.convertShape(S2F, F, 0)).intoArray(sums, o1);
        FloatVector.fromArray(F, sums, o1 + 16).add(b0.convertShape(S2F, F, 1)).intoArray(sums, o1 + 16);
    }
}
