package io.bitlab.core.vector;

import static jdk.incubator.vector.VectorOperators.ASHR;
import static jdk.incubator.vector.VectorOperators.I2F;
import static jdk.incubator.vector.VectorOperators.LSHL;
import static jdk.incubator.vector.VectorOperators.LSHR;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.ShortVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * The inner loops of a {@link MultiplyKernel} for many rows of activations: it unpacks 1 or 2 vectors of weights once,
 * and multiplies them with 1 or 4 rows at a time. A multiplication and an addition then do everything, and sixteen
 * registers suffice.
 *
 * <p>As in {@link LookupTiles}, each method is one loop and stores its accumulators itself.
 */
final class UnpackedTiles {

    private static final VectorSpecies<Short> S = ShortVector.SPECIES_PREFERRED;
    private static final VectorSpecies<Integer> I = IntVector.SPECIES_PREFERRED;
    private static final VectorSpecies<Float> F = FloatVector.SPECIES_PREFERRED;
    private static final int LANES = S.length();
    private static final int HALF = LANES / 2;
    private static final int GROUP_COLUMNS = MultiplyFactors.GROUP_COLUMNS;

    private UnpackedTiles() {
    }

    /**
     * Unpacks one vector of a tile.
     *
     * @param w packed weights; the next group is {@code step} lanes further
     * @param trits filled with {@code [column][vector][lane]}
     * @param o the place of the first column's vector
     * @param stride distance of the columns
     */
    static void unpack(short[] w, int at, int step, int groups, short[] trits, int o, int stride) {
        for (int g = 0; g < groups; g++) {
            ShortVector codes = ShortVector.fromArray(S, w, at + g * step);
            for (int k = o + g * GROUP_COLUMNS * stride, end = k + GROUP_COLUMNS * stride; k < end; k += stride) {
                codes.and((short) 3).sub((short) 1).intoArray(trits, k);
                codes = codes.reinterpretAsInts().lanewise(LSHR, 2).reinterpretAsShorts();
            }
        }
    }

    static void oneByOne(short[] trits, int[] x, int p, int columns, float[] sums, int o) {
        ShortVector a0 = ShortVector.zero(S);
        for (int c = 0; c < columns; c++) {
            ShortVector w0 = ShortVector.fromArray(S, trits, c * LANES);
            ShortVector x0 = IntVector.broadcast(I, x[p + c]).reinterpretAsShorts();
            a0 = a0.add(w0.mul(x0));
        }
        FloatVector.fromArray(F, sums, o).add(a0.reinterpretAsInts().lanewise(LSHL, 16).lanewise(ASHR, 16)
                .convertShape(I2F, F, 0)).intoArray(sums, o);
        FloatVector.fromArray(F, sums, o + HALF).add(a0.reinterpretAsInts().lanewise(ASHR, 16)
                .convertShape(I2F, F, 0)).intoArray(sums, o + HALF);
    }

    static void twoByOne(short[] trits, int[] x, int p, int columns, float[] sums, int o) {
        ShortVector a0 = ShortVector.zero(S);
        ShortVector b0 = ShortVector.zero(S);
        for (int c = 0; c < columns; c++) {
            ShortVector w0 = ShortVector.fromArray(S, trits, c * 2 * LANES);
            ShortVector w1 = ShortVector.fromArray(S, trits, c * 2 * LANES + LANES);
            ShortVector x0 = IntVector.broadcast(I, x[p + c]).reinterpretAsShorts();
            a0 = a0.add(w0.mul(x0));
            b0 = b0.add(w1.mul(x0));
        }
        FloatVector.fromArray(F, sums, o).add(a0.reinterpretAsInts().lanewise(LSHL, 16).lanewise(ASHR, 16)
                .convertShape(I2F, F, 0)).intoArray(sums, o);
        FloatVector.fromArray(F, sums, o + HALF).add(a0.reinterpretAsInts().lanewise(ASHR, 16)
                .convertShape(I2F, F, 0)).intoArray(sums, o + HALF);
        FloatVector.fromArray(F, sums, o + LANES).add(b0.reinterpretAsInts().lanewise(LSHL, 16).lanewise(ASHR, 16)
                .convertShape(I2F, F, 0)).intoArray(sums, o + LANES);
        FloatVector.fromArray(F, sums, o + LANES + HALF).add(b0.reinterpretAsInts().lanewise(ASHR, 16)
                .convertShape(I2F, F, 0)).intoArray(sums, o + LANES + HALF);
    }

