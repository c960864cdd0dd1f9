package io.bitlab.models.detection.data;

import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.bitlab.models.image.BitImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.function.Executable;

/** Files of a data set, written by tests. */
record AnnotatedFolder(Path root) {

    static BitImage plain(int width, int height, int colour) {
        byte[] rgb = new byte[3 * width * height];
        for (int i = 0; i < rgb.length; i++) {
            rgb[i] = (byte) (colour >> 16 - 8 * (i % 3));
        }
        return BitImage.of(width, height, rgb);
    }

    AnnotatedFolder image(String name, int width, int height) throws IOException {
        Path file = root.resolve(name);
        Files.createDirectories(file.getParent());
        plain(width, height, 0x336699).write(file);
        return this;
    }

    /** A JPEG file of which a camera noted that it must be turned right. */
    AnnotatedFolder turned(String name, int width, int height) throws IOException {
        image(name, width, height);
        byte[] jpeg = Files.readAllBytes(root.resolve(name));
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.write(jpeg, 0, 2);
        out.write(new byte[] {(byte) 0xff, (byte) 0xe1, 0, 34, 'E', 'x', 'i', 'f', 0, 0, 'M', 'M', 0, 42, 0, 0, 0, 8,
            0, 1, 1, 0x12, 0, 3, 0, 0, 0, 1, 0, 6, 0, 0, 0, 0, 0, 0});
        out.write(jpeg, 2, jpeg.length - 2);
        Files.write(root.resolve(name), out.toByteArray());
        return this;
    }

    AnnotatedFolder text(String name, String text) throws IOException {
        Path file = root.resolve(name);
        Files.createDirectories(file.getParent());
        Files.writeString(file, text);
        return this;
    }

    /** An object of Pascal VOC. */
    static String object(String name, Object... corners) {
        return ("<object><name>%s</name><difficult>0</difficult><bndbox><xmin>%s</xmin><ymin>%s</ymin><xmax>%s</xmax>"
                + "<ymax>%s</ymax></bndbox></object>").formatted(name, corners[0], corners[1], corners[2], corners[3]);
    }

    /** An annotation of Pascal VOC. */
    AnnotatedFolder xml(String name, int width, int height, String... objects) throws IOException {
        return text(name, "<annotation><filename>given.png</filename><size><width>" + width + "</width><height>"
                + height + "</height></size>" + String.join("", objects) + "</annotation>");
    }

    /** Fails with a message that has all of these parts. */
    static void assertRefused(Executable reading, String... parts) {
        IOException refused = assertThrows(IOException.class, reading);
        for (String part : parts) {
            assertTrue(refused.getMessage().contains(part), refused.getMessage());
        }
    }
}
