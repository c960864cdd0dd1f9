package io.bitlab.core.quant;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.bitlab.core.Granularity;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** {@link PatchGrid}, {@link QuantizedPatches} and {@link PatchColumns}. */
class PatchesTest {

    private static final PatchGrid GRID = new PatchGrid(2, 3, 4, 5, 1, 2, 2, 3, 1, 2, 1, 0, 1, 1);

    private static String refusal(Executable executable) {
        return assertThrows(IllegalArgumentException.class, executable).getMessage();
    }

    // ---------------------------------------------------------------- the grid

    @Test
    void sizesFollowFromTheNumbers() {
        assertEquals(4, GRID.outHeight());
        assertEquals(1, GRID.outWidth());
        assertEquals(8, GRID.rows());
        assertEquals(12, GRID.columns());
        assertEquals(120, GRID.size());
        assertEquals(5, GRID.paddedHeight());
        assertEquals(4, GRID.paddedWidth());
        assertFalse(GRID.isPixelwise());
        assertEquals(new PatchGrid(2, 3, 4, 5, 3, 1, 2, 3, 1, 2, 1, 0, 1, 1), GRID.withChannels(3, 1));
        assertEquals(
                "2 images of 3 x 4, channels 1 to 3 of 5, kernel 2 x 3, stride 1 x 2, padding 1 x 0, dilation 1 x 1",
                GRID.toString());
    }

    @Test
    void singlePixels() {
        PatchGrid pixels = PatchGrid.ofPixels(7, 3);
        assertTrue(pixels.isPixelwise());
        assertEquals(7, pixels.rows());
        assertEquals(3, pixels.columns());
        assertTrue(new PatchGrid(2, 3, 4, 5, 0, 5, 1, 1, 1, 1, 0, 0, 3, 2).isPixelwise(), "dilation of one tap");
        assertFalse(new PatchGrid(2, 3, 4, 5, 0, 5, 1, 1, 1, 2, 0, 0, 1, 1).isPixelwise());
        assertFalse(new PatchGrid(2, 3, 4, 5, 0, 5, 1, 1, 1, 1, 1, 0, 1, 1).isPixelwise());
    }

    @ParameterizedTest
    @CsvSource({"0,3,4,5,0,5,1,1,1,1,0,0,1,1", "1,0,4,5,0,5,1,1,1,1,0,0,1,1", "1,3,0,5,0,5,1,1,1,1,0,0,1,1",
        "1,3,4,5,0,0,1,1,1,1,0,0,1,1", "1,3,4,5,1,5,1,1,1,1,0,0,1,1", "1,3,4,5,-1,5,1,1,1,1,0,0,1,1",
        "1,3,4,5,2147483647,5,1,1,1,1,0,0,1,1", "1,3,4,5,0,5,0,1,1,1,0,0,1,1", "1,3,4,5,0,5,4,1,1,1,0,0,1,1",
        "1,3,4,5,0,5,1,5,1,1,0,0,1,1", "1,3,4,5,0,5,2,1,1,1,0,0,3,1", "1,3,4,5,0,5,1,1,0,1,0,0,1,1",
        "1,3,4,5,0,5,1,1,1,0,0,0,1,1", "1,3,4,5,0,5,1,1,1,1,-1,0,1,1", "1,3,4,5,0,5,1,1,1,1,0,-1,1,1",
        "1,3,4,5,0,5,1,1,1,1,0,0,0,1", "1,3,4,5,0,5,1,1,1,1,2147483647,0,1,1"})
    void numbersOutOfRangeAreRefused(int n, int h, int w, int c, int first, int count, int kh, int kw, int sh, int sw,
            int ph, int pw, int dh, int dw) {
        String message = refusal(() -> new PatchGrid(n, h, w, c, first, count, kh, kw, sh, sw, ph, pw, dh, dw));
        assertEquals(
                "PatchGrid: no kernel of " + kh + " x " + kw + " with stride " + sh + " x " + sw + ", padding " + ph
                        + " x " + pw + " and dilation " + dh + " x " + dw + " fits on channels " + first + " to "
                        + ((long) first + count) + " of " + n + " images of " + h + " x " + w + " pixels with " + c
                        + " channels",
                message);
    }

