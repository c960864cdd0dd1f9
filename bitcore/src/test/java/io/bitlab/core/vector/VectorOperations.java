package io.bitlab.core.vector;

import java.util.List;
import java.util.Random;
import jdk.incubator.vector.ByteVector;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.ShortVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorShape;
import jdk.incubator.vector.VectorSpecies;

/**
 * Every operation of the Vector API that this package uses, beside what it should yield. What is not here must not be
 * used there before it is added.
 */
final class VectorOperations {

    private static final VectorSpecies<Byte> B = ByteVector.SPECIES_PREFERRED;
    private static final VectorSpecies<Short> S = ShortVector.SPECIES_PREFERRED;
    private static final VectorSpecies<Integer> I = IntVector.SPECIES_PREFERRED;
    private static final VectorSpecies<Float> F = FloatVector.SPECIES_PREFERRED;
    private static final VectorSpecies<Byte> HALF =
            VectorSpecies.of(byte.class, VectorShape.forBitSize(S.vectorBitSize() / 2));
    private static final int SIZE = 512;

    private VectorOperations() {
    }

    /** An operation, which compares itself with scalar code. */
    record Operation(String name, Check check) {
    }

    /** Checks an operation on random data. */
    interface Check {
        /** Describes the first difference; null if there is none. */
        String difference(Random random);
    }

    static List<Operation> all() {
        return List.of(
                new Operation("short add, mul, broadcast", VectorOperations::shortArithmetic),
                new Operation("short mul, and by a scalar, sub", VectorOperations::shortTimesScalar),
                new Operation("short ABS, reduceLanes ADD", VectorOperations::shortSum),
                new Operation("short selectFrom", VectorOperations::shortSelect),
                new Operation("short S2F", VectorOperations::shortToFloat),
                new Operation("short as int LSHR", VectorOperations::shiftAcross),
                new Operation("byte B2S, short LSHR, S2B", VectorOperations::byteToShort),
                new Operation("byte B2I, in parts", VectorOperations::byteToInt),
                new Operation("byte selectFrom, add", VectorOperations::byteSelect),
                new Operation("int and, or, LSHL", VectorOperations::intBits),
                new Operation("int LSHR, ASHR, XOR", VectorOperations::intShifts),
                new Operation("int LSHL, LSHR, XOR by vectors", VectorOperations::intVariableShifts),
                new Operation("int max, reduceLanes MAX", VectorOperations::intMax),
                new Operation("int selectFrom", VectorOperations::intSelect),
                new Operation("int I2F", VectorOperations::intToFloat),
                new Operation("float add, mul", VectorOperations::floatArithmetic),
                new Operation("float fma, broadcast", VectorOperations::floatFma),
                new Operation("float as int and back", VectorOperations::floatBits));
    }

    private static String shortArithmetic(Random random) {
        short[] a = shorts(random);
        short[] b = shorts(random);
        short[] r = new short[SIZE];
        for (int i = 0; i < SIZE; i += S.length()) {
            ShortVector v = ShortVector.fromArray(S, a, i);
            ShortVector.broadcast(S, b[i]).add(v.mul(ShortVector.fromArray(S, b, i))).add(v).intoArray(r, i);
        }
        for (int i = 0; i < SIZE; i++) {
            short expected = (short) (b[i / S.length() * S.length()] + a[i] * b[i] + a[i]);
            if (expected != r[i]) {
                return at(i, expected, r[i]);
            }
        }
        return null;
    }

    private static String shortTimesScalar(Random random) {
        short[] a = shorts(random);
        short[] r = new short[SIZE];
        for (int i = 0; i < SIZE; i += S.length()) {
            ShortVector v = ShortVector.fromArray(S, a, i);
            v.mul(a[i]).sub(v.and((short) ~3)).intoArray(r, i);
        }
        for (int i = 0; i < SIZE; i++) {
            short expected = (short) (a[i / S.length() * S.length()] * a[i] - (a[i] & ~3));
            if (expected != r[i]) {
                return at(i, expected, r[i]);
            }
        }
        return null;
    }

