package io.bitlab.models.image;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.awt.image.BufferedImage;
import java.util.Arrays;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class BitImageTest {

    /** Grey pixels, so that the numbers are easy to read. */
    private static BitImage grey(int width, int... values) {
        byte[] rgb = new byte[3 * values.length];
        for (int i = 0; i < rgb.length; i++) {
            rgb[i] = (byte) values[i / 3];
        }
        return BitImage.of(width, values.length / width, rgb);
    }

    private static int[] values(BitImage image) {
        int[] values = new int[image.width() * image.height()];
        for (int i = 0; i < values.length; i++) {
            values[i] = image.rgb(i % image.width(), i / image.width()) & 0xff;
        }
        return values;
    }

    static BitImage noise(long seed, int width, int height) {
        byte[] rgb = new byte[3 * width * height];
        new Random(seed).nextBytes(rgb);
        return BitImage.of(width, height, rgb);
    }

    @Test
    void holdsACopyOfItsBytes() {
        byte[] rgb = {1, 2, 3, (byte) 254, (byte) 255, 0};
        BitImage image = BitImage.of(2, 1, rgb);
        rgb[0] = 99;
        image.toRgb()[1] = 99;
        assertEquals(0x010203, image.rgb(0, 0));
        assertEquals(0xfeff00, image.rgb(1, 0));
        assertEquals(image, BitImage.of(2, 1, image.toRgb()));
        assertEquals(image.hashCode(), BitImage.of(2, 1, image.toRgb()).hashCode());
        assertNotEquals(image, BitImage.of(1, 2, image.toRgb()));
    }

    @Test
    void refusesWrongArguments() {
        BitImage image = noise(1, 3, 2);
        refused("17 bytes for 3 x 2", () -> BitImage.of(3, 2, new byte[17]));
        refused("0 x 2", () -> BitImage.of(0, 2, new byte[0]));
        refused("65536 x 65536", () -> BitImage.of(65536, 65536, new byte[0]));
        refused("0 x 5", () -> image.resize(0, 5));
        refused("60000 x 60000", () -> image.resize(60000, 60000));
        refused("2 x 2 pixels from (2, 0)", () -> image.crop(2, 0, 2, 2));
        refused("2147483647 x 1", () -> image.crop(1, 0, Integer.MAX_VALUE, 1));
        refused("0xff000000", () -> image.letterbox(4, 4, 0xff000000));
        refused("7 floats", () -> BitImage.fromFloats(new float[7], 2, 1, ImageNormalization.UNIT));
        refused("maxPixels 0", () -> ImageReadOptions.defaults().withMaxPixels(0));
        refused("deviation [0.0]", () -> ImageNormalization.of(new float[] {0}, new float[] {0}));
        refused("mean [0.0, 1.0]", () -> ImageNormalization.of(new float[] {0, 1}, new float[] {1, 1}));
        assertThrows(IndexOutOfBoundsException.class, () -> image.rgb(3, 0));
        assertThrows(IndexOutOfBoundsException.class, () -> image.rgb(0, -1));
    }

    private static void refused(String part, Runnable call) {
        String message = assertThrows(IllegalArgumentException.class, call::run).getMessage();
        assertTrue(message.contains(part), message);
    }

    @Test
    void averagesAreasWhenItShrinks() {
        BitImage image = grey(3, 0, 30, 90, 60, 90, 150);
        // 1.5 pixels each: (0 + 30 / 2) / 1.5 and (30 / 2 + 90) / 1.5
        assertArrayEquals(new int[] {10, 70, 70, 130}, values(image.resize(2, 2)));
        assertArrayEquals(new int[] {70}, values(image.resize(1, 1)));
        assertArrayEquals(new int[] {1}, values(grey(2, 0, 1).resize(1, 1)), "one half is rounded up");
    }

    @Test
    void interpolatesBetweenCentresWhenItGrows() {
        // centres of the new pixels in the old image: 0.25, 0.75, 1.25, 1.75; those of the old 0.5 and 1.5
        assertArrayEquals(new int[] {0, 25, 75, 100}, values(grey(2, 0, 100).resize(4, 1)));
        assertArrayEquals(new int[] {0, 0, 100, 100}, values(grey(2, 0, 100).resize(4, 1, ResizeMethod.NEAREST)));
        assertArrayEquals(new int[] {0, 50, 100}, values(grey(2, 0, 100).resize(3, 1)));
        assertArrayEquals(new int[] {0, 50, 100}, values(grey(2, 0, 100).resize(3, 1, ResizeMethod.AREA)));
    }

    @Test
    void resizesEachDirectionByItself() {
        // 2 columns become 4 (bilinear), 2 rows become 1 (average)
        assertArrayEquals(new int[] {10, 30, 70, 90}, values(grey(2, 0, 80, 20, 100).resize(4, 1)));
    }

    /** The values of PyTorch's {@code interpolate(x, mode="bilinear", align_corners=False)}, rounded. */
    @Test
    void bilinearIsThatOfPyTorch() {
        BitImage image = grey(5, 10, 200, 30, 90, 250, 0, 50, 100, 150, 255, 7, 77, 177, 17, 1);
        assertArrayEquals(
                new int[] {10, 119, 151, 30, 73, 159, 250, 4, 62, 97, 74, 112, 181, 253, 3, 35, 80, 129, 108, 126, 160,
                    7, 47, 106, 177, 63, 10, 1},
                values(image.resize(7, 4, ResizeMethod.BILINEAR)));
        assertArrayEquals(new int[] {124, 142, 54, 54}, values(image.resize(2, 2, ResizeMethod.BILINEAR)));
        assertArrayEquals(new int[] {10, 93, 189, 83, 49, 86, 180, 250, 0, 22, 53, 84, 116, 147, 209, 255, 7, 38, 83,
            146, 127, 27, 8, 1}, values(image.resize(8, 3, ResizeMethod.BILINEAR)));
    }

    /** Wide rows of all its height would take 24 GB, or a long time. */
    @Test
    void aHighAndNarrowImageMayBecomeWide() {
        BitImage high = BitImage.of(1, 1_000_000, filled(3_000_000, 77));
        assertArrayEquals(filled(3 * 2000 * 4, 77), high.resize(2000, 4).toRgb());
    }

    @ParameterizedTest
    @EnumSource(ResizeMethod.class)
    void aPlainImageStaysPlainAtAnySize(ResizeMethod method) {
        for (int value : new int[] {0, 1, 127, 254, 255}) {
            BitImage plain = grey(7, new int[35]).letterbox(7, 5, 0).image();
            plain = BitImage.of(7, 5, filled(plain.toRgb().length, value));
            for (int size = 1; size < 40; size++) {
                BitImage resized = plain.resize(size, 41 - size, method);
                assertArrayEquals(filled(3 * size * (41 - size), value), resized.toRgb(), method + " " + size);
            }
        }
    }

    private static byte[] filled(int length, int value) {
        byte[] bytes = new byte[length];
        Arrays.fill(bytes, (byte) value);
        return bytes;
    }

    @ParameterizedTest
    @CsvSource({"640, 480, 320, 320", "33, 17, 64, 64", "17, 33, 65, 31", "1, 1000, 32, 32", "1000, 1, 31, 33",
        "3, 3, 7, 5", "101, 99, 100, 100"})
    void mapsPointsIntoTheFrameAndBack(int width, int height, int frameWidth, int frameHeight) {
        Letterbox framed = noise(2, width, height).letterbox(frameWidth, frameHeight, 0x102030);
        assertEquals(frameWidth, framed.image().width());
        assertEquals(frameHeight, framed.image().height());
        for (double part = 0; part <= 1; part += 0.125) {
            assertEquals(part * width, framed.toSourceX(framed.toFrameX(part * width)), 1e-9 * width);
            assertEquals(part * height, framed.toSourceY(framed.toFrameY(part * height)), 1e-9 * height);
        }
        double right = framed.toFrameX(width);
        double bottom = framed.toFrameY(height);
        // centred up to one pixel, and as large as possible
        assertEquals(framed.left(), frameWidth - right, 1.0 + 1e-9);
        assertEquals(framed.top(), frameHeight - bottom, 1.0 + 1e-9);
        assertTrue(framed.left() == 0 && Math.abs(right - frameWidth) < 1e-9
                || framed.top() == 0 && Math.abs(bottom - frameHeight) < 1e-9);
        if (framed.left() > 0) {
            assertEquals(0x102030, framed.image().rgb((int) framed.left() - 1, frameHeight / 2));
        }
        if (framed.top() > 0) {
            assertEquals(0x102030, framed.image().rgb(frameWidth / 2, (int) framed.top() - 1));
        }
    }

    @Test
    void whatIsSeenInTheFrameLiesWhereTheMappingSays() {
        byte[] rgb = new byte[3 * 101 * 67]; // black, with a white rectangle from (30, 20) to (71, 41)
        for (int y = 20; y < 41; y++) {
            Arrays.fill(rgb, 3 * (y * 101 + 30), 3 * (y * 101 + 71), (byte) 255);
        }
        Letterbox framed = BitImage.of(101, 67, rgb).letterbox(64, 64, 0);
        double area = 0;
        double sumX = 0;
        double sumY = 0;
        for (int y = 0; y < 64; y++) {
            for (int x = 0; x < 64; x++) {
                double light = (framed.image().rgb(x, y) & 0xff) / 255.0;
                area += light;
                sumX += light * (x + 0.5);
                sumY += light * (y + 0.5);
            }
        }
        assertEquals(50.5, framed.toSourceX(sumX / area), 0.05);
        assertEquals(30.5, framed.toSourceY(sumY / area), 0.05);
        assertEquals(41.0 * 21, area / framed.scaleX() / framed.scaleY(), 5);
    }

    @Test
    void cropsAndFlips() {
        BitImage image = grey(3, 1, 2, 3, 4, 5, 6);
        assertArrayEquals(new int[] {2, 3, 5, 6}, values(image.crop(1, 0, 2, 2)));
        assertArrayEquals(new int[] {4}, values(image.crop(0, 1, 1, 1)));
        assertArrayEquals(new int[] {3, 2, 1, 6, 5, 4}, values(image.flipped()));
    }

    /** Every value comes back, through every normalisation. */
    @Test
    void floatsAreTheInverseOfBytes() {
        byte[] rgb = new byte[768];
        for (int i = 0; i < rgb.length; i++) {
            rgb[i] = (byte) (i / 3 * (2 * (i % 3) + 1)); // odd multiples run through all values
        }
        BitImage image = BitImage.of(16, 16, rgb);
        for (ImageNormalization normalization : new ImageNormalization[] {ImageNormalization.UNIT,
            ImageNormalization.SYMMETRIC, ImageNormalization.IMAGENET}) {
            assertEquals(image, BitImage.fromFloats(image.toFloats(normalization), 16, 16, normalization));
        }
        BitImage grey = grey(16, IntStream.range(0, 256).toArray());
        float[] plane = grey.toFloats(ImageNormalization.UNIT_GREY);
        assertEquals(256, plane.length);
        assertEquals(grey, BitImage.fromFloats(plane, 16, 16, ImageNormalization.UNIT_GREY));
    }

    @Test
    void floatsAreOnePlaneForEachChannel() {
        BitImage image = BitImage.of(2, 1, new byte[] {0, 51, (byte) 255, 102, (byte) 153, (byte) 204});
        assertArrayEquals(new float[] {0f, .4f, .2f, .6f, 1f, .8f}, image.toFloats(), 1e-7f);
        float[] normal = image.toFloats(ImageNormalization.of(new float[] {0, .2f, .5f}, new float[] {1, 2, .25f}));
        assertArrayEquals(new float[] {0f, .4f, 0f, .2f, 2f, 1.2f}, normal, 1e-6f);
        // 0.587 * 51 + 0.114 * 255 = 59.007; 0.299 * 102 + 0.587 * 153 + 0.114 * 204 = 143.565
        float[] luma = image.toFloats(ImageNormalization.UNIT_GREY);
        assertArrayEquals(new float[] {59 / 255f, 144 / 255f}, luma);
    }

    @Test
    void floatsAreClampedAndRounded() {
        float[] planes = {-.5f, 2f, Float.NaN, Float.POSITIVE_INFINITY, .5f, .2f / 255};
        BitImage image = BitImage.fromFloats(planes, 3, 2, ImageNormalization.UNIT_GREY);
        assertArrayEquals(new int[] {0, 255, 0, 255, 128, 0}, values(image));
    }

    @Test
    void imagesOfTheJdkKeepTheirColours() {
        BitImage image = noise(3, 5, 4);
        assertEquals(image, BitImage.of(image.toBufferedImage()));
        for (int type : new int[] {BufferedImage.TYPE_INT_RGB, BufferedImage.TYPE_INT_ARGB,
            BufferedImage.TYPE_INT_ARGB_PRE, BufferedImage.TYPE_INT_BGR, BufferedImage.TYPE_3BYTE_BGR,
            BufferedImage.TYPE_4BYTE_ABGR, BufferedImage.TYPE_4BYTE_ABGR_PRE}) {
            BufferedImage other = new BufferedImage(5, 4, type);
            for (int i = 0; i < 20; i++) {
                other.setRGB(i % 5, i / 5, image.rgb(i % 5, i / 5) | 0xff000000);
            }
            assertEquals(image, BitImage.of(other), "type " + type);
        }
    }

    @Test
    void greyKeepsItsValuesWhateverTheBits() {
        BufferedImage eight = new BufferedImage(2, 1, BufferedImage.TYPE_BYTE_GRAY);
        eight.getRaster().setSample(0, 0, 0, 128);
        assertArrayEquals(new int[] {128, 0}, values(BitImage.of(eight)));
        BufferedImage sixteen = new BufferedImage(3, 1, BufferedImage.TYPE_USHORT_GRAY);
        sixteen.getRaster().setPixels(0, 0, 3, 1, new int[] {65535, 128 * 257, 128 * 257 + 129});
        assertArrayEquals(new int[] {255, 128, 129}, values(BitImage.of(sixteen)));
    }

    @Test
    void transparentPixelsLieOverTheBackground() {
        BufferedImage image = new BufferedImage(3, 1, BufferedImage.TYPE_INT_ARGB);
        image.setRGB(0, 0, 0x00123456);
        image.setRGB(1, 0, 0x80ff0000);
        image.setRGB(2, 0, 0xff123456);
        BitImage white = BitImage.of(image);
        assertEquals(0xffffff, white.rgb(0, 0));
        assertEquals(0xff7f7f, white.rgb(1, 0)); // 255 * 127 / 255
        assertEquals(0x123456, white.rgb(2, 0));
        assertEquals(0x800000, BitImage.of(image, 0).rgb(1, 0));
        assertEquals(0x00ff00, BitImage.of(image, 0x00ff00).rgb(0, 0));
    }
}
