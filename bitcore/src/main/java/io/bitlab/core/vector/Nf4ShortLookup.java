package io.bitlab.core.vector;

import static jdk.incubator.vector.VectorOperators.FMA;
import static jdk.incubator.vector.VectorOperators.I2S;
import static jdk.incubator.vector.VectorOperators.LSHR;
import static jdk.incubator.vector.VectorOperators.S2F;

import io.bitlab.core.embedding.loops.EmbeddingLoops;
import java.util.Arrays;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.ShortVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * NF4 at 512 bits: a vector of shorts holds the 16 products of an activation twice, and one permutation selects the
 * products of 32 rows.
 */
final class Nf4ShortLookup {

    private static final VectorSpecies<Float> F = FloatVector.SPECIES_512;
    private static final VectorSpecies<Short> HALF = ShortVector.SPECIES_256;
    private static final VectorSpecies<Short> WHOLE = ShortVector.SPECIES_512;
    private static final int ROWS = EmbeddingLoops.ROWS;
    private static final int CODES_PER_SHORT = EmbeddingLoops.CODES_PER_SHORT;
    private static final int PRODUCTS = EmbeddingLoops.PRODUCTS;
    private static final int LEVELS = 16;

    private Nf4ShortLookup() {
    }

    /** {@link EmbeddingLoops#nf4Products}. */
    static void products(float[] levels, float[] x, int xAt, int columns, float factor, short[] products, int at) {
        FloatVector all = FloatVector.fromArray(F, levels, 0);
        FloatVector toInteger = FloatVector.broadcast(F, EmbeddingLoops.TO_INTEGER);
        int c = 0;
        for (int o = at; c < columns; c++, o += PRODUCTS) {
            ShortVector lower = (ShortVector) all.fma(FloatVector.broadcast(F, x[xAt + c] * factor), toInteger)
                    .reinterpretAsInts().convertShape(I2S, HALF, 0);
            lower.intoArray(products, o);
            lower.intoArray(products, o + LEVELS);
        }
        Arrays.fill(products, at + c * PRODUCTS, at + Math.ceilDiv(c, CODES_PER_SHORT) * CODES_PER_SHORT * PRODUCTS,
                (short) 0);
    }

    /**
     * {@link EmbeddingLoops#nf4}, as {@link LookupTiles} does it: it shifts 32-bit lanes, since a lookup uses only the
     * low bits of a lane. Everything is in one method: the JIT might not inline another method into one of this size,
     * and would then pass boxed vectors.
     */
    static void sums(short[] w, int at, int shorts, short[] t, int p, float[] scales, int scalesAt,
            float unit, float[] sums, int o) {
        ShortVector a0 = ShortVector.zero(WHOLE);
        ShortVector a1 = ShortVector.zero(WHOLE);
        ShortVector a2 = ShortVector.zero(WHOLE);
        ShortVector a3 = ShortVector.zero(WHOLE);
        for (int q = 0; q < shorts; q++) {
            int i = at + q * ROWS;
            int k = p + q * CODES_PER_SHORT * PRODUCTS;
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