    private static String shortSum(Random random) {
        short[] a = shorts(random);
        for (int i = 0; i < SIZE; i += S.length()) {
            short expected = 0;
            for (int j = i; j < i + S.length(); j++) {
                expected += (short) Math.abs(a[j]);
            }
            short sum = ShortVector.fromArray(S, a, i).lanewise(VectorOperators.ABS).reduceLanes(VectorOperators.ADD);
            if (expected != sum) {
                return at(i, expected, sum);
            }
        }
        return null;
    }

    private static String shortSelect(Random random) {
        short[] a = shorts(random);
        short[] b = shorts(random);
        short[] r = new short[SIZE];
        for (int i = 0; i < SIZE; i += S.length()) {
            ShortVector.fromArray(S, a, i).selectFrom(ShortVector.fromArray(S, b, i)).intoArray(r, i);
        }
        for (int i = 0; i < SIZE; i++) {
            short expected = b[i / S.length() * S.length() + (a[i] & S.length() - 1)];
            if (expected != r[i]) {
                return at(i, expected, r[i]);
            }
        }
        return null;
    }

    private static String shortToFloat(Random random) {
        short[] a = shorts(random);
        float[] r = new float[SIZE];
        for (int i = 0; i < SIZE; i += S.length()) {
            ShortVector v = ShortVector.fromArray(S, a, i);
            FloatVector.fromArray(F, r, i).add(v.convertShape(VectorOperators.S2F, F, 0)).intoArray(r, i);
            int j = i + F.length();
            FloatVector.fromArray(F, r, j).add(v.convertShape(VectorOperators.S2F, F, 1)).intoArray(r, j);
        }
        for (int i = 0; i < SIZE; i++) {
            if (a[i] != r[i]) {
                return at(i, a[i], r[i]);
            }
        }
        return null;
    }

    private static String shiftAcross(Random random) {
        short[] a = shorts(random);
        short[] r = new short[SIZE];
        for (int i = 0; i < SIZE; i += S.length()) {
            ShortVector v = ShortVector.fromArray(S, a, i);
            v = v.reinterpretAsInts().lanewise(VectorOperators.LSHR, 5).reinterpretAsShorts();
            v.reinterpretAsInts().lanewise(VectorOperators.LSHR, 2).reinterpretAsShorts().intoArray(r, i);
        }
        for (int i = 0; i < SIZE; i += 2) {
            int expected = (a[i] & 0xffff | a[i + 1] << 16) >>> 7;
            if ((short) expected != r[i] || (short) (expected >>> 16) != r[i + 1]) {
                return at(i, expected, r[i] & 0xffff | r[i + 1] << 16);
            }
        }
        return null;
    }

    private static String byteToShort(Random random) {
        byte[] a = bytes(random);
        short[] r = new short[SIZE];
        byte[] shifted = new byte[SIZE];
        for (int i = 0; i < SIZE; i += S.length()) {
            ShortVector v = (ShortVector) ByteVector.fromArray(HALF, a, i).convertShape(VectorOperators.B2S, S, 0);
            v.intoArray(r, i);
            v = v.lanewise(VectorOperators.LSHR, 5);
            ((ByteVector) v.convertShape(VectorOperators.S2B, HALF, 0)).intoArray(shifted, i);
        }
        for (int i = 0; i < SIZE; i++) {
            if (a[i] != r[i] || (byte) (a[i] >>> 5) != shifted[i]) {
                return at(i, a[i], r[i]) + ", shifted " + shifted[i];
            }
        }
        return null;
    }

