package io.bitlab.models.image;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.bitlab.core.parallel.Parallel;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class ImageDatasetTest {

    @TempDir
    private Path folder;

    /** Twelve files of different sizes, in two classes. */
    private LabelledImages files() throws IOException {
        for (int i = 0; i < 12; i++) {
            Path file = folder.resolve(i % 2 == 0 ? "even" : "odd").resolve(i + ".png");
            Files.createDirectories(file.getParent());
            BitImageTest.noise(i, 5 + i, 9).write(file);
        }
        return LabelledImages.readFolder(folder);
    }

    private static LabelledImages memory(BitImage... images) {
        return LabelledImages.of(List.of(images), new int[images.length], List.of("a"));
    }

    @Test
    void fitsImages() {
        BitImage wide = BitImage.of(4, 2, new byte[] {0, 0, 0, 1, 1, 1, 2, 2, 2, 3, 3, 3,
            4, 4, 4, 5, 5, 5, 6, 6, 6, 7, 7, 7});
        assertEquals(wide.crop(1, 0, 2, 2), ImageFit.CROP.apply(wide, 2, 2));
        assertEquals(wide.resize(2, 2), ImageFit.STRETCH.apply(wide, 2, 2));
        assertEquals(wide.letterbox(4, 4, 0).image(), ImageFit.LETTERBOX.apply(wide, 4, 4));
        assertEquals(wide, ImageFit.EXACT.apply(wide, 4, 2));
        BitImage photo = BitImageTest.noise(1, 30, 20);
        assertEquals(photo.resize(15, 10).crop(5, 0, 5, 10), ImageFit.CROP.apply(photo, 5, 10));
        assertEquals(photo.crop(0, 2, 30, 15).resize(20, 10), ImageFit.CROP.apply(photo, 20, 10)); // 2 and 3 rows cut
        assertEquals(32, ImageFit.CROP.apply(BitImageTest.noise(1, 1, 1_000_000), 32, 32).width());
        String message = assertThrows(IllegalArgumentException.class, () -> ImageFit.EXACT.apply(wide, 2, 4))
                .getMessage();
        assertTrue(message.contains("4 x 2") && message.contains("2 x 4"), message);
    }

    @ParameterizedTest
    @EnumSource(value = ImageFit.class, names = {"STRETCH", "CROP", "LETTERBOX"})
    void keptOrDecodedAgainTheFloatsAreTheSame(ImageFit fit) throws IOException {
        LabelledImages files = files();
        ImageDataset kept = ImageDataset.builder(files, 8, 6).fit(fit).memoryLimit(12 * 8 * 6 * 3).build();
        ImageDataset again = ImageDataset.builder(files, 8, 6).fit(fit).memoryLimit(12 * 8 * 6 * 3 - 1).build();
        ImageDataset alone = Parallel.sequential().call(() -> ImageDataset.builder(files, 8, 6).fit(fit).build());
        assertTrue(kept.isKept());
        assertFalse(again.isKept());
        int[] indices = {3, 11, 0, 3};
        float[] batch = kept.batch(indices);
        assertEquals(4 * 3 * 6 * 8, batch.length);
        assertArrayEquals(batch, again.batch(indices));
        assertArrayEquals(batch, alone.batch(indices));
        assertArrayEquals(batch, CompletableFuture.supplyAsync(() -> again.batch(indices)).join());
        assertArrayEquals(kept.image(11).toFloats(), Arrays.copyOfRange(batch, 144, 288));
        assertArrayEquals(new int[] {0, 1, 0, 0}, kept.labels(indices));
        assertEquals(List.of("even", "odd"), kept.classNames());
        assertEquals(kept.checksum(), again.checksum());
        assertArrayEquals(new int[] {2, 3, 6, 8}, again.tensor(0, 1).shape());
    }

    @Test
    void normalisesAndTurnsGrey() throws IOException {
        LabelledImages images = memory(LabelledImagesTest.plain(1, 1, 0xff0000));
        ImageDataset grey = ImageDataset.builder(images, 1, 1).normalization(ImageNormalization.UNIT_GREY).build();
        assertArrayEquals(new float[] {76 / 255f}, grey.batch(0)); // 0.299 * 255 = 76.245
        assertEquals(1, grey.channels());
        ImageDataset symmetric = ImageDataset.builder(images, 1, 1).normalization(ImageNormalization.SYMMETRIC).build();
        assertArrayEquals(new float[] {1, -1, -1}, symmetric.batch(0));
        assertNotEquals(grey.checksum(), symmetric.checksum());
    }

    @Test
    void mixedSizesAreRefusedWithBoth() throws IOException {
        LabelledImages images = memory(BitImageTest.noise(1, 2, 2), BitImageTest.noise(2, 3, 2));
        for (long limit : new long[] {0, 1000}) {
            String message = assertThrows(IllegalArgumentException.class,
                    () -> ImageDataset.builder(images, 2, 2).memoryLimit(limit).build().batch(0, 1)).getMessage();
            assertTrue(message.contains("image 1") && message.contains("3 x 2") && message.contains("2 x 2")
                    && message.contains("CROP"), message);
        }
    }

    @Test
    void namesTheFileThatCantBeRead() throws IOException {
        LabelledImages files = files();
        Files.writeString(folder.resolve("odd/7.png"), "no image");
        Files.writeString(folder.resolve("odd/9.png"), "no image");
        String eager = assertThrows(IOException.class,
                () -> ImageDataset.builder(files, 4, 4).fit(ImageFit.CROP).build()).getMessage();
        assertTrue(eager.startsWith(folder.resolve("odd/7.png") + ": not an image"), eager);
        ImageDataset lazy = ImageDataset.builder(files, 4, 4).fit(ImageFit.CROP).memoryLimit(0).build();
        assertEquals(48, lazy.batch(0).length);
        String late = assertThrows(UncheckedIOException.class, () -> lazy.batch(0, 10)).getMessage();
        assertEquals(eager, late);
    }

    @Test
    void refusesWrongArguments() throws IOException {
        ImageDataset data = ImageDataset.builder(memory(BitImageTest.noise(1, 2, 2)), 2, 2).build();
        assertThrows(IllegalArgumentException.class, data::batch);
        assertThrows(IndexOutOfBoundsException.class, () -> data.batch(1));
        assertThrows(IndexOutOfBoundsException.class, () -> data.labels(-1));
        assertThrows(IllegalArgumentException.class, () -> ImageDataset.builder(memory(BitImageTest.noise(1, 2, 2)),
                0, 2));
        assertThrows(IllegalArgumentException.class,
                () -> ImageDataset.builder(memory(BitImageTest.noise(1, 2, 2)), 2, 2).memoryLimit(-1));
    }

    /** The files of a large folder are sampled evenly: the first of each of 256 parts. */
    @Test
    void checksumsOfLargeFoldersReadSomeFiles() throws IOException {
        List<Path> paths = new ArrayList<>();
        for (int i = 0; i < 512; i++) {
            paths.add(folder.resolve("f" + i));
            Files.write(paths.get(i), new byte[] {(byte) i});
        }
        LabelledImages images = LabelledImages.ofFiles(paths, new int[512], List.of("a"));
        String before = images.checksum();
        Files.write(paths.get(511), new byte[] {5}); // not read, and of the same length
        assertEquals(before, images.checksum());
        Files.write(paths.get(510), new byte[] {5});
        assertNotEquals(before, images.checksum());
        Files.write(paths.get(510), new byte[] {(byte) 510});
        assertEquals(before, images.checksum());
        Files.write(paths.get(511), new byte[2]);
        assertNotEquals(before, images.checksum());
    }
}
