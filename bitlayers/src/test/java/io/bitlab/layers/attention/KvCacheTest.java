package io.bitlab.layers.attention;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.bitlab.core.BitQuantConfig;
import io.bitlab.core.ops.AttentionMask;
import io.bitlab.core.parallel.Parallel;
import io.bitlab.core.tensor.Tensor;
import io.bitlab.layers.convert.Ternarizer;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class KvCacheTest {

    private static SelfAttention attention(float subNorm) {
        SelfAttention attention =
                SelfAttention.builder(64, 4).keyValueHeads(2).headDim(32).subNorm(subNorm).build();
        attention.initialize(5);
        return attention;
    }

    private static Tensor part(Tensor x, int from, int to) {
        return x.slice(1, from, to);
    }

    @Test
    void attentionToACacheIsAttentionToTheWhole() {
        for (float subNorm : new float[] {0f, 1e-5f}) {
            for (int window : new int[] {AttentionMask.NO_WINDOW, 70}) {
                SelfAttention attention = attention(subNorm);
                attention.eval();
                Tensor x = Tensor.randn(1, 1, 200, 64);
                AttentionMask mask = AttentionMask.causal(window);
                Tensor whole = attention.forward(x, mask);
                KvCache cache = KvCache.builder(1, 2, 32).capacity(Math.min(200, window))
                        .slidingWindow(window < 200).build();
                int[] ends = {1, 2, 34, 66, 67, 131, 199, 200};
                int from = 0;
                for (int end : ends) {
                    Tensor y = attention.forward(part(x, from, end), cache, 0);
                    assertArrayEquals(part(whole, from, end).toArray(), y.toArray(),
                            mask + ", " + from + " to " + end);
                    cache.advance(end - from);
                    from = end;
                }
                Tensor last = part(x, 199, 200);
                if (window > 200) {
                    cache.truncate(199);
                    assertArrayEquals(part(whole, 199, 200).toArray(),
                            Parallel.sequential().call(() -> attention.forward(last, cache, 0)).toArray());
                }
            }
        }
    }

    @ParameterizedTest
    @CsvSource({"6, BFLOAT16", "48, BFLOAT16", "64, BFLOAT16", "128, BFLOAT16", "6, INT8", "48, INT8", "64, INT8",
        "128, INT8"})
    void headsOfAnyWidthInFloatsAndRounded(int headDim, KvFormat format) {
        SelfAttention attention = SelfAttention.builder(64, 4).keyValueHeads(2).headDim(headDim).build();
        attention.initialize(5);
        attention.eval();
        Tensor x = Tensor.randn(2, 1, 150, 64);
        float[] whole = attention.forward(x).toArray();
        assertArrayEquals(whole, attention.forward(x, cache(headDim, KvFormat.FLOAT32), 0).toArray());
        float[] rounded = Parallel.sequential().call(() -> attention.forward(x, cache(headDim, format), 0)).toArray();
        assertArrayEquals(whole, rounded, 0.05f);
        assertFalse(Arrays.equals(whole, rounded));
        try (Parallel parallel = Parallel.of(3)) {
            KvCache inSteps = cache(headDim, format);
            for (int at = 0; at < 150; at += at == 0 ? 149 : 1) {
                int from = at;
                int to = from == 0 ? 149 : 150;
                float[] y = parallel.call(() -> attention.forward(part(x, from, to), inSteps, 0)).toArray();
                assertArrayEquals(Arrays.copyOfRange(rounded, from * 64, to * 64), y);
                inSteps.advance(to - from);
            }
        }
    }

    private static KvCache cache(int headDim, KvFormat format) {
        KvCache.Builder builder = KvCache.builder(1, 2, headDim).capacity(200);
        return switch (format) {
            case FLOAT32 -> builder.int8(true).int8(false).build();
            case BFLOAT16 -> builder.int8(true).bfloat16(true).int8(false).build();
            case INT8 -> builder.bfloat16(true).int8(true).build();
        };
    }

    /** Each head and position by its own scale: a large one does not make the others coarse. */
    @Test
    void int8RoundsToA254thOfTheLargestFeature() {
        KvPages pages = new KvPages(1, 2, 64, KvFormat.INT8);
        float[] k = Tensor.randn(1, 300, 128).toArray();
        float[] v = Tensor.randn(2, 300, 128).toArray();
        for (int position = 0; position < 300; position++) {
            for (int f = 0; f < 128; f++) {
                k[position * 128 + f] *= (float) Math.pow(2, position % 20 - 10) * (f < 64 ? 100 : 1);
            }
        }
        Arrays.fill(k, 128, 256, 0f);
        pages.write(0, 0, k, v, 0, 300);
        float[] scratch = new float[pages.scratchLength()];
        for (int position = 0; position < 300; position++) {
            int slot = position % KvPages.PAGE;
            for (int head = 0; head < 2; head++) {
                float[] keys = pages.keys(0, position / KvPages.PAGE, head, slot / KvPages.KEY_SLICE, scratch, 0);
                float largest = 0;
                for (int f = 0; f < 64; f++) {
                    largest = Math.max(largest, Math.abs(k[position * 128 + head * 64 + f]));
                }
                for (int f = 0; f < 64; f++) {
                    assertEquals(k[position * 128 + head * 64 + f], keys[f * KvPages.KEY_SLICE + slot
                            % KvPages.KEY_SLICE], largest / 253, "position " + position);
                }
            }
        }
    }

    @Test
    void pagesAreUsedAgain() {
        SelfAttention attention = attention(0f);
        attention.eval();
        KvCache cache = KvCache.builder(1, 2, 32).capacity(64).slidingWindow(true).build();
        Tensor x = Tensor.randn(1, 1, 64, 64);
        assertEquals(0, cache.bytes());
        for (int i = 0; i < 20; i++) {
            attention.forward(x, cache, 0);
            cache.advance(64);
        }
        assertEquals(1280, cache.length());
        assertTrue(cache.bytes() <= 2L * 2 * 2 * 32 * KvPages.PAGE * 4, cache.bytes() + " bytes");
        cache.truncate(0);
        assertEquals(0, cache.length());
        assertArrayEquals(attention.forward(x).toArray(), attention.forward(x, cache, 0).toArray());
        KvCache halves = KvCache.builder(1, 2, 32).bfloat16(true).build();
        attention.forward(x, halves, 0);
        assertEquals(2L * 2 * 32 * KvPages.PAGE * 2, halves.bytes());
        assertEquals("KvCache(0 of 2048 positions, 1 layers of 2 x 32, bfloat16)", halves.toString());
        KvCache quarters = KvCache.builder(1, 2, 32).int8(true).build();
        attention.forward(x, quarters, 0);
        assertEquals(2L * 2 * (32 + 4) * KvPages.PAGE, quarters.bytes());
    }

    /** Its fields hold the float layers; the ternary ones are in the tree. */
    @Test
    void keysAndValuesOfAConvertedAttentionAreRefusedOnceItsWeightsChange() {
        SelfAttention attention = SelfAttention.builder(64, 4).quantConfig(null).build();
        attention.initialize(5);
        Ternarizer.convert(attention, BitQuantConfig.defaults());
        attention.eval();
        KvCache cache = KvCache.builder(1, 4, 16).build();
        Tensor x = Tensor.randn(1, 1, 3, 64);
        assertArrayEquals(attention.forward(x).toArray(), attention.forward(x, cache, 0).toArray());
        cache.advance(3);
        attention.forward(x, cache, 0);
        attention.train();
        attention.eval();
        assertThrows(IllegalStateException.class, () -> attention.forward(x, cache, 0));
    }

    @Test
    void keysAndValuesOfTheFloatWeightsAreRefusedAfterTheConversion() {
        SelfAttention attention = SelfAttention.builder(64, 4).quantConfig(null).build();
        attention.initialize(5);
        attention.eval();
        KvCache cache = KvCache.builder(1, 4, 16).build();
        Tensor x = Tensor.randn(1, 1, 3, 64);
        attention.forward(x, cache, 0);
        cache.advance(3);
        attention.train();
        Ternarizer.convert(attention, BitQuantConfig.defaults());
        for (int step = 0; step < 3; step++) {
            attention.eval();
            assertThrows(IllegalStateException.class, () -> attention.forward(x, cache, 0));
            attention.train();
        }
    }

    @Test
    void keysAndValuesOfOtherWeightsAreRefused() {
        SelfAttention attention = attention(0f);
        attention.eval();
        KvCache cache = KvCache.builder(1, 2, 32).build();
        Tensor x = Tensor.randn(1, 1, 3, 64);
        attention.forward(x, cache, 0);
        cache.advance(3);
        attention.deploy(); // the same weights
        attention.forward(x, cache, 0);
        cache.advance(3);
        SelfAttention other = attention(0f);
        other.initialize(6);
        other.deploy();
        attention.loadStateDict(other.stateDict());
        Exception e = assertThrows(IllegalStateException.class, () -> attention.forward(x, cache, 0));
        assertEquals(
                "KvCache: the weights of layer 0 may have changed since keys and values of 6 positions were computed "
                        + "(train(), or a state was loaded); begin a new sequence, or truncate(0) and give "
                        + "all positions again",
                e.getMessage());
        cache.truncate(0);
        assertArrayEquals(other.forward(x).toArray(), attention.forward(x, cache, 0).toArray());
    }

    @Test
    void refusesWhatDoesNotFit() {
        SelfAttention attention = attention(0f);
        Tensor x = Tensor.zeros(1, 3, 64);
        KvCache cache = KvCache.builder(1, 2, 32).capacity(4).build();
        Exception e = assertThrows(IllegalStateException.class, () -> attention.forward(x, cache, 0));
        assertEquals(
                "SelfAttention(64, 4 heads, 2 of keys and values): a cache records no gradients; call eval() first",
                e.getMessage());
        attention.eval();
        attention.forward(x, cache, 0);
        cache.advance(3);
        e = assertThrows(IllegalStateException.class, () -> attention.forward(x, cache, 0));
        assertEquals(
                "KvCache: 3 positions after 3 don't fit the context of 4; begin a new sequence, truncate this one,"
                        + " or let it slide",
                e.getMessage());
        assertEquals(1, cache.room());
        e = assertThrows(IllegalArgumentException.class, () -> cache.truncate(4));
        assertEquals("KvCache: can't keep 4 of 3 positions", e.getMessage());
        e = assertThrows(IllegalArgumentException.class, () -> attention.forward(x, cache, 1));
        assertTrue(e.getMessage().contains("doesn't fit layer 1 and an input [1, 3, 64]"), e.getMessage());
        e = assertThrows(IllegalArgumentException.class,
                () -> attention.forward(x, KvCache.builder(1, 4, 32).build(), 0));
        assertTrue(e.getMessage().endsWith("expected 2 heads of 32 features and an input [1, 3, 64]"), e.getMessage());
        e = assertThrows(IllegalArgumentException.class, () -> attention.forward(Tensor.zeros(3, 64)));
        assertTrue(e.getMessage().endsWith("input [3, 64], expected [batch, length, 64]"), e.getMessage());
        e = assertThrows(IllegalArgumentException.class, () -> KvCache.builder(0, 1, 1));
        assertEquals("KvCache: 0 layers of 1 heads of 1 features, expected at least 1 of each", e.getMessage());
        e = assertThrows(IllegalArgumentException.class, () -> KvCache.builder(1, 1, 1).capacity(0));
        assertEquals("KvCache: capacity 0, expected at least 1 position", e.getMessage());
    }
}