    static void oneByFour(short[] trits, int[] x, int p, int columns, float[] sums, int o, int stride) {
        ShortVector a0 = ShortVector.zero(S);
        ShortVector a1 = ShortVector.zero(S);
        ShortVector a2 = ShortVector.zero(S);
        ShortVector a3 = ShortVector.zero(S);
        for (int c = 0; c < columns; c++) {
            ShortVector w0 = ShortVector.fromArray(S, trits, c * LANES);
            ShortVector x0 = IntVector.broadcast(I, x[p + c * 4]).reinterpretAsShorts();
            a0 = a0.add(w0.mul(x0));
            ShortVector x1 = IntVector.broadcast(I, x[p + c * 4 + 1]).reinterpretAsShorts();
            a1 = a1.add(w0.mul(x1));
            ShortVector x2 = IntVector.broadcast(I, x[p + c * 4 + 2]).reinterpretAsShorts();
            a2 = a2.add(w0.mul(x2));
            ShortVector x3 = IntVector.broadcast(I, x[p + c * 4 + 3]).reinterpretAsShorts();
            a3 = a3.add(w0.mul(x3));
        }
        FloatVector.fromArray(F, sums, o).add(a0.reinterpretAsInts().lanewise(LSHL, 16).lanewise(ASHR, 16)
                .convertShape(I2F, F, 0)).intoArray(sums, o);
        FloatVector.fromArray(F, sums, o + HALF).add(a0.reinterpretAsInts().lanewise(ASHR, 16)
                .convertShape(I2F, F, 0)).intoArray(sums, o + HALF);
        int o1 = o + stride;
        FloatVector.fromArray(F, sums, o1).add(a1.reinterpretAsInts().lanewise(LSHL, 16).lanewise(ASHR, 16)
                .convertShape(I2F, F, 0)).intoArray(sums, o1);
        FloatVector.fromArray(F, sums, o1 + HALF).add(a1.reinterpretAsInts().lanewise(ASHR, 16)
                .convertShape(I2F, F, 0)).intoArray(sums, o1 + HALF);
        int o2 = o1 + stride;
        FloatVector.fromArray(F, sums, o2).add(a2.reinterpretAsInts().lanewise(LSHL, 16).lanewise(ASHR, 16)
                .convertShape(I2F, F, 0)).intoArray(sums, o2);
        FloatVector.fromArray(F, sums, o2 + HALF).add(a2.reinterpretAsInts().lanewise(ASHR, 16)
                .convertShape(I2F, F, 0)).intoArray(sums, o2 + HALF);
        int o3 = o2 + stride;
        FloatVector.fromArray(F, sums, o3).add(a3.reinterpretAsInts().lanewise(LSHL, 16).lanewise(ASHR, 16)
                .convertShape(I2F, F, 0)).intoArray(sums, o3);
        FloatVector.fromArray(F, sums, o3 + HALF).add(a3.reinterpretAsInts().lanewise(ASHR, 16)
                .convertShape(I2F, F, 0)).intoArray(sums, o3 + HALF);
    }