    private static String byteToInt(Random random) {
        byte[] a = bytes(random);
        int[] r = new int[SIZE];
        VectorSpecies<Integer> ints = I.length() < 8 ? I : IntVector.SPECIES_256;
        for (int i = 0; i < SIZE; i += ints.length()) {
            ((IntVector) ByteVector.fromArray(ByteVector.SPECIES_64, a, i / 8 * 8)
                    .convertShape(VectorOperators.B2I, ints, i % 8 / ints.length())).intoArray(r, i);
        }
        for (int i = 0; i < SIZE; i++) {
            if (a[i] != r[i]) {
                return at(i, a[i], r[i]);
            }
        }
        return null;
    }

    private static String byteSelect(Random random) {
        byte[] a = bytes(random);
        byte[] b = bytes(random);
        byte[] r = new byte[SIZE];
        for (int i = 0; i < SIZE; i += B.length()) {
            ByteVector v = ByteVector.fromArray(B, a, i);
            v.selectFrom(ByteVector.fromArray(B, b, i)).add(v).intoArray(r, i);
        }
        for (int i = 0; i < SIZE; i++) {
            byte expected = (byte) (b[i / B.length() * B.length() + (a[i] & B.length() - 1)] + a[i]);
            if (expected != r[i]) {
                return at(i, expected, r[i]);
            }
        }
        return null;
    }

    private static String intBits(Random random) {
        int[] a = ints(random);
        int[] b = ints(random);
        int[] r = new int[SIZE];
        for (int i = 0; i < SIZE; i += I.length()) {
            IntVector v = IntVector.fromArray(I, a, i).and(255).lanewise(VectorOperators.LSHL, 8);
            v.or(IntVector.fromArray(I, b, i).and(255))
                    .or(IntVector.fromArray(I, b, i).lanewise(VectorOperators.LSHL, 24))
                    .intoArray(r, i);
        }
        for (int i = 0; i < SIZE; i++) {
            int expected = (a[i] & 255) << 8 | b[i] & 255 | b[i] << 24;
            if (expected != r[i]) {
                return at(i, expected, r[i]);
            }
        }
        return null;
    }

    private static String intShifts(Random random) {
        int[] a = ints(random);
        int[] r = new int[SIZE];
        for (int i = 0; i < SIZE; i += I.length()) {
            IntVector v = IntVector.fromArray(I, a, i);
            v.lanewise(VectorOperators.LSHR, 4).lanewise(VectorOperators.XOR, v.lanewise(VectorOperators.ASHR, 30))
                    .intoArray(r, i);
        }
        for (int i = 0; i < SIZE; i++) {
            int expected = a[i] >>> 4 ^ a[i] >> 30;
            if (expected != r[i]) {
                return at(i, expected, r[i]);
            }
        }
        return null;
    }

    private static String intVariableShifts(Random random) {
        int[] a = ints(random);
        int[] b = ints(random);
        int[] r = new int[SIZE];
        int count = random.nextInt(32);
        for (int i = 0; i < SIZE; i += I.length()) {
            IntVector v = IntVector.fromArray(I, a, i);
            v.lanewise(VectorOperators.LSHR, count).lanewise(VectorOperators.XOR, IntVector.fromArray(I, b, i))
                    .add(v.lanewise(VectorOperators.LSHL, count)).intoArray(r, i);
        }
        for (int i = 0; i < SIZE; i++) {
            int expected = (a[i] >>> count ^ b[i]) + (a[i] << count);
            if (expected != r[i]) {
                return at(i, expected, r[i]);
            }
        }
        return null;
    }

    private static String intMax(Random random) {
        int[] a = ints(random);
        IntVector max = IntVector.zero(I);
        int expected = 0;
        for (int i = 0; i < SIZE; i += I.length()) {
            max = max.max(IntVector.fromArray(I, a, i));
        }
        for (int i = 0; i < SIZE; i++) {
            expected = Math.max(expected, a[i]);
        }
        int found = max.reduceLanes(VectorOperators.MAX);
        return expected == found ? null : at(0, expected, found);
    }

