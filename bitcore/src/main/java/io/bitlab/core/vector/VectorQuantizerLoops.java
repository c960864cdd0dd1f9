package io.bitlab.core.vector;

import static jdk.incubator.vector.VectorOperators.GT;
import static jdk.incubator.vector.VectorOperators.LT;

import io.bitlab.core.math.SumTree;
import io.bitlab.core.quant.loops.QuantizerLoops;
import jdk.incubator.vector.ByteVector;
import jdk.incubator.vector.DoubleVector;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/**
 * {@link QuantizerLoops} in the widest vectors of this machine. Rounding merges four vectors of rounded values, one
 * byte each, and puts the bytes in order.
 */
public final class VectorQuantizerLoops implements QuantizerLoops {

    private static final VectorSpecies<Float> FLOATS = FloatVector.SPECIES_PREFERRED;
    private static final VectorSpecies<Double> DOUBLES = DoubleVector.SPECIES_PREFERRED;
    private static final VectorSpecies<Integer> INTS = IntVector.SPECIES_PREFERRED;
    private static final VectorSpecies<Byte> BYTES = ByteVector.SPECIES_PREFERRED;
    private static final int LANES = INTS.length();

    /** 1.5 * 2^23: added to a number below 2^22, it leaves the number, rounded half to even, in the lowest bits. */
    private static final float ROUNDER = 0x1.8p23f;

    /** Position of the byte of each of 4 * LANES values, where byte k of int lane l belongs to value k * LANES + l. */
    private static final byte[] ORDER = new byte[BYTES.length()];

    // floats whose bits are 1 or -1 in byte k of an int
    private static final float PLUS_0 = Float.intBitsToFloat(1);
    private static final float PLUS_1 = Float.intBitsToFloat(1 << 8);
    private static final float PLUS_2 = Float.intBitsToFloat(1 << 16);
    private static final float PLUS_3 = Float.intBitsToFloat(1 << 24);
    private static final float MINUS_0 = Float.intBitsToFloat(0xff);
    private static final float MINUS_1 = Float.intBitsToFloat(0xff << 8);
    private static final float MINUS_2 = Float.intBitsToFloat(0xff << 16);
    private static final float MINUS_3 = Float.intBitsToFloat(0xff << 24);

    static {
        for (int i = 0; i < ORDER.length; i++) {
            ORDER[i] = (byte) (i % LANES * 4 + i / LANES);
        }
    }

    private final QuantizerLoops scalar;

    /** For {@code VectorPlatform.counterpartOf}. */
    public VectorQuantizerLoops() {
        this(new QuantizerLoops.Scalar());
    }

    /** For tests: {@code scalar} processes the values after the last whole vector. */
    VectorQuantizerLoops(QuantizerLoops scalar) {
        this.scalar = scalar;
    }

    /** The bits of positive floats are ordered like the floats, with infinity and NaN last: so ints suffice. */
    @Override
    public float absMax(float[] x, int from, int to) {
        IntVector m0 = IntVector.zero(INTS);
        IntVector m1 = IntVector.zero(INTS);
        int i = from;
        for (; i <= to - 2 * LANES; i += 2 * LANES) {
            m0 = m0.max(FloatVector.fromArray(FLOATS, x, i).reinterpretAsInts().and(Integer.MAX_VALUE));
            m1 = m1.max(FloatVector.fromArray(FLOATS, x, i + LANES).reinterpretAsInts().and(Integer.MAX_VALUE));
        }
        float max = Float.intBitsToFloat(m0.max(m1).reduceLanes(VectorOperators.MAX));
        return Math.max(max, scalar.absMax(x, i, to));
    }

