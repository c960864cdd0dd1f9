package io.bitlab.models.image;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LabelledImagesTest {

    @TempDir
    private Path folder;

    private void image(String name, int colour) throws IOException {
        image(folder, name, colour);
    }

    private static void image(Path folder, String name, int colour) throws IOException {
        Path file = folder.resolve(name);
        Files.createDirectories(file.getParent());
        plain(2, 2, colour).write(file);
    }

    static BitImage plain(int width, int height, int colour) {
        byte[] rgb = new byte[3 * width * height];
        for (int i = 0; i < rgb.length; i++) {
            rgb[i] = (byte) (colour >> 16 - 8 * (i % 3));
        }
        return BitImage.of(width, height, rgb);
    }

    private static List<String> names(LabelledImages images) {
        return IntStream.range(0, images.size()).mapToObj(images::name).toList();
    }

    private static void assertContains(Throwable failure, String... parts) {
        for (String part : parts) {
            assertTrue(failure.getMessage().contains(part), failure.getMessage());
        }
    }

    /** In an archive, which has room for all names, whatever the language of the system. */
    @Test
    void classesAndFilesAreSortedByTheirCharacters() throws IOException {
        try (FileSystem archive = archive()) {
            Path root = archive.getPath("/");
            for (String name : List.of("b/2.png", "b/10.png", "\u0130zmir/i.png", "b/I.PNG", "b/i.bmp", "Z/a.jpg")) {
                image(root, name, 0x112233);
            }
            LabelledImages images = LabelledImages.readFolder(root);
            assertEquals(List.of("Z", "b", "\u0130zmir"), images.classNames());
            assertEquals(List.of("Z/a.jpg", "b/10.png", "b/2.png", "b/I.PNG", "b/i.bmp", "\u0130zmir/i.png"),
                    names(images));
            assertArrayEquals(new int[] {1, 4, 1}, images.classCounts());
            assertEquals(2, images.label(5));
            assertEquals(0x112233, images.image(1, ImageReadOptions.defaults()).rgb(0, 0));
        }
    }

    /** An accent of its own would come before z, the letter with it comes after; both are one name. */
    @Test
    void decomposedNamesAreComposed() throws IOException {
        try (FileSystem archive = archive()) {
            Path root = archive.getPath("/");
            image(root, "a\u0308/1.png", 0);
            image(root, "b/1.png", 0);
            assertEquals(List.of("b", "\u00e4"), LabelledImages.readFolder(root).classNames());
        }
    }

    private FileSystem archive() throws IOException {
        return FileSystems.newFileSystem(folder.resolve("images.zip"), Map.of("create", "true"));
    }

    @Test
    void otherFilesAreRefusedOrSkippedAndHiddenOnesIgnored() throws IOException {
        image("cat/1.png", 0);
        for (String name : List.of(".DS_Store", "cat/.DS_Store", "cat/Thumbs.db", "cat/desktop.ini")) {
            Files.writeString(folder.resolve(name), "x");
        }
        Files.createDirectories(folder.resolve(".git"));
        assertEquals(List.of("cat/1.png"), names(LabelledImages.readFolder(folder)));
        Files.writeString(folder.resolve("labels.csv"), "x");
        Files.writeString(folder.resolve("cat/notes.txt"), "x");
        Files.createDirectories(folder.resolve("cat/more.png"));
        assertContains(assertThrows(IOException.class, () -> LabelledImages.readFolder(folder)),
                folder.toString(), "3 entries", "cat/more.png, cat/notes.txt, labels.csv", "skip");
        LabelledImages images = LabelledImages.readFolder(folder, true);
        assertEquals(List.of("cat/1.png"), names(images));
        assertEquals(List.of("cat/more.png", "cat/notes.txt", "labels.csv"), images.skipped());
    }

    @Test
    void aFolderWithoutImagesIsRefused() throws IOException {
        assertContains(assertThrows(IOException.class, () -> LabelledImages.readFolder(folder)), "no classes");
        assertThrows(NotDirectoryException.class, () -> LabelledImages.readFolder(folder.resolve("missing")));
        image("cat/1.png", 0);
        Files.createDirectories(folder.resolve("dog"));
        Files.writeString(folder.resolve("dog/1.txt"), "x");
        assertContains(assertThrows(IOException.class, () -> LabelledImages.readFolder(folder, true)),
                folder.resolve("dog").toString(), "no images for the class dog");
    }

    @Test
    void listsAreChecked() {
        BitImage image = plain(1, 1, 0);
        refused("0 labels for 0 images", List.of(), List.of("a"));
        refused("2 labels for 1 images", List.of(image), List.of("a"), 0, 0);
        refused("label 1 of image 0", List.of(image), List.of("a"), 1);
        refused("label -1 of image 0", List.of(image), List.of("a"), -1);
        refused("repeat", List.of(image), List.of("a", "a"), 0);
        assertContains(assertThrows(NullPointerException.class,
                () -> LabelledImages.of(Arrays.asList(image, null), new int[2], List.of("a"))), "image 1 is null");
    }

    private static void refused(String part, List<BitImage> images, List<String> classes, int... labels) {
        assertContains(assertThrows(IllegalArgumentException.class, () -> LabelledImages.of(images, labels, classes)),
                part);
    }

    @Test
    void splitsEachClass() {
        List<BitImage> images = new ArrayList<>(Collections.nCopies(110, plain(1, 1, 0)));
        int[] labels = IntStream.range(0, 110).map(i -> i < 100 ? 0 : 1).toArray();
        LabelledImages all = LabelledImages.of(images, labels, List.of("a", "b", "unused"));
        LabelledImages.Split split = all.split(0.29, 7);
        assertArrayEquals(new int[] {29, 2, 0}, split.test().classCounts());
        assertArrayEquals(new int[] {71, 8, 0}, split.train().classCounts());
        assertEquals(names(split.test()), names(all.split(0.29, 7).test()));
        assertNotEquals(names(split.test()), names(all.split(0.29, 8).test()));
        List<String> both = new ArrayList<>(names(split.train()));
        both.addAll(names(split.test()));
        Collections.sort(both);
        assertEquals(names(all).stream().sorted().toList(), both);
        assertContains(assertThrows(IllegalArgumentException.class, () -> all.split(0.001, 1)), "larger share");
        assertThrows(IllegalArgumentException.class, () -> all.split(1, 1));
        assertThrows(IllegalArgumentException.class, () -> all.split(Double.NaN, 1));
    }

    @Test
    void theChecksumCoversContentsButNotPlaceOrDate() throws IOException {
        image("one/cat/1.png", 0x010203);
        image("one/cat/2.png", 0x010203);
        image("two/cat/1.png", 0x010203);
        image("two/cat/2.png", 0x010203);
        String one = LabelledImages.readFolder(folder.resolve("one")).checksum();
        assertTrue(one.matches("[0-9a-f]{8}"), one);
        Path file = folder.resolve("two/cat/2.png");
        Files.setLastModifiedTime(file, FileTime.fromMillis(1));
        assertEquals(one, LabelledImages.readFolder(folder.resolve("two")).checksum());
        image("two/cat/2.png", 0x010204);
        assertNotEquals(one, LabelledImages.readFolder(folder.resolve("two")).checksum());
        image("two/cat/2.png", 0x010203);
        Files.move(file, file.resolveSibling("3.png"));
        assertNotEquals(one, LabelledImages.readFolder(folder.resolve("two")).checksum());
        String memory = LabelledImages.of(List.of(plain(1, 2, 5)), new int[1], List.of("a")).checksum();
        assertEquals(memory, LabelledImages.of(List.of(plain(1, 2, 5)), new int[1], List.of("a")).checksum());
        assertNotEquals(memory, LabelledImages.of(List.of(plain(2, 1, 5)), new int[1], List.of("a")).checksum());
        assertNotEquals(memory, LabelledImages.of(List.of(plain(1, 2, 6)), new int[1], List.of("a")).checksum());
        assertNotEquals(memory, LabelledImages.of(List.of(plain(1, 2, 5)), new int[1], List.of("b")).checksum());
    }
}