    @Test
    void whatNoArrayHoldsIsRefused() {
        assertEquals("PatchGrid: the product of [70000, 100, 100, 4] is larger than an array; take fewer images at a "
                + "time, or smaller ones",
                refusal(() -> new PatchGrid(70_000, 100, 100, 4, 0, 4, 1, 1, 1, 1, 0, 0, 1, 1)));
        assertTrue(refusal(() -> new PatchGrid(1, 1, 1, 1, 0, 1, 1, 1, 1, 1, 40_000, 40_000, 1, 1))
                .startsWith("PatchGrid: the product of [1, 80001, 80001] "));
        assertTrue(refusal(() -> new PatchGrid(1, 1, 1, 4, 0, 4, 30_001, 30_001, 1, 1, 15_000, 15_000, 1, 1))
                .startsWith("PatchGrid: the product of [30001, 30001, 4] "));
    }

    // ---------------------------------------------------------------- patches

    @Test
    void patchesAreCopiedToRows() {
        byte[] pixels = new byte[GRID.size()];
        for (int i = 0; i < pixels.length; i++) {
            pixels[i] = (byte) i;
        }
        QuantizedPatches x = new QuantizedPatches(pixels, new float[] {0.5f, 2}, GRID);
        assertEquals(8, x.rows());
        assertEquals(12, x.columns());
        QuantizedActivations rows = x.unfold(3, 5); // the last of image 0, over the edge, and the first of image 1
        assertArrayEquals(
                new byte[] {41, 42, 46, 47, 51, 52, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 61, 62, 66, 67, 71, 72},
                rows.values());
        assertArrayEquals(new float[] {0.5f, 2}, rows.scales());
        float[] values = x.dequantize();
        assertEquals(59 * 0.5f, values[59]);
        assertEquals(60 * 2f, values[60]);
        assertEquals("QuantizedPatches(" + GRID + ", 2 scales)", x.toString());
        QuantizedPatches shared = new QuantizedPatches(pixels, new float[] {3}, GRID);
        assertEquals(3f, shared.scaleOfImage(1));
        assertTrue(shared.toString().endsWith(", 1 scale)"), shared::toString);
        for (int[] bad : new int[][] {{-1, 2}, {2, 2}, {3, 2}, {0, 9}}) {
            assertEquals("QuantizedPatches.unfold: rows " + bad[0] + " to " + bad[1] + " are empty or outside 0 to 8",
                    refusal(() -> x.unfold(bad[0], bad[1])));
        }
    }

    @Test
    void arraysMustFitTheGrid() {
        String expected = " scales, expected 120 values and 1 or 2 scales for " + GRID;
        assertEquals("QuantizedPatches: 119 values and 1" + expected,
                refusal(() -> new QuantizedPatches(new byte[119], new float[] {1}, GRID)));
        assertEquals("QuantizedPatches: 120 values and 3" + expected,
                refusal(() -> new QuantizedPatches(new byte[120], new float[] {1, 1, 1}, GRID)));
    }

    @ParameterizedTest
    @ValueSource(floats = {Float.NaN, Float.POSITIVE_INFINITY})
    void scalesMustBeFinite(float scale) {
        refusal(() -> new QuantizedPatches(new byte[120], new float[] {1, scale}, GRID));
    }

    // ---------------------------------------------------------------- columns