    // The partial sums are the lanes of two vectors of doubles at 512 bits, four at 256, eight at 128. LANES is a
    // constant, so the vectors that a width doesn't use cost nothing.
    @Override
    public double absSum(float[] x, int from, int to) {
        DoubleVector s0 = DoubleVector.zero(DOUBLES);
        DoubleVector s1 = DoubleVector.zero(DOUBLES);
        DoubleVector s2 = DoubleVector.zero(DOUBLES);
        DoubleVector s3 = DoubleVector.zero(DOUBLES);
        DoubleVector s4 = DoubleVector.zero(DOUBLES);
        DoubleVector s5 = DoubleVector.zero(DOUBLES);
        DoubleVector s6 = DoubleVector.zero(DOUBLES);
        DoubleVector s7 = DoubleVector.zero(DOUBLES);
        int i = from;
        for (; i <= to - SumTree.PARTIALS; i += SumTree.PARTIALS) {
            FloatVector v0 = FloatVector.fromArray(FLOATS, x, i).abs();
            s0 = s0.add(v0.convertShape(VectorOperators.F2D, DOUBLES, 0));
            s1 = s1.add(v0.convertShape(VectorOperators.F2D, DOUBLES, 1));
            if (LANES < 16) {
                FloatVector v1 = FloatVector.fromArray(FLOATS, x, i + LANES).abs();
                s2 = s2.add(v1.convertShape(VectorOperators.F2D, DOUBLES, 0));
                s3 = s3.add(v1.convertShape(VectorOperators.F2D, DOUBLES, 1));
            }
            if (LANES < 8) {
                FloatVector v2 = FloatVector.fromArray(FLOATS, x, i + 2 * LANES).abs();
                s4 = s4.add(v2.convertShape(VectorOperators.F2D, DOUBLES, 0));
                s5 = s5.add(v2.convertShape(VectorOperators.F2D, DOUBLES, 1));
                FloatVector v3 = FloatVector.fromArray(FLOATS, x, i + 3 * LANES).abs();
                s6 = s6.add(v3.convertShape(VectorOperators.F2D, DOUBLES, 0));
                s7 = s7.add(v3.convertShape(VectorOperators.F2D, DOUBLES, 1));
            }
        }
        double[] partials = new double[SumTree.PARTIALS];
        int half = LANES / 2;
        s0.intoArray(partials, 0);
        s1.intoArray(partials, half);
        if (LANES < 16) {
            s2.intoArray(partials, 2 * half);
            s3.intoArray(partials, 3 * half);
        }
        if (LANES < 8) {
            s4.intoArray(partials, 4 * half);
            s5.intoArray(partials, 5 * half);
            s6.intoArray(partials, 6 * half);
            s7.intoArray(partials, 7 * half);
        }
        for (int rest = 0; i + rest < to; rest++) {
            partials[rest] += Math.abs(x[i + rest]);
        }
        return SumTree.add(partials);
    }

    @Override
    public void round(float[] x, int from, int to, float factor, byte[] q) {
        ByteVector order = ByteVector.fromArray(BYTES, ORDER, 0);
        int i = from;
        for (; i <= to - 4 * LANES; i += 4 * LANES) {
            IntVector q0 = FloatVector.fromArray(FLOATS, x, i).mul(factor).add(ROUNDER).reinterpretAsInts();
            IntVector q1 = FloatVector.fromArray(FLOATS, x, i + LANES).mul(factor).add(ROUNDER).reinterpretAsInts();
            IntVector q2 = FloatVector.fromArray(FLOATS, x, i + 2 * LANES).mul(factor).add(ROUNDER).reinterpretAsInts();
            IntVector q3 = FloatVector.fromArray(FLOATS, x, i + 3 * LANES).mul(factor).add(ROUNDER).reinterpretAsInts();
            IntVector laid = q0.and(255)
                    .or(q1.and(255).lanewise(VectorOperators.LSHL, 8))
                    .or(q2.and(255).lanewise(VectorOperators.LSHL, 16))
                    .or(q3.lanewise(VectorOperators.LSHL, 24));
            order.selectFrom(laid.reinterpretAsBytes()).intoArray(q, i);
        }
        scalar.round(x, i, to, factor, q);
    }

    // Two comparisons take a tenth less than clamping, rounding and shifting. The floats that are blended in are bytes
    // of the four results.
    @Override
    public void ternarize(float[] x, int from, int to, float factor, byte[] q) {
        ByteVector order = ByteVector.fromArray(BYTES, ORDER, 0);
        FloatVector none = FloatVector.zero(FLOATS);
        int i = from;
        for (; i <= to - 4 * LANES; i += 4 * LANES) {
            FloatVector v0 = FloatVector.fromArray(FLOATS, x, i).mul(factor);
            FloatVector v1 = FloatVector.fromArray(FLOATS, x, i + LANES).mul(factor);
            FloatVector v2 = FloatVector.fromArray(FLOATS, x, i + 2 * LANES).mul(factor);
            FloatVector v3 = FloatVector.fromArray(FLOATS, x, i + 3 * LANES).mul(factor);
            v0 = none.blend(PLUS_0, v0.compare(GT, 0.5f)).blend(MINUS_0, v0.compare(LT, -0.5f));
            v1 = none.blend(PLUS_1, v1.compare(GT, 0.5f)).blend(MINUS_1, v1.compare(LT, -0.5f));
            v2 = none.blend(PLUS_2, v2.compare(GT, 0.5f)).blend(MINUS_2, v2.compare(LT, -0.5f));
            v3 = none.blend(PLUS_3, v3.compare(GT, 0.5f)).blend(MINUS_3, v3.compare(LT, -0.5f));
            IntVector laid = v0.reinterpretAsInts().or(v1.reinterpretAsInts())
                    .or(v2.reinterpretAsInts()).or(v3.reinterpretAsInts());
            order.selectFrom(laid.reinterpretAsBytes()).intoArray(q, i);
        }
        scalar.ternarize(x, i, to, factor, q);
    }
}
