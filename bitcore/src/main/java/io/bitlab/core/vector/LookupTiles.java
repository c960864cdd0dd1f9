package io.bitlab.core.vector;

import static jdk.incubator.vector.VectorOperators.LSHR;
import static jdk.incubator.vector.VectorOperators.S2F;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.ShortVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * The inner loops of {@link LookupKernel}: 1, 2 or 4 vectors of 32 rows of weights, times 1 or 4 rows of activations.
 * {@link Int8Kernel#add} defines what they compute; {@code p} is the index of the first tables.
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

    /** Two of the vectors of a tile; the next group is {@code step} lanes further. */
    static void twoByFour(
            short[] w, int at, int step, short[] t, int p, int groups, float[] sums, int o, int stride) {
        ShortVector a0 = ShortVector.zero(S);
        ShortVector a1 = ShortVector.zero(S);
        ShortVector a2 = ShortVector.zero(S);
        ShortVector a3 = ShortVector.zero(S);
        ShortVector b0 = ShortVector.zero(S);
        ShortVector b1 = ShortVector.zero(S);
        ShortVector b2 = ShortVector.zero(S);
        ShortVector b3 = ShortVector.zero(S);
        for (int g = 0; g < groups; g++) {
            int i = at + g * step;
            int k = p + g * 384;
            ShortVector v = ShortVector.fromArray(S, w, i);
            ShortVector u = ShortVector.fromArray(S, w, i + 32);
            ShortVector t0 = ShortVector.fromArray(S, t, k);
            ShortVector t1 = ShortVector.fromArray(S, t, k + 32);
            ShortVector t2 = ShortVector.fromArray(S, t, k + 64);
            ShortVector t3 = ShortVector.fromArray(S, t, k + 96);
            ShortVector v1 = v.reinterpretAsInts().lanewise(LSHR, 5).reinterpretAsShorts();
            ShortVector u1 = u.reinterpretAsInts().lanewise(LSHR, 5).reinterpretAsShorts();
            ShortVector r0 = ShortVector.fromArray(S, t, k + 128);
            ShortVector r1 = ShortVector.fromArray(S, t, k + 160);
            ShortVector r2 = ShortVector.fromArray(S, t, k + 192);
            ShortVector r3 = ShortVector.fromArray(S, t, k + 224);
            ShortVector v2 = v.reinterpretAsInts().lanewise(LSHR, 10).reinterpretAsShorts();
            ShortVector u2 = u.reinterpretAsInts().lanewise(LSHR, 10).reinterpretAsShorts();
            ShortVector s0 = ShortVector.fromArray(S, t, k + 256);
            ShortVector s1 = ShortVector.fromArray(S, t, k + 288);
            ShortVector s2 = ShortVector.fromArray(S, t, k + 320);
            ShortVector s3 = ShortVector.fromArray(S, t, k + 352);
            a0 = a0.add(v.selectFrom(t0)).add(v1.selectFrom(r0)).add(v2.selectFrom(s0));
            b0 = b0.add(u.selectFrom(t0)).add(u1.selectFrom(r0)).add(u2.selectFrom(s0));
            a1 = a1.add(v.selectFrom(t1)).add(v1.selectFrom(r1)).add(v2.selectFrom(s1));
            b1 = b1.add(u.selectFrom(t1)).add(u1.selectFrom(r1)).add(u2.selectFrom(s1));
            a2 = a2.add(v.selectFrom(t2)).add(v1.selectFrom(r2)).add(v2.selectFrom(s2));
            b2 = b2.add(u.selectFrom(t2)).add(u1.selectFrom(r2)).add(u2.selectFrom(s2));
            a3 = a3.add(v.selectFrom(t3)).add(v1.selectFrom(r3)).add(v2.selectFrom(s3));
            b3 = b3.add(u.selectFrom(t3)).add(u1.selectFrom(r3)).add(u2.selectFrom(s3));
        }
        FloatVector.fromArray(F, sums, o).add(a0.convertShape(S2F, F, 0)).intoArray(sums, o);
        FloatVector.fromArray(F, sums, o + 16).add(a0.convertShape(S2F, F, 1)).intoArray(sums, o + 16);
        FloatVector.fromArray(F, sums, o + 32).add(b0.convertShape(S2F, F, 0)).intoArray(sums, o + 32);
        FloatVector.fromArray(F, sums, o + 48).add(b0.convertShape(S2F, F, 1)).intoArray(sums, o + 48);
        int o1 = o + stride;
        FloatVector.fromArray(F, sums, o1).add(a1.convertShape(S2F, F, 0)).intoArray(sums, o1);
        FloatVector.fromArray(F, sums, o1 + 16).add(a1.convertShape(S2F, F, 1)).intoArray(sums, o1 + 16);
        FloatVector.fromArray(F, sums, o1 + 32).add(b1.convertShape(S2F, F, 0)).intoArray(sums, o1 + 32);
        FloatVector.fromArray(F, sums, o1 + 48).add(b1.convertShape(S2F, F, 1)).intoArray(sums, o1 + 48);
        int o2 = o1 + stride;
        FloatVector.fromArray(F, sums, o2).add(a2.convertShape(S2F, F, 0)).intoArray(sums, o2);
        FloatVector.fromArray(F, sums, o2 + 16).add(a2.convertShape(S2F, F, 1)).intoArray(sums, o2 + 16);
        FloatVector.fromArray(F, sums, o2 + 32).add(b2.convertShape(S2F, F, 0)).intoArray(sums, o2 + 32);
        FloatVector.fromArray(F, sums, o2 + 48).add(b2.convertShape(S2F, F, 1)).intoArray(sums, o2 + 48);
        int o3 = o2 + stride;
        FloatVector.fromArray(F, sums, o3).add(a3.convertShape(S2F, F, 0)).intoArray(sums, o3);
        FloatVector.fromArray(F, sums, o3 + 16).add(a3.convertShape(S2F, F, 1)).intoArray(sums, o3 + 16);
        FloatVector.fromArray(F, sums, o3 + 32).add(b3.convertShape(S2F, F, 0)).intoArray(sums, o3 + 32);
        FloatVector.fromArray(F, sums, o3 + 48).add(b3.convertShape(S2F, F, 1)).intoArray(sums, o3 + 48);
    }

    static void oneByFour(short[] w, int at, short[] t, int p, int groups, float[] sums, int o, int stride) {
        ShortVector a0 = ShortVector.zero(S);
        ShortVector a1 = ShortVector.zero(S);
        ShortVector a2 = ShortVector.zero(S);
        ShortVector a3 = ShortVector.zero(S);
        for (int g = 0; g < groups; g++) {
            int k = p + g * 384;
            ShortVector v = ShortVector.fromArray(S, w, at + g * 32);
            ShortVector v1 = v.reinterpretAsInts().lanewise(LSHR, 5).reinterpretAsShorts();
            ShortVector v2 = v.reinterpretAsInts().lanewise(LSHR, 10).reinterpretAsShorts();
            a0 = a0.add(v.selectFrom(ShortVector.fromArray(S, t, k)))
                    .add(v1.selectFrom(ShortVector.fromArray(S, t, k + 128)))
                    .add(v2.selectFrom(ShortVector.fromArray(S, t, k + 256)));
            a1 = a1.add(v.selectFrom(ShortVector.fromArray(S, t, k + 32)))
                    .add(v1.selectFrom(ShortVector.fromArray(S, t, k + 160)))
                    .add(v2.selectFrom(ShortVector.fromArray(S, t, k + 288)));
            a2 = a2.add(v.selectFrom(ShortVector.fromArray(S, t, k + 64)))
                    .add(v1.selectFrom(ShortVector.fromArray(S, t, k + 192)))
                    .add(v2.selectFrom(ShortVector.fromArray(S, t, k + 320)));
            a3 = a3.add(v.selectFrom(ShortVector.fromArray(S, t, k + 96)))
                    .add(v1.selectFrom(ShortVector.fromArray(S, t, k + 224)))
                    .add(v2.selectFrom(ShortVector.fromArray(S, t, k + 352)));
        }
        FloatVector.fromArray(F, sums, o).add(a0.convertShape(S2F, F, 0)).intoArray(sums, o);
        FloatVector.fromArray(F, sums, o + 16).add(a0.convertShape(S2F, F, 1)).intoArray(sums, o + 16);
        int o1 = o + stride;
        FloatVector.fromArray(F, sums, o1).add(a1.convertShape(S2F, F, 0)).intoArray(sums, o1);
        FloatVector.fromArray(F, sums, o1 + 16).add(a1.convertShape(S2F, F, 1)).intoArray(sums, o1 + 16);
        int o2 = o1 + stride;
        FloatVector.fromArray(F, sums, o2).add(a2.convertShape(S2F, F, 0)).intoArray(sums, o2);
        FloatVector.fromArray(F, sums, o2 + 16).add(a2.convertShape(S2F, F, 1)).intoArray(sums, o2 + 16);
        int o3 = o2 + stride;
        FloatVector.fromArray(F, sums, o3).add(a3.convertShape(S2F, F, 0)).intoArray(sums, o3);
        FloatVector.fromArray(F, sums, o3 + 16).add(a3.convertShape(S2F, F, 1)).intoArray(sums, o3 + 16);
    }
}