    static void twoByFour(short[] trits, int[] x, int p, int columns, float[] sums, int o, int stride) {
        ShortVector a0 = ShortVector.zero(S);
        ShortVector b0 = ShortVector.zero(S);
        ShortVector a1 = ShortVector.zero(S);
        ShortVector b1 = ShortVector.zero(S);
        ShortVector a2 = ShortVector.zero(S);
        ShortVector b2 = ShortVector.zero(S);
        ShortVector a3 = ShortVector.zero(S);
        ShortVector b3 = ShortVector.zero(S);
        for (int c = 0; c < columns; c++) {
            ShortVector w0 = ShortVector.fromArray(S, trits, c * 2 * LANES);
            ShortVector w1 = ShortVector.fromArray(S, trits, c * 2 * LANES + LANES);
            ShortVector x0 = IntVector.broadcast(I, x[p + c * 4]).reinterpretAsShorts();
            a0 = a0.add(w0.mul(x0));
            b0 = b0.add(w1.mul(x0));
            ShortVector x1 = IntVector.broadcast(I, x[p + c * 4 + 1]).reinterpretAsShorts();
            a1 = a1.add(w0.mul(x1));
            b1 = b1.add(w1.mul(x1));
            ShortVector x2 = IntVector.broadcast(I, x[p + c * 4 + 2]).reinterpretAsShorts();
            a2 = a2.add(w0.mul(x2));
            b2 = b2.add(w1.mul(x2));
            ShortVector x3 = IntVector.broadcast(I, x[p + c * 4 + 3]).reinterpretAsShorts();
            a3 = a3.add(w0.mul(x3));
            b3 = b3.add(w1.mul(x3));
        }
        FloatVector.fromArray(F, sums, o).add(a0.reinterpretAsInts().lanewise(LSHL, 16).lanewise(ASHR, 16)
                .convertShape(I2F, F, 0)).intoArray(sums, o);
        FloatVector.fromArray(F, sums, o + HALF).add(a0.reinterpretAsInts().lanewise(ASHR, 16)
                .convertShape(I2F, F, 0)).intoArray(sums, o + HALF);
        FloatVector.fromArray(F, sums, o + LANES).add(b0.reinterpretAsInts().lanewise(LSHL, 16).lanewise(ASHR, 16)
                .convertShape(I2F, F, 0)).intoArray(sums, o + LANES);
        FloatVector.fromArray(F, sums, o + LANES + HALF).add(b0.reinterpretAsInts().lanewise(ASHR, 16)
                .convertShape(I2F, F, 0)).intoArray(sums, o + LANES + HALF);
        int o1 = o + stride;
        FloatVector.fromArray(F, sums, o1).add(a1.reinterpretAsInts().lanewise(LSHL, 16).lanewise(ASHR, 16)
                .convertShape(I2F, F, 0)).intoArray(sums, o1);
        FloatVector.fromArray(F, sums, o1 + HALF).add(a1.reinterpretAsInts().lanewise(ASHR, 16)
                .convertShape(I2F, F, 0)).intoArray(sums, o1 + HALF);
        FloatVector.fromArray(F, sums, o1 + LANES).add(b1.reinterpretAsInts().lanewise(LSHL, 16).lanewise(ASHR, 16)
                .convertShape(I2F, F, 0)).intoArray(sums, o1 + LANES);
        FloatVector.fromArray(F, sums, o1 + LANES + HALF).add(b1.reinterpretAsInts().lanewise(ASHR, 16)
                .convertShape(I2F, F, 0)).intoArray(sums, o1 + LANES + HALF);
        int o2 = o1 + stride;
        FloatVector.fromArray(F, sums, o2).add(a2.reinterpretAsInts().lanewise(LSHL, 16).lanewise(ASHR, 16)
                .convertShape(I2F, F, 0)).intoArray(sums, o2);
        FloatVector.fromArray(F, sums, o2 + HALF).add(a2.reinterpretAsInts().lanewise(ASHR, 16)
                .convertShape(I2F, F, 0)).intoArray(sums, o2 + HALF);
        FloatVector.fromArray(F, sums, o2 + LANES).add(b2.reinterpretAsInts().lanewise(LSHL, 16).lanewise(ASHR, 16)
                .convertShape(I2F, F, 0)).intoArray(sums, o2 + LANES);
        FloatVector.fromArray(F, sums, o2 + LANES + HALF).add(b2.reinterpretAsInts().lanewise(ASHR, 16)
                .convertShape(I2F, F, 0)).intoArray(sums, o2 + LANES + HALF);
        int o3 = o2 + stride;
        FloatVector.fromArray(F, sums, o3).add(a3.reinterpretAsInts().lanewise(LSHL, 16).lanewise(ASHR, 16)
                .convertShape(I2F, F, 0)).intoArray(sums, o3);
        FloatVector.fromArray(F, sums, o3 + HALF).add(a3.reinterpretAsInts().lanewise(ASHR, 16)
                .convertShape(I2F, F, 0)).intoArray(sums, o3 + HALF);
        FloatVector.fromArray(F, sums, o3 + LANES).add(b3.reinterpretAsInts().lanewise(LSHL, 16).lanewise(ASHR, 16)
                .convertShape(I2F, F, 0)).intoArray(sums, o3 + LANES);
        FloatVector.fromArray(F, sums, o3 + LANES + HALF).add(b3.reinterpretAsInts().lanewise(ASHR, 16)
                .convertShape(I2F, F, 0)).intoArray(sums, o3 + LANES + HALF);
    }
}
