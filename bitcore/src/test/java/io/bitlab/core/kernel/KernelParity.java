package io.bitlab.core.kernel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import io.bitlab.core.ActivationDtype;
import io.bitlab.core.quant.Activations;
import io.bitlab.core.quant.FloatActivations;
import io.bitlab.core.quant.QuantizedActivations;
import io.bitlab.core.quant.QuantizedPatches;
import io.bitlab.core.quant.TernaryMatrix;
import java.util.Arrays;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * The one test body for all kernels: what a kernel computes must equal, to the bit, the product computed here from
 * dense trits.
 *
 * <p>The product here shares no arithmetic with the library. Integer sums are longs. A float operation is done in
 * double and rounded to float at once, which gives the float result exactly: a double has more than twice the bits and
 * two to spare.
 */
public final class KernelParity {

    private static final float UNTOUCHED = -12345.678f;

    private KernelParity() {
    }

    /** A shape, and the seed of its data. */
    public record Size(int out, int in, int rows, long seed) {
        @Override
        public String toString() {
            return out + " x " + in + ", " + rows + " rows, seed " + seed;
        }
    }

    /** Each size from 1 to 70 as outputs and as inputs, primes, and long rows on which 16-bit sums overflow. */
    public static Stream<Size> sizes() {
        Random random = new Random(1);
        Stream<Size> small = IntStream.rangeClosed(1, 70).boxed().flatMap(n -> Stream.of(
                new Size(n, 1 + random.nextInt(70), 1 + n % 5, n), new Size(1 + random.nextInt(70), n, 1 + n % 3, -n)));
        Stream<Size> primes = Stream.of(
                new Size(97, 101, 2, 1000), new Size(131, 127, 3, 1001), new Size(2, 257, 7, 1002),
                new Size(17, 509, 1, 1003), new Size(257, 11, 4, 1004), new Size(5, 1021, 2, 1005));
        Stream<Size> long16 = Stream.of(new Size(3, 2560, 2, 2000), new Size(2, 14336, 1, 2001));
        return Stream.of(small, primes, long16).flatMap(s -> s);
    }

    private enum Weights { RANDOM, ALL_MINUS_ONE, ALL_ZERO, ALL_PLUS_ONE }

    private enum Inputs { RANDOM, EXTREME, ALL_MAXIMAL }

    private enum Scales { TENSOR, ROW, BLOCK }

    /**
     * Runs a kernel through every kind of weight, input, scale and bias at one size.
     *
     * @throws AssertionError at the first difference; the message has shape, seed and kind
     */
    public static void check(TernaryKernel kernel, ActivationDtype dtype, Size size) {
        Random random = new Random(size.seed());
        for (Weights weights : Weights.values()) {
            byte[] trits = trits(random, weights, size.out() * size.in());
            for (Scales scales : Scales.values()) {
                TernaryMatrix matrix = matrix(random, trits, size, scales);
                PackedWeights packed = kernel.pack(matrix);
                assertSame(kernel, packed.kernel());
                assertEquals(size.out(), packed.outFeatures());
                assertEquals(size.in(), packed.inFeatures());
                assertEquals(matrix, packed.unpack(), () -> "unpack, " + kernel.name() + ", " + size + ", " + matrix);
                assertTrue(packed.bytes() >= matrix.outFeatures() * matrix.inFeatures() / 5.1, "bytes");
                for (Inputs inputs : Inputs.values()) {
                    Activations x = activations(random, dtype, inputs, size, random.nextBoolean());
                    float[] products = products(trits, matrix, x);
                    for (boolean biased : new boolean[] {false, true}) {
                        float[] bias = biased ? floats(random, size.out()) : null;
                        String what = kernel.name() + ", " + dtype + ", " + size + ", weights " + weights + ", scales "
                                + scales + " (" + matrix + "), inputs " + inputs + " (" + x + "), bias " + biased;
                        compare(packed, x, bias, plus(products, bias, size.out()), random, what);
                    }
                }
            }
        }
    }

    /** Multiplies as a whole and in two parts, the later one first. */
    private static void compare(
            PackedWeights w, Activations x, float[] bias, float[] expected, Random random, String what) {
        TernaryKernel kernel = w.kernel();
        int out = w.outFeatures();
        PreparedActivations prepared = kernel.prepare(x);
        assertEquals(x.rows(), prepared.rows(), what);
        assertEquals(x.columns(), prepared.columns(), what);
        float[] y = new float[expected.length];
        Arrays.fill(y, UNTOUCHED);
        kernel.multiply(w, prepared, bias, y, 0, out);
        assertSameBits(expected, y, out, 0, out, what);

        int cut = random.nextInt(out + 1) / kernel.rowAlignment() * kernel.rowAlignment();
        Arrays.fill(y, UNTOUCHED);
        kernel.multiply(w, prepared, bias, y, cut, out);
        assertSameBits(expected, y, out, cut, out, what + ", outputs " + cut + " to " + out);
        kernel.multiply(w, prepared, bias, y, 0, cut);
        assertSameBits(expected, y, out, 0, out, what + ", outputs 0 to " + cut + " afterwards");
    }

    private static void assertSameBits(float[] expected, float[] actual, int out, int from, int to, String what) {
        for (int i = 0; i < expected.length; i++) {
            float e = i % out >= from && i % out < to ? expected[i] : UNTOUCHED;
            if (Float.floatToIntBits(e) != Float.floatToIntBits(actual[i])) {
                fail(what + ": row " + i / out + ", output " + i % out + " is " + actual[i] + ", expected " + e);
            }
        }
    }

