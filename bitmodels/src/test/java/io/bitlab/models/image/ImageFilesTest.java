package io.bitlab.models.image;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.bitlab.models.io.ModelFormatException;
import java.awt.image.BufferedImage;
import java.awt.image.IndexColorModel;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Base64;
import java.util.Random;
import java.util.zip.CRC32;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ImageFilesTest {

    private static final ImageReadOptions DEFAULTS = ImageReadOptions.defaults();

    @TempDir
    private Path folder;

    /** Colours that change slowly, so that JPEG keeps them. */
    static BitImage gradient(int width, int height) {
        byte[] rgb = new byte[3 * width * height];
        for (int i = 0; i < rgb.length; i++) {
            int x = i / 3 % width;
            int y = i / 3 / width;
            rgb[i] = (byte) switch (i % 3) {
                case 0 -> 255 * x / width;
                case 1 -> 255 * y / height;
                default -> 128;
            };
        }
        return BitImage.of(width, height, rgb);
    }

    static byte[] encoded(String format, BufferedImage image) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        assertTrue(ImageIO.write(image, format, out), format);
        return out.toByteArray();
    }

    static byte[] jpeg(int width, int height) throws IOException {
        return encoded("jpeg", gradient(width, height).toBufferedImage());
    }

    private static double worst(BitImage a, BitImage b) {
        double worst = 0;
        for (int i = 0; i < a.toRgb().length; i++) {
            worst = Math.max(worst, Math.abs((a.toRgb()[i] & 0xff) - (b.toRgb()[i] & 0xff)));
        }
        return worst;
    }

    private static String refused(byte[] file, ImageReadOptions options) {
        return assertThrows(ModelFormatException.class, () -> BitImage.read(file, options)).getMessage();
    }

    private static void assertContains(String message, String... parts) {
        for (String part : parts) {
            assertTrue(message.contains(part), message);
        }
    }

    // ---------------------------------------------------------------- formats

    @ParameterizedTest
    @CsvSource({"a.png, 0", "a.PNG, 0", "a.bmp, 0", "a.b.jpg, 12", "a.jpeg, 12", "A.GIF, 50"})
    void writesAndReadsFiles(String name, double tolerance) throws IOException {
        BitImage image = gradient(24, 17);
        Path file = folder.resolve(name);
        image.write(file);
        BitImage read = BitImage.read(file);
        assertEquals(24, read.width());
        assertEquals(17, read.height());
        assertEquals(0, worst(image, read), tolerance);
        assertEquals(read, BitImage.read(new ByteArrayInputStream(Files.readAllBytes(file)), DEFAULTS));
        assertEquals(read, BitImage.read(Files.readAllBytes(file), DEFAULTS));
    }

    @Test
    void jpegQualityDecidesTheSize() throws IOException {
        Path file = folder.resolve("a.jpg");
        BitImage noise = BitImageTest.noise(1, 40, 40);
        noise.write(file, 0.1f);
        long small = Files.size(file);
        noise.write(file, 1f);
        assertTrue(Files.size(file) > 3 * small);
        assertThrows(IllegalArgumentException.class, () -> noise.write(file, 1.1f));
        assertThrows(IllegalArgumentException.class, () -> noise.write(file, Float.NaN));
    }

    @ParameterizedTest
    @ValueSource(strings = {"a", "a.txt", "a.webp", "png", "a.png."})
    void otherNamesAreRefused(String name) throws IOException {
        BitImage image = gradient(2, 2);
        String message = assertThrows(IllegalArgumentException.class, () -> image.write(folder.resolve(name)))
                .getMessage();
        assertContains(message, name, ".png, .jpg, .jpeg, .bmp or .gif");
        try (var files = Files.list(folder)) {
            assertEquals(0, files.count());
        }
    }

    @Test
    void readsGreyPaletteAndSixteenBits() throws IOException {
        BufferedImage grey = new BufferedImage(256, 1, BufferedImage.TYPE_BYTE_GRAY);
        BufferedImage deep = new BufferedImage(256, 1, BufferedImage.TYPE_USHORT_GRAY);
        for (int i = 0; i < 256; i++) {
            grey.getRaster().setSample(i, 0, 0, i);
            deep.getRaster().setSample(i, 0, 0, i * 257);
        }
        byte[] expected = new byte[768];
        for (int i = 0; i < 768; i++) {
            expected[i] = (byte) (i / 3);
        }
        assertArrayEquals(expected, BitImage.read(encoded("png", grey), DEFAULTS).toRgb());
        assertArrayEquals(expected, BitImage.read(encoded("png", deep), DEFAULTS).toRgb());
        assertArrayEquals(expected, BitImage.read(encoded("tiff", deep), DEFAULTS).toRgb());
        byte[] palette = {10, 20, 30, 40};
        BufferedImage indexed = new BufferedImage(4, 1, BufferedImage.TYPE_BYTE_INDEXED,
                new IndexColorModel(2, 4, palette, palette, new byte[4], 3)); // the last is transparent
        indexed.getRaster().setPixels(0, 0, 4, 1, new int[] {0, 1, 2, 3});
        BitImage read = BitImage.read(encoded("png", indexed), DEFAULTS);
        assertEquals(0x0a0a00, read.rgb(0, 0));
        assertEquals(0x1e1e00, read.rgb(2, 0));
        assertEquals(0xffffff, read.rgb(3, 0));
        assertEquals(0x112233, BitImage.read(encoded("png", indexed), DEFAULTS.withBackground(0x112233)).rgb(3, 0));
    }

    @Test
    void greyJpegKeepsItsValues() throws IOException {
        BufferedImage grey = new BufferedImage(16, 16, BufferedImage.TYPE_BYTE_GRAY);
        for (int i = 0; i < 256; i++) {
            grey.getRaster().setSample(i % 16, i / 16, 0, 100);
        }
        BitImage read = BitImage.read(encoded("jpeg", grey), DEFAULTS);
        assertEquals(100, read.rgb(8, 8) & 0xff, 1);
        assertEquals(read.rgb(8, 8) & 0xff, read.rgb(8, 8) >> 16);
    }

    /** Written by Pillow: cyan 0, magenta and yellow 100 %, beside cyan 100 % and half of black. */
    @Test
    void readsJpegInCmyk() throws IOException {
        BitImage read = BitImage.read(Base64.getMimeDecoder().decode("""
                /9j/7gAOQWRvYmUAZAAAAAAA/9sAQwAIBgYHBgUIBwcHCQkICgwUDQwLCwwZEhMPFB0aHx4dGhwcICQuJyAiLCMcHCg3KSwwMTQ0NB
                8nOT04MjwuMzQy/8AAFAgACAAQBEMRAE0RAFkRAEsRAP/EABUAAQEAAAAAAAAAAAAAAAAAAAgH/8QAFBABAAAAAAAAAAAAAAAAAAAA
                AP/aAA4EQwBNAFkASwAAPwC/j+P6/gAf5/j+/9k=
                """), DEFAULTS);
        assertEquals(0xff0000, read.rgb(0, 0));
        assertEquals(0x00bbbb, read.rgb(15, 7));
    }

    /** The exact colour in tRNS is transparent in images without alpha. */
    @Test
    void readsTheTransparentColourOfPng() throws IOException {
        byte[] png = encoded("png", BitImage.of(2, 1, new byte[] {1, 2, 3, 4, 5, 6}).toBufferedImage());
        byte[] with = inserted(png, 33, pngChunk("tRNS", new byte[] {0, 1, 0, 2, 0, 3}));
        BitImage read = BitImage.read(with, DEFAULTS.withBackground(0xabcdef));
        assertEquals(0xabcdef, read.rgb(0, 0));
        assertEquals(0x040506, read.rgb(1, 0));
    }

    // ---------------------------------------------------------------- what is refused

    @Test
    void namesWhatIsNoImage() throws IOException {
        Path text = folder.resolve("text.jpg");
        Files.writeString(text, "hello, this is no image");
        String message = assertThrows(ModelFormatException.class, () -> BitImage.read(text)).getMessage();
        assertContains(message, text + ": not an image", "'hello, this is n'", "JPEG, PNG");
        assertContains(refused(new byte[0], DEFAULTS), "empty");
        assertContains(refused(new byte[] {1, 2, 3}, DEFAULTS), "01 02 03");
        assertContains(refused("RIFF1234WEBPVP8 ".getBytes(StandardCharsets.US_ASCII), DEFAULTS),
                "com.twelvemonkeys.imageio:imageio-webp");
        assertContains(refused("0000ftypheic".getBytes(StandardCharsets.US_ASCII), DEFAULTS), "HEIF");
        Path missing = folder.resolve("missing.png");
        assertContains(assertThrows(NoSuchFileException.class, () -> BitImage.read(missing)).getMessage(),
                missing.toString());
        assertContains(assertThrows(IOException.class, () -> BitImage.read(folder)).getMessage(), "not a file");
    }

    @ParameterizedTest
    @ValueSource(ints = {16, 0})
    void kindsOfJpegThatNeedAPlugInAreNamed(int precision) throws IOException {
        byte[] jpeg = jpeg(8, 8);
        int frame = indexOf(jpeg, 0xc0);
        jpeg[frame + 3] = (byte) precision; // bits of a sample
        assertContains(refused(jpeg, DEFAULTS), "com.twelvemonkeys.imageio:imageio-jpeg", "PNG");
    }

    @ParameterizedTest
    @ValueSource(strings = {"png", "jpeg", "bmp", "gif", "tiff"})
    void bombsAreRefusedFromTheirHeader(String format) throws IOException {
        byte[] file = encoded(format, gradient(9, 7).toBufferedImage());
        String bomb = refused(withSize(format, file, 50_000, 50_000), DEFAULTS);
        if (!format.equals("bmp")) { // whose reader compares size and file itself
            assertContains(bomb, "50000 x 50000", "100000000", "withMaxPixels");
        }
        assertContains(refused(file, DEFAULTS.withMaxPixels(62)), "9 x 7", "at most 62");
        assertEquals(9, BitImage.read(file, DEFAULTS.withMaxPixels(63)).width());
        refused(withSize(format, file, 0, 7), DEFAULTS);
        refused(withSize(format, file, 9, 0), DEFAULTS);
    }

    /** The header of a file with another size. */
    private static byte[] withSize(String format, byte[] file, int width, int height) {
        byte[] changed = file.clone();
        ByteBuffer big = ByteBuffer.wrap(changed);
        ByteBuffer little = ByteBuffer.wrap(changed).order(ByteOrder.LITTLE_ENDIAN);
        switch (format) {
            case "png" -> {
                big.putInt(16, width).putInt(20, height);
                CRC32 crc = new CRC32();
                crc.update(changed, 12, 17);
                big.putInt(29, (int) crc.getValue());
            }
            case "jpeg" -> {
                int frame = indexOf(changed, 0xc0);
                big.putShort(frame + 4, (short) height).putShort(frame + 6, (short) width);
            }
            case "bmp" -> little.putInt(18, width).putInt(22, height);
            case "gif" -> {
                int image = 13 + 3 * (2 << (changed[10] & 7));
                while (changed[image] != ',') { // extension blocks
                    image += 2;
                    for (; changed[image] != 0; image += 1 + (changed[image] & 0xff)) {}
                    image++;
                }
                little.putShort(6, (short) width).putShort(8, (short) height);
                little.putShort(image + 5, (short) width).putShort(image + 7, (short) height);
            }
            default -> {
                ByteBuffer tiff = changed[0] == 'I' ? little : big;
                int directory = tiff.getInt(4);
                for (int i = 0; i < tiff.getShort(directory); i++) {
                    int entry = directory + 2 + 12 * i;
                    if (tiff.getShort(entry) == 256 || tiff.getShort(entry) == 257) {
                        tiff.putShort(entry + 2, (short) 4).putInt(entry + 8,
                                tiff.getShort(entry) == 256 ? width : height);
                    }
                }
            }
        }
        return changed;
    }

    @ParameterizedTest
    @ValueSource(strings = {"png", "jpeg", "bmp", "gif", "tiff"})
    void truncatedFilesAreRefusedOrReadAsFarAsTheyGo(String format) throws IOException {
        BitImage image = gradient(64, 64);
        byte[] file = encoded(format, image.toBufferedImage());
        for (int part = 1; part < 16; part++) {
            byte[] cut = Arrays.copyOf(file, file.length * part / 16);
            String message = refused(cut, DEFAULTS);
            assertContains(message, cut.length + " bytes: ");
            assertFalse(message.contains("null"), message);
        }
        byte[] most = Arrays.copyOf(file, file.length * 15 / 16);
        if (!format.equals("tiff")) { // whose directory is at the end
            assertContains(refused(most, DEFAULTS), "damaged or cut off", "withTruncated");
            BitImage read = BitImage.read(most, DEFAULTS.withTruncated(true));
            int row = format.equals("bmp") ? 63 : 0; // BMP begins at the bottom
            assertEquals(image.rgb(32, row) >> 16, read.rgb(32, row) >> 16, 16);
        }
    }

    /** No damage leads to anything but an image or the documented exception. */
    @ParameterizedTest
    @ValueSource(strings = {"png", "jpeg", "bmp", "gif", "tiff"})
    void damagedFilesAreReadOrRefused(String format) throws IOException {
        byte[] file = encoded(format, gradient(24, 24).toBufferedImage());
        ImageReadOptions small = DEFAULTS.withMaxPixels(10_000);
        for (int seed = 0; seed < 300; seed++) {
            Random random = new Random(seed);
            byte[] damaged = file.clone();
            for (int flips = 1 + random.nextInt(8); flips > 0; flips--) {
                int at = random.nextInt(random.nextBoolean() ? damaged.length : Math.min(80, damaged.length));
                damaged[at] ^= (byte) (1 << random.nextInt(8));
            }
            try {
                BitImage read = BitImage.read(damaged, seed % 2 == 0 ? small : small.withTruncated(true));
                assertTrue(read.width() * read.height() <= 10_000, "seed " + seed);
            } catch (ModelFormatException e) {
                assertTrue(e.getMessage().length() > 20, "seed " + seed);
            } catch (RuntimeException | Error e) {
                throw new AssertionError(format + ", seed " + seed, e);
            }
        }
    }

    static byte[] pngChunk(String name, byte... content) {
        ByteBuffer chunk = ByteBuffer.allocate(12 + content.length).putInt(content.length)
                .put(name.getBytes(StandardCharsets.US_ASCII)).put(content);
        CRC32 crc = new CRC32();
        crc.update(chunk.array(), 4, 4 + content.length);
        return chunk.putInt((int) crc.getValue()).array();
    }

    static byte[] inserted(byte[] file, int at, byte... part) {
        return ByteBuffer.allocate(file.length + part.length).put(file, 0, at).put(part)
                .put(file, at, file.length - at).array();
    }

    /** Index of the second byte of a JPEG marker. */
    private static int indexOf(byte[] jpeg, int marker) {
        int at = 1;
        while ((jpeg[at] & 0xff) != marker || (jpeg[at - 1] & 0xff) != 0xff) {
            at++;
        }
        return at;
    }
}
