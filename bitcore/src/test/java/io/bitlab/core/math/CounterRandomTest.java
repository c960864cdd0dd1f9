package io.bitlab.core.math;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.HashSet;
import java.util.Set;
import java.util.function.ToIntFunction;
import java.util.stream.IntStream;
import org.apache.commons.math3.stat.correlation.PearsonsCorrelation;
import org.apache.commons.math3.stat.inference.ChiSquareTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CounterRandomTest {

    /** The probability to fail although all is well; the seeds are fixed, so it is a matter of choosing them once. */
    private static final double SIGNIFICANCE = 1e-4;

    private static CounterRandom random(long seed) {
        return new CounterRandom(seed, CounterRandom.stream("test"));
    }

    @Test
    void theStreamNeverChanges() {
        CounterRandom random = new CounterRandom(42, 7);
        assertEquals(0x2faeac8a2d428183L, random.nextLong()); // also computed with Python's integers
        assertEquals(0x0dd6497a21318d69L, random.nextLong());
        assertEquals(0xb5e20d03eaff930fL, random.nextLong());
        random.seek(0);
        assertEquals(0.18625903f, random.nextFloat());
        assertEquals(0.054051010433971425, random.nextDouble());
        assertEquals(710, random.nextInt(1000));
        assertEquals(-1.3414111285033614, random.nextGaussian());
        int[] values = {0, 1, 2, 3, 4, 5, 6, 7};
        random.shuffle(values);
        assertArrayEquals(new int[] {6, 4, 7, 3, 5, 1, 0, 2}, values);
    }

    @Test
    void numberNDependsOnNAlone() {
        CounterRandom random = random(1);
        long[] numbers = new long[100];
        for (int i = 0; i < numbers.length; i++) {
            assertEquals(i, random.position());
            numbers[i] = random.nextLong();
        }
        CounterRandom sought = random(1);
        for (int i : new int[] {99, 0, 50, 51, 3}) {
            sought.seek(i);
            assertEquals(i, sought.position());
            assertEquals(numbers[i], sought.nextLong(), "number " + i);
        }
    }

    @Test
    void everyKindOfNumberTakesOnePosition() {
        CounterRandom random = random(1);
        random.nextFloat();
        random.nextDouble();
        random.nextInt(10);
        random.nextGaussian();
        random.nextLong();
        assertEquals(5, random.position());
        random.shuffle(new int[10]);
        assertEquals(5 + 9, random.position());
    }

    @Test
    void seedsAndStreamsDiffer() {
        Set<Long> seen = new HashSet<>();
        for (long seed = -20; seed < 20; seed++) {
            for (long stream = -20; stream < 20; stream++) {
                CounterRandom random = new CounterRandom(seed, stream);
                for (int i = 0; i < 10; i++) {
                    assertTrue(seen.add(random.nextLong()), "seed " + seed + ", stream " + stream + ", number " + i);
                }
            }
        }
        assertNotEquals(CounterRandom.stream("layers.0.weight"), CounterRandom.stream("layers.1.weight"));
    }

    @Test
    void streamsOfNamesAreFnv1a() {
        // Published test vectors of 64-bit FNV-1a.
        assertEquals(0xcbf29ce484222325L, CounterRandom.stream(""));
        assertEquals(0xaf63dc4c8601ec8cL, CounterRandom.stream("a"));
        assertEquals(0x85944171f73967e8L, CounterRandom.stream("foobar"));
    }

    @Test
    void neighbouringStreamsAreNotCorrelated() {
        int n = 20_000;
        long[][] pairs = {{1, 1, 1, 2}, {1, 1, 2, 1}, {0, 0, 0, 1}, {0, 0, 1, 0}, {5, 6, 6, 5}};
        for (long[] pair : pairs) {
            double[] first = new CounterRandom(pair[0], pair[1]).doubles(n).toArray();
            double[] second = new CounterRandom(pair[2], pair[3]).doubles(n).toArray();
            assertEquals(0, new PearsonsCorrelation().correlation(first, second), 5 / Math.sqrt(n),
                    Arrays.toString(pair));
        }
    }

    private static void assertUniform(String label, int bins, int draws, ToIntFunction<CounterRandom> bin) {
        for (long seed = 0; seed < 5; seed++) {
            CounterRandom random = random(seed);
            long[] observed = new long[bins];
            for (int i = 0; i < draws; i++) {
                observed[bin.applyAsInt(random)]++;
            }
            double[] expected = new double[bins];
            Arrays.fill(expected, (double) draws / bins);
            double p = new ChiSquareTest().chiSquareTest(expected, observed);
            assertTrue(p > SIGNIFICANCE && p < 1 - SIGNIFICANCE, label + ": chi-square p " + p + ", seed " + seed);
        }
    }

    @Test
    void isUniform() {
        assertUniform("nextFloat", 100, 100_000, random -> (int) (random.nextFloat() * 100));
        assertUniform("nextDouble", 100, 100_000, random -> (int) (random.nextDouble() * 100));
        assertUniform("lowest byte of nextLong", 256, 100_000, random -> (int) random.nextLong() & 0xff);
        assertUniform("highest byte of nextLong", 256, 100_000, random -> (int) (random.nextLong() >>> 56));
        assertUniform("pairs", 256, 50_000,
                random -> 16 * (int) (random.nextFloat() * 16) + (int) (random.nextFloat() * 16));
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 7, 10, 64, 1000})
    void nextIntIsUniformBelowItsBound(int bound) {
        if (bound == 1) {
            assertEquals(0, random(1).nextInt(1));
            return;
        }
        assertUniform("nextInt(" + bound + ")", bound, 100 * bound + 10_000, random -> random.nextInt(bound));
    }

    @Test
    void nextIntReachesBothEndsOfALargeRange() {
        CounterRandom random = random(1);
        int smallest = Integer.MAX_VALUE;
        int largest = 0;
        for (int i = 0; i < 10_000; i++) {
            int value = random.nextInt(Integer.MAX_VALUE);
            smallest = Math.min(smallest, value);
            largest = Math.max(largest, value);
        }
        assertTrue(smallest >= 0 && smallest < 1 << 21, "smallest " + smallest);
        assertTrue(largest > Integer.MAX_VALUE - (1 << 21), "largest " + largest);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, -1, Integer.MIN_VALUE})
    void nextIntRefusesABoundThatIsNotPositive(int bound) {
        assertEquals("nextInt: bound " + bound + " is not positive",
                assertThrows(IllegalArgumentException.class, () -> random(1).nextInt(bound)).getMessage());
    }

    @Test
    void floatsStayBelowOne() {
        CounterRandom random = random(3);
        for (int i = 0; i < 1_000_000; i++) {
            float value = random.nextFloat();
            assertTrue(value >= 0f && value < 1f, "number " + i + ": " + value);
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {0, -1, 1, Long.MIN_VALUE, Long.MAX_VALUE})
    void staysInRangeWhateverTheBits(long bits) {
        CounterRandom random = random(3);
        long position = positionOf(bits, random);
        random.seek(position);
        assertEquals(bits, random.nextLong());
        random.seek(position);
        float single = random.nextFloat();
        assertTrue(single >= 0f && single < 1f, "nextFloat " + single);
        random.seek(position);
        double wide = random.nextDouble();
        assertTrue(wide >= 0 && wide < 1, "nextDouble " + wide);
        random.seek(position);
        int small = random.nextInt(10);
        assertTrue(small >= 0 && small < 10, "nextInt(10) " + small);
        random.seek(position);
        double gaussian = random.nextGaussian();
        assertTrue(Math.abs(gaussian) < 8.3, "nextGaussian " + gaussian);
    }

    /** Runs the generator's function backwards: it is a bijection, so every number has its position. */
    private static long positionOf(long number, CounterRandom random) {
        long gamma = 0x9e3779b97f4a7c15L;
        random.seek(0);
        long key = unmix(random.nextLong()) - gamma;
        return (unmix(number) - key) * inverse(gamma) - 1;
    }

    private static long unmix(long z) {
        long x = unshift(z, 31) * inverse(0x94d049bb133111ebL);
        x = unshift(x, 27) * inverse(0xbf58476d1ce4e5b9L);
        return unshift(x, 30);
    }

    private static long unshift(long z, int shift) {
        long x = z;
        for (int known = shift; known < 64; known += shift) {
            x = z ^ (x >>> shift);
        }
        return x;
    }

    /** The inverse of an odd number modulo 2^64, by Newton's method. */
    private static long inverse(long odd) {
        long inverse = odd;
        for (int i = 0; i < 6; i++) {
            inverse *= 2 - odd * inverse;
        }
        return inverse;
    }

    @Test
    void shuffleIsAPermutation() {
        for (int length : new int[] {0, 1, 2, 17, 1000}) {
            int[] values = IntStream.range(0, length).toArray();
            random(length).shuffle(values);
            int[] sorted = values.clone();
            Arrays.sort(sorted);
            assertArrayEquals(IntStream.range(0, length).toArray(), sorted, "length " + length);
            assertTrue(length < 17 || !Arrays.equals(sorted, values), "length " + length + " was not mixed");
        }
    }

    @Test
    void shuffleMakesEveryOrderEquallyOften() {
        assertUniform("orders of 4", 24, 24_000, random -> {
            int[] values = {0, 1, 2, 3};
            random.shuffle(values);
            int rank = 0; // number of the permutation, by Lehmer code
            for (int i = 0; i < 4; i++) {
                int smaller = 0;
                for (int j = i + 1; j < 4; j++) {
                    smaller += values[j] < values[i] ? 1 : 0;
                }
                rank = rank * (4 - i) + smaller;
            }
            return rank;
        });
    }
}
