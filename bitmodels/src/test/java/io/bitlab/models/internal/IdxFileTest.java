package io.bitlab.models.internal;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.bitlab.models.image.ImageReadOptions;
import io.bitlab.models.image.LabelledImages;
import io.bitlab.models.train.Dataset;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class IdxFileTest {

    @TempDir
    private Path folder;

    private static byte[] images(int magic, int count, int height, int width, int pixels) {
        ByteBuffer bytes = ByteBuffer.allocate(16 + pixels).putInt(magic).putInt(count).putInt(height).putInt(width);
        for (int i = 0; i < pixels; i++) {
            bytes.put((byte) (i * 51));
        }
        return bytes.array();
    }

    private static byte[] labels(int magic, int count, int... labels) {
        ByteBuffer bytes = ByteBuffer.allocate(8 + labels.length).putInt(magic).putInt(count);
        Arrays.stream(labels).forEach(label -> bytes.put((byte) label));
        return bytes.array();
    }

    private static byte[] gzip(byte[] plain) throws IOException {
        ByteArrayOutputStream packed = new ByteArrayOutputStream();
        try (GZIPOutputStream out = new GZIPOutputStream(packed)) {
            out.write(plain);
        }
        return packed.toByteArray();
    }

    private Dataset read(String suffix, byte[] images, byte[] labels) throws IOException {
        Path imageFile = Files.write(folder.resolve("images" + suffix), images);
        Path labelFile = Files.write(folder.resolve("labels" + suffix), labels);
        return Dataset.readIdx(imageFile, labelFile);
    }

    @Test
    void readsPlainAndPackedFiles() throws IOException {
        byte[] images = images(0x803, 2, 1, 3, 6);
        byte[] labels = labels(0x801, 2, 7, 200);
        for (Dataset data : new Dataset[] {read("", images, labels), read(".gz", gzip(images), gzip(labels))}) {
            assertEquals(2, data.size());
            assertEquals(3, data.featureCount());
            assertArrayEquals(new int[] {7, 200}, data.labels(0, 1));
            assertArrayEquals(new float[] {0, 51 / 255f, 102 / 255f, 153 / 255f, 204 / 255f, 1},
                    data.batch(0, 1).data());
        }
    }

    @Test
    void imagesKeepTheirShape() throws IOException {
        Path images = Files.write(folder.resolve("images"), images(0x803, 2, 2, 3, 12));
        Path labels = Files.write(folder.resolve("labels"), labels(0x801, 2, 1, 0));
        LabelledImages read = LabelledImages.readIdx(images, labels, List.of("shirt", "boot"));
        assertEquals(2, read.size());
        assertEquals(1, read.label(0));
        assertEquals(3, read.image(1, ImageReadOptions.defaults()).width());
        assertEquals(2, read.image(1, ImageReadOptions.defaults()).height());
        assertEquals((7 * 51 & 0xff) * 0x010101, read.image(1, ImageReadOptions.defaults()).rgb(1, 0));
        assertTrue(assertThrows(IllegalArgumentException.class,
                () -> LabelledImages.readIdx(images, labels, List.of("shirt"))).getMessage().contains("label 1"));
    }

    @Test
    void aDamagedArchiveIsNamed() throws IOException {
        byte[] packed = gzip(images(0x803, 2, 1, 3, 6));
        byte[] labels = gzip(labels(0x801, 2, 7, 9));
        byte[] damaged = packed.clone();
        damaged[packed.length - 6] ^= 1; // of the checksum
        for (byte[] bytes : new byte[][] {Arrays.copyOf(packed, packed.length - 9), damaged}) {
            String message = assertThrows(IOException.class, () -> read(".gz", bytes, labels)).getMessage();
            assertTrue(message.startsWith(folder.resolve("images.gz") + ": ends too early or is damaged"), message);
        }
    }

    private String refusal(byte[] images, byte[] labels) {
        String message = assertThrows(IOException.class, () -> read("", images, labels)).getMessage();
        return message.replace(folder.toString(), "");
    }

    @Test
    void refusesWhatDoesNotFit() throws IOException {
        byte[] images = images(0x803, 2, 1, 3, 6);
        byte[] labels = labels(0x801, 2, 7, 9);
        assertEquals("/images: begins with 0x00000801, expected 0x00000803 for images in IDX format",
                refusal(images(0x801, 2, 1, 3, 6), labels));
        assertEquals("/images: axis 0 has length 3, expected 2 images, one for each label",
                refusal(images(0x803, 3, 1, 2, 6), labels));
        assertEquals("/images: axis 1 has length 0, expected at least 1", refusal(images(0x803, 2, 0, 3, 0), labels));
        assertEquals("/images: ends after 6 elements, its header promises 8; get the file again",
                refusal(images(0x803, 2, 2, 2, 6), labels));
        assertEquals("/images: goes on after the 6 elements that its header promises",
                refusal(images(0x803, 2, 1, 3, 7), labels));
        assertEquals("/labels: ends too early or is damaged; get the file again",
                refusal(images, Arrays.copyOf(labels(0x801, 2), 6)));
        assertEquals("/images: images of more than 2 GB are not supported; split the file",
                refusal(images(0x803, 2, 1 << 30, 1 << 30, 6), labels));
        assertTrue(assertThrows(IOException.class, () -> read(".gz", images, labels)).getMessage()
                .contains("labels.gz: is not a gzip file"));
        assertTrue(
                assertThrows(IOException.class, () -> Dataset.readIdx(folder.resolve("none"), folder.resolve("labels")))
                        .getMessage().endsWith("none: there is no such file"));
    }
}
