package io.bitlab.models.image;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ImageSizeTest {

    private static final ImageReadOptions DEFAULTS = ImageReadOptions.defaults();

    @TempDir
    private Path folder;

    @ParameterizedTest
    @ValueSource(strings = {"a.png", "a.jpg", "a.bmp", "a.gif"})
    void readsTheHeader(String name) throws IOException {
        LabelledImagesTest.plain(31, 17, 0x123456).write(folder.resolve(name));
        assertEquals(new ImageSize(31, 17), ImageSize.read(folder.resolve(name), DEFAULTS));
    }

    /** A JPEG file with more text before its header than is read at first. */
    @Test
    void readsFurtherIfTheHeaderComesLate() throws IOException {
        Path file = folder.resolve("a.jpg");
        LabelledImagesTest.plain(31, 17, 0x123456).write(file);
        byte[] jpeg = Files.readAllBytes(file);
        byte[] comment = new byte[2 + 65535];
        comment[0] = (byte) 0xff;
        comment[1] = (byte) 0xfe;
        comment[2] = (byte) 0xff;
        comment[3] = (byte) 0xff;
        byte[] late = Arrays.copyOf(jpeg, jpeg.length + 5 * comment.length);
        for (int i = 0; i < 5; i++) {
            System.arraycopy(comment, 0, late, 2 + i * comment.length, comment.length);
        }
        System.arraycopy(jpeg, 2, late, 2 + 5 * comment.length, jpeg.length - 2);
        Files.write(file, late);
        assertEquals(new ImageSize(31, 17), ImageSize.read(file, DEFAULTS));
        assertEquals(31, BitImage.read(file).width());
    }

    /** Otherwise a training would stop at it later. */
    @Test
    void refusesWhatCouldNotBeRead() throws IOException {
        Path file = folder.resolve("a.png");
        LabelledImagesTest.plain(31, 17, 0x123456).write(file);
        String message = assertThrows(IOException.class, () -> ImageSize.read(file, DEFAULTS.withMaxPixels(526)))
                .getMessage();
        assertEquals(message, assertThrows(IOException.class, () -> BitImage.read(file, DEFAULTS.withMaxPixels(526)))
                .getMessage());
        assertTrue(message.contains("31 x 17 pixels"), message);
        assertTrue(assertThrows(IOException.class, () -> ImageSize.read(folder, DEFAULTS)).getMessage()
                .endsWith("not a file; give the image file itself"));
    }

    @Test
    void refusesWhatIsNoImage() throws IOException {
        Path file = folder.resolve("a.png");
        assertThrows(NoSuchFileException.class, () -> ImageSize.read(file, DEFAULTS));
        for (byte[] bytes : new byte[][] {{}, {1, 2, 3}, {(byte) 0xff, (byte) 0xd8, (byte) 0xff, (byte) 0xe0}}) {
            Files.write(file, bytes);
            IOException refused = assertThrows(IOException.class, () -> ImageSize.read(file, DEFAULTS));
            assertTrue(refused.getMessage().contains("a.png"), refused.getMessage());
        }
        assertThrows(IllegalArgumentException.class, () -> new ImageSize(0, 1));
    }
}
