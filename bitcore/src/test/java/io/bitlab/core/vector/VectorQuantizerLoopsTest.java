package io.bitlab.core.vector;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.bitlab.core.platform.VectorPlatform;
import io.bitlab.core.quant.loops.QuantizerLoops;
import java.util.Arrays;
import java.util.Random;
import java.util.function.Consumer;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Tag("parity")
class VectorQuantizerLoopsTest {

    private static final QuantizerLoops SCALAR = new QuantizerLoops.Scalar();
    private static QuantizerLoops vector;

    @BeforeAll
    static void load() {
        VectorPlatform platform = VectorPlatform.current();
        assumeTrue(platform.isUsable(), platform::reason);
        vector = platform.counterpartOf(QuantizerLoops.class).orElseThrow();
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2, 3, 15, 16, 31, 32, 33, 63, 64, 65, 100, 127, 128, 129, 1000})
    void equalsTheScalarForm(int length) {
        for (int round = 0; round < 500; round++) {
            long seed = length * 1000L + round;
            Random random = new Random(seed);
            int from = random.nextInt(4);
            float[] x = new float[from + length + random.nextInt(4)];
            float size = (float) Math.scalb(1.0, random.nextInt(250) - 125);
            for (int i = 0; i < x.length; i++) {
                x[i] = (float) random.nextGaussian() * size;
            }
            check(x, from, from + length, "length " + length + ", seed " + seed);
        }
    }

    private static void check(float[] x, int from, int to, String what) {
        float absMax = SCALAR.absMax(x, from, to);
        assertEquals(absMax, vector.absMax(x, from, to), what);
        assertEquals(SCALAR.absSum(x, from, to), vector.absSum(x, from, to), what);
        float bytes = 127 / Math.max(absMax, 1e-5f);
        assertArrayEquals(rounded(x, q -> SCALAR.round(x, from, to, bytes, q)),
                rounded(x, q -> vector.round(x, from, to, bytes, q)), what);
        for (float factor : new float[] {
            3 / Math.max(absMax, 1e-5f), // most of them beyond 1
            1, // halves as they are
            1e38f}) { // infinite products
            assertArrayEquals(rounded(x, q -> SCALAR.ternarize(x, from, to, factor, q)),
                    rounded(x, q -> vector.ternarize(x, from, to, factor, q)), what);
        }
    }

    private static byte[] rounded(float[] x, Consumer<byte[]> loop) {
        byte[] values = new byte[x.length];
        Arrays.fill(values, (byte) 99); // beyond the range, it stays
        loop.accept(values);
        return values;
    }

    /** Every half from -127 to 127, and its neighbours: where rounding half to even shows. */
    @Test
    void halves() {
        float[] x = new float[3 * 509 + 3];
        for (int i = 0; i < 509; i++) {
            float half = (i - 254) / 2f;
            x[3 * i] = half;
            x[3 * i + 1] = Math.nextUp(half);
            x[3 * i + 2] = Math.nextDown(half);
        }
        x[0] = x[1] = x[2] = x[x.length - 1] = 127;
        for (int start = 0; start < 70; start++) {
            float[] shifted = Arrays.copyOfRange(x, start, x.length);
            shifted[0] = -127;
            for (int i = 0; i < shifted.length; i++) {
                shifted[i] = Math.clamp(shifted[i], -127f, 127f);
            }
            check(shifted, 0, shifted.length, "from " + start);
        }
    }

    @Test
    void numbersThatAreNone() {
        for (float odd : new float[] {Float.NaN, Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY}) {
            for (int length : new int[] {1, 7, 64, 65, 200}) {
                for (int at = 0; at < length; at++) {
                    float[] x = new float[length];
                    Arrays.fill(x, -3);
                    x[at] = odd;
                    assertEquals(Math.abs(odd), vector.absMax(x, 0, length), odd + " at " + at + " of " + length);
                }
            }
        }
        float[] mixed = new float[64];
        mixed[5] = Float.NaN;
        mixed[40] = Float.NEGATIVE_INFINITY;
        assertEquals(Float.NaN, vector.absMax(mixed, 0, 64), "NaN is handed on though there is an infinity");
        assertEquals(Float.MAX_VALUE, vector.absMax(new float[] {1, -Float.MAX_VALUE}, 0, 2));
        assertEquals(0, vector.absMax(new float[] {-0f}, 0, 1));
    }
}