    private static String intSelect(Random random) {
        int[] a = ints(random);
        int[] b = ints(random);
        int[] r = new int[SIZE];
        for (int i = 0; i < SIZE; i += I.length()) {
            IntVector.fromArray(I, a, i).selectFrom(IntVector.fromArray(I, b, i)).intoArray(r, i);
        }
        for (int i = 0; i < SIZE; i++) {
            int expected = b[i / I.length() * I.length() + (a[i] & I.length() - 1)];
            if (expected != r[i]) {
                return at(i, expected, r[i]);
            }
        }
        return null;
    }

    private static String intToFloat(Random random) {
        int[] a = ints(random);
        float[] r = new float[SIZE];
        for (int i = 0; i < SIZE; i += I.length()) {
            FloatVector v = (FloatVector) IntVector.fromArray(I, a, i).convertShape(VectorOperators.I2F, F, 0);
            v.intoArray(r, i);
        }
        for (int i = 0; i < SIZE; i++) {
            if ((float) a[i] != r[i]) {
                return at(i, a[i], r[i]);
            }
        }
        return null;
    }

    private static String floatArithmetic(Random random) {
        float[] a = floats(random);
        float[] b = floats(random);
        float[] r = new float[SIZE];
        for (int i = 0; i < SIZE; i += F.length()) {
            FloatVector v = FloatVector.fromArray(F, a, i);
            v.mul(FloatVector.fromArray(F, b, i)).add(v).mul(b[i]).add(3f).intoArray(r, i);
        }
        for (int i = 0; i < SIZE; i++) {
            float product = a[i] * b[i];
            float sum = product + a[i];
            float scaled = sum * b[i / F.length() * F.length()];
            if (scaled + 3f != r[i]) {
                return at(i, scaled + 3f, r[i]);
            }
        }
        return null;
    }

    private static String floatFma(Random random) {
        float[] a = floats(random);
        float[] b = floats(random);
        float[] r = new float[SIZE];
        for (int i = 0; i < SIZE; i += F.length()) {
            FloatVector v = FloatVector.fromArray(F, a, i);
            v.fma(FloatVector.fromArray(F, b, i), FloatVector.broadcast(F, b[i])).intoArray(r, i);
        }
        for (int i = 0; i < SIZE; i++) {
            float expected = Math.fma(a[i], b[i], b[i / F.length() * F.length()]);
            if (expected != r[i]) {
                return at(i, expected, r[i]);
            }
        }
        return null;
    }

    private static String floatBits(Random random) {
        float[] a = floats(random);
        float[] r = new float[SIZE];
        for (int i = 0; i < SIZE; i += F.length()) {
            FloatVector.fromArray(F, a, i).reinterpretAsInts().and(Integer.MAX_VALUE).reinterpretAsFloats()
                    .intoArray(r, i);
        }
        for (int i = 0; i < SIZE; i++) {
            if (Math.abs(a[i]) != r[i]) {
                return at(i, Math.abs(a[i]), r[i]);
            }
        }
        return null;
    }

    private static String at(int i, double expected, double actual) {
        return "element " + i + " is " + actual + ", expected " + expected;
    }

    private static byte[] bytes(Random random) {
        byte[] values = new byte[SIZE];
        random.nextBytes(values);
        return values;
    }

    private static short[] shorts(Random random) {
        short[] values = new short[SIZE];
        for (int i = 0; i < SIZE; i++) {
            values[i] = (short) random.nextInt();
        }
        return values;
    }

    private static int[] ints(Random random) {
        int[] values = new int[SIZE];
        for (int i = 0; i < SIZE; i++) {
            values[i] = random.nextInt();
        }
        return values;
    }

    private static float[] floats(Random random) {
        float[] values = new float[SIZE];
        for (int i = 0; i < SIZE; i++) {
            values[i] = random.nextFloat() - 0.5f;
        }
        return values;
    }
}