    // ---------------------------------------------------------------- data

    private static byte[] trits(Random random, Weights kind, int count) {
        byte[] trits = new byte[count];
        for (int i = 0; i < count; i++) {
            trits[i] = (byte) switch (kind) {
                case RANDOM -> random.nextInt(3) - 1;
                case ALL_MINUS_ONE -> -1;
                case ALL_ZERO -> 0;
                case ALL_PLUS_ONE -> 1;
            };
        }
        return trits;
    }

    private static TernaryMatrix matrix(Random random, byte[] trits, Size size, Scales kind) {
        int out = size.out();
        int in = size.in();
        if (kind != Scales.BLOCK) {
            return TernaryMatrix.of(trits, out, in, floats(random, kind == Scales.TENSOR ? 1 : out));
        }
        int[] widths = {1, 2, 5, 7, 16, 32, 256};
        int blockColumns = in > 1000 ? 256 : widths[random.nextInt(widths.length)];
        float[] scales = floats(random, out * Math.ceilDiv(in, blockColumns));
        return TernaryMatrix.ofBlocks(trits, out, in, scales, blockColumns);
    }

    private static Activations activations(
            Random random, ActivationDtype dtype, Inputs kind, Size size, boolean perTensor) {
        int count = size.rows() * size.in();
        if (dtype == ActivationDtype.INT8) {
            byte[] values = new byte[count];
            for (int i = 0; i < count; i++) {
                values[i] = (byte) switch (kind) {
                    case RANDOM -> random.nextInt(255) - 127;
                    case EXTREME -> random.nextBoolean() ? 127 : -127;
                    case ALL_MAXIMAL -> 127;
                };
            }
            float[] scales = new float[perTensor ? 1 : size.rows() % 2 == 0 ? size.rows() / 2 : size.rows()];
            for (int i = 0; i < scales.length; i++) {
                scales[i] = (1 + random.nextInt(1000)) / 127f;
            }
            return new QuantizedActivations(values, scales, size.rows(), size.in());
        }
        float[] values = new float[count];
        float[] extremes = {0, -0f, 1e38f, -1e38f, Float.MIN_VALUE, 1, Float.POSITIVE_INFINITY, Float.NaN};
        for (int i = 0; i < count; i++) {
            values[i] = switch (kind) {
                case RANDOM -> (float) random.nextGaussian();
                case EXTREME -> random.nextInt(4) > 0
                        ? (float) Math.scalb(random.nextGaussian(), random.nextInt(60) - 30)
                        : extremes[random.nextInt(i % size.in() < 8 ? 6 : random.nextInt(50) > 0 ? 6 : 8)];
                case ALL_MAXIMAL -> Float.MAX_VALUE;
            };
        }
        return new FloatActivations(values, size.rows(), size.in());
    }

    /** Numbers of both signs, as scales in files may be, and zeros of both signs now and then. */
    private static float[] floats(Random random, int count) {
        float[] values = new float[count];
        for (int i = 0; i < count; i++) {
            float zero = random.nextBoolean() ? 0f : -0f;
            values[i] = random.nextInt(10) == 0 ? zero : (float) random.nextGaussian();
        }
        return values;
    }

    // ---------------------------------------------------------------- the product

    /** The product of dense trits and rows of activations, by its definition. */
    static float[] expected(byte[] trits, TernaryMatrix matrix, Activations x, float[] bias) {
        return plus(products(trits, matrix, x), bias, matrix.outFeatures());
    }

    private static float[] plus(float[] products, float[] bias, int out) {
        float[] y = new float[products.length];
        for (int i = 0; i < y.length; i++) {
            y[i] = (float) (products[i] + (bias == null ? 0.0 : bias[i % out]));
        }
        return y;
    }

    private static float[] products(byte[] trits, TernaryMatrix matrix, Activations x) {
        int out = matrix.outFeatures();
        int in = matrix.inFeatures();
        float[] y = new float[x.rows() * out];
        for (int row = 0; row < x.rows(); row++) {
            for (int o = 0; o < out; o++) {
                double total = 0;
                for (int block = 0; block * matrix.blockColumns() < in; block++) {
                    int from = block * matrix.blockColumns();
                    int to = Math.min(in, from + matrix.blockColumns());
                    double sum = switch (x) {
                        case QuantizedActivations q -> integerSum(trits, o * in, q.values(), row * in, from, to);
                        case QuantizedPatches p -> throw new AssertionError(p.toString());
                        case FloatActivations f -> pairSum(trits, o * in, f.values(), row * in, from, to);
                    };
                    double product = (float) (sum * matrix.scale(o, block));
                    total = block == 0 ? product : (float) (total + product);
                }
                if (x instanceof QuantizedActivations q) {
                    total = (float) (total * q.scale(row));
                }
                y[row * out + o] = (float) total;
            }
        }
        return y;
    }

    private static double integerSum(byte[] w, int wStart, byte[] a, int aStart, int from, int to) {
        long sum = 0;
        for (int i = from; i < to; i++) {
            sum += (long) w[wStart + i] * a[aStart + i];
        }
        return (float) sum;
    }

    private static double pairSum(byte[] w, int wStart, float[] a, int aStart, int from, int to) {
        double sum = 0;
        for (int i = from; i < to; i += 2) {
            double first = w[wStart + i] * (double) a[aStart + i];
            double second = i + 1 < to ? w[wStart + i + 1] * (double) a[aStart + i + 1] : 0;
            sum = (float) (sum + (float) (first + second));
        }
        return sum;
    }
}