    @ParameterizedTest
    @CsvSource({"1, 1, 1", "3, 2, 9", "5, 7, 4", "2, 1, 9", "4, 6, 1"})
    void columnsChangePlacesAndBack(int out, int channels, int taps) {
        Random random = new Random(1);
        byte[] trits = new byte[out * channels * taps];
        float[] floats = new float[trits.length];
        for (int i = 0; i < trits.length; i++) {
            trits[i] = (byte) (random.nextInt(3) - 1);
            floats[i] = trits[i];
        }
        float[] scales = new float[out];
        for (int o = 0; o < out; o++) {
            scales[o] = 1 + o;
        }
        TernaryMatrix weights = TernaryMatrix.of(trits, out, channels * taps, scales);
        TernaryMatrix byTap = PatchColumns.byTap(weights, channels);
        float[] transposed = new float[channels * taps * (out + 2)];
        PatchColumns.transpose(floats, 0, out, channels, taps, transposed, out + 2);
        for (int o = 0; o < out; o++) {
            assertEquals(scales[o], byTap.scale(o, 0));
            for (int c = 0; c < channels; c++) {
                for (int tap = 0; tap < taps; tap++) {
                    int column = tap * channels + c;
                    byte trit = trits[(o * channels + c) * taps + tap];
                    assertEquals(trit, byTap.trits()[o * channels * taps + column]);
                    assertEquals(trit, transposed[column * (out + 2) + o]);
                    assertEquals(0f, transposed[column * (out + 2) + out]);
                }
            }
        }
        assertEquals(weights, PatchColumns.byChannel(byTap, channels));
        if (channels == 1 || taps == 1) {
            assertSame(weights, byTap, "nothing to change");
        }
    }

    @Test
    void matricesThatAreNoPatchesAreRefused() {
        TernaryMatrix weights = TernaryMatrix.of(new byte[14], 2, 7, new float[] {1});
        for (int channels : new int[] {2, 0, -1, 8}) {
            assertTrue(refusal(() -> PatchColumns.byTap(weights, channels)).startsWith("PatchColumns: " + weights));
        }
        for (int channels : new int[] {2, 4, 0, -1, 8}) {
            assertTrue(refusal(() -> PatchColumns.byChannel(weights, channels)).startsWith("PatchColumns: " + weights));
        }
        TernaryMatrix blocks = TernaryMatrix.ofBlocks(new byte[12], 2, 6, new float[] {1, 1, 1, 1}, 3);
        for (int channels : new int[] {1, 2, 6}) {
            assertEquals(
                    "PatchColumns: " + blocks + " can't be the weights of a convolution, whose output channels have "
                            + "one scale each",
                    refusal(() -> PatchColumns.byTap(blocks, channels)));
        }
    }

    // ---------------------------------------------------------------- samples

    @Test
    void rowsOfASampleShareAScale() {
        float[] x = {1, -2, 3, 4, /* sample 1 */ 127, 0, -5, 10, /* sample 2 */ 0, 0, 0, 0};
        QuantizedActivations q = ActivationQuantizer.quantize(x, 6, 2, 3, Granularity.PER_SAMPLE, "test");
        assertArrayEquals(new float[] {4 / 127f, 1, 1e-5f / 127}, q.scales());
        assertArrayEquals(new byte[] {32, -64, 95, 127, 127, 0, -5, 10, 0, 0, 0, 0}, q.values());
        assertEquals(4 / 127f, q.scale(1));
        assertEquals(1f, q.scale(2));
        assertEquals(-5f, q.dequantize()[6]);
        assertEquals(1, ActivationQuantizer.quantize(x, 6, 2, 3, Granularity.PER_TENSOR, "test").scales().length);
        assertEquals(6, ActivationQuantizer.quantize(x, 6, 2, 3, Granularity.PER_CHANNEL, "test").scales().length);
        assertEquals(6, ActivationQuantizer.quantize(x, 6, 2, Granularity.PER_SAMPLE, "test").scales().length);
        for (int samples : new int[] {0, 4, -1, 12}) {
            assertEquals("test: 6 rows are not " + samples + " samples of equal size",
                    refusal(() -> ActivationQuantizer.quantize(x, 6, 2, samples, Granularity.PER_SAMPLE, "test")));
        }
    }
}
