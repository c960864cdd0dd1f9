package io.bitlab.models.image;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ExifReaderTest {

    private static final ImageReadOptions DEFAULTS = ImageReadOptions.defaults();

    /** Upright, the image has a white pixel at the left of its top, as stored wherever the orientation says. */
    @ParameterizedTest
    @CsvSource({"0, 0, 0", "1, 0, 0", "2, 2, 0", "3, 2, 1", "4, 0, 1", "5, 0, 0", "6, 0, 1", "7, 2, 1", "8, 2, 0",
        "9, 0, 0"})
    void orientationIsApplied(int orientation, int storedX, int storedY) throws IOException {
        BufferedImage stored = new BufferedImage(3, 2, BufferedImage.TYPE_INT_RGB);
        stored.setRGB(storedX, storedY, 0xffffff);
        stored.setRGB(1, storedY, 0x808080); // next to it in its row
        byte[] png = ImageFilesTest.encoded("png", stored);
        boolean turned = orientation >= 5 && orientation <= 8;
        for (boolean little : new boolean[] {true, false}) {
            byte[] file = ImageFilesTest.inserted(png, 33, ImageFilesTest.pngChunk("eXIf", tiff(orientation, little)));
            BitImage read = BitImage.read(file, DEFAULTS);
            assertEquals(turned ? 2 : 3, read.width());
            assertEquals(0xffffff, read.rgb(0, 0));
            assertEquals(0x808080, turned ? read.rgb(0, 1) : read.rgb(1, 0));
            assertEquals(BitImage.of(stored), BitImage.read(file, DEFAULTS.withOrientation(false)));
        }
    }

    @Test
    void orientationOfJpegAndTiffIsFound() throws IOException {
        byte[] jpeg = ImageFilesTest.jpeg(8, 5);
        assertEquals(ExifOrientation.TURN_RIGHT,
                ExifReader.orientation(ImageFilesTest.inserted(jpeg, 2, app1(tiff(6, true)))));
        assertEquals(5, BitImage.read(ImageFilesTest.inserted(jpeg, 2, app1(tiff(6, false))), DEFAULTS).width());
        assertEquals(ExifOrientation.UPRIGHT, ExifReader.orientation(jpeg));
        assertEquals(ExifOrientation.TURN_LEFT, ExifReader.orientation(tiff(8, false)));
        byte[] webp = ByteBuffer.allocate(20 + tiff(3, true).length).order(ByteOrder.LITTLE_ENDIAN)
                .put("RIFF----WEBPEXIF".getBytes(StandardCharsets.US_ASCII)).putInt(tiff(3, true).length)
                .put(tiff(3, true)).array();
        assertEquals(ExifOrientation.UPSIDE_DOWN, ExifReader.orientation(webp));
    }

    /** Each byte changed, cut anywhere, with any length: the image is as stored or turned, never lost. */
    @Test
    void damagedExifIsIgnored() throws IOException {
        byte[] jpeg = ImageFilesTest.jpeg(8, 5);
        byte[] segment = app1(tiff(6, true));
        for (int at = 2; at < segment.length; at++) {
            for (int value : new int[] {0, 1, 0x7f, 0x80, 0xff}) {
                byte[] changed = segment.clone();
                changed[at] = (byte) value;
                ExifReader.orientation(ImageFilesTest.inserted(jpeg, 2, changed));
                ExifReader.orientation(Arrays.copyOf(ImageFilesTest.inserted(jpeg, 2, changed), 2 + at));
                ExifReader.orientation(Arrays.copyOfRange(changed, 10, changed.length));
            }
        }
        byte[] far = tiff(6, true);
        ByteBuffer.wrap(far).putInt(4, -1); // the directory is beyond every file
        assertEquals(ExifOrientation.UPRIGHT, ExifReader.orientation(ImageFilesTest.inserted(jpeg, 2, app1(far))));
        byte[] png =
                ImageFilesTest.inserted(ImageFilesTest.encoded("png", ImageFilesTest.gradient(2, 2).toBufferedImage()),
                        33, ImageFilesTest.pngChunk("eXIf", new byte[3]));
        assertEquals(2, BitImage.read(png, DEFAULTS).width());
    }

    /** A TIFF header with a directory of two entries, of which the second is the orientation. */
    private static byte[] tiff(int orientation, boolean little) {
        ByteBuffer tiff = ByteBuffer.allocate(8 + 2 + 24 + 4)
                .order(little ? ByteOrder.LITTLE_ENDIAN : ByteOrder.BIG_ENDIAN);
        tiff.put((byte) (little ? 'I' : 'M')).put((byte) (little ? 'I' : 'M')).putShort((short) 42).putInt(8);
        tiff.putShort((short) 2);
        tiff.putShort((short) 0x010f).putShort((short) 2).putInt(1).putInt(0);
        tiff.putShort((short) 0x0112).putShort((short) 3).putInt(1).putShort((short) orientation).putShort((short) 0);
        return tiff.putInt(0).array();
    }

    private static byte[] app1(byte... tiff) {
        return ByteBuffer.allocate(10 + tiff.length).putShort((short) 0xffe1).putShort((short) (8 + tiff.length))
                .put("Exif\0\0".getBytes(StandardCharsets.US_ASCII)).put(tiff).array();
    }
}
