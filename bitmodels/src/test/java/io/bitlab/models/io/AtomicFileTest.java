package io.bitlab.models.io;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.bitlab.models.io.safetensors.SafetensorsWriter;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.opentest4j.TestAbortedException;

class AtomicFileTest {

    @TempDir
    Path folder;

    @Test
    void createsAndReplaces() throws IOException {
        Path target = folder.resolve("config.json");
        AtomicFile.replace(target, "one \u00e4");
        assertEquals("one \u00e4", Files.readString(target));
        AtomicFile.replace(target, "two");
        assertEquals("two", Files.readString(target));
        assertEquals(List.of(target), files());
    }

    @Test
    void failureWhileWritingKeepsTheOldFile() throws IOException {
        Path target = folder.resolve("model.safetensors");
        AtomicFile.replace(target, "old");
        IOException full = new IOException("no space left on device");
        IOException e = assertThrows(IOException.class, () -> AtomicFile.replace(target, out -> {
            out.write(new byte[100_000]);
            throw full;
        }));
        assertSame(full, e.getCause());
        assertTrue(e.getMessage().startsWith("cannot save " + target + " ("), e.getMessage());
        assertTrue(e.getMessage().contains("no space left on device"), e.getMessage());
        assertTrue(e.getMessage().contains("what stood there is unchanged. Check that " + folder), e.getMessage());
        assertEquals("old", Files.readString(target));
        assertEquals(List.of(target), files());
    }

    @Test
    void exceptionOfTheCallerComesOutAsItIs() throws IOException {
        Path target = folder.resolve("model.safetensors");
        AtomicFile.replace(target, "old");
        IllegalStateException thrown = new IllegalStateException("a bug");
        IllegalStateException e = assertThrows(
                IllegalStateException.class,
                () -> AtomicFile.replace(target, out -> {
                    throw thrown;
                }));
        assertSame(thrown, e);
        assertEquals("old", Files.readString(target));
        assertEquals(List.of(target), files());
    }

    @Test
    void folderInTheTargetsPlaceIsKept() throws IOException {
        Path target = Files.createDirectory(folder.resolve("model.safetensors"));
        Path inside = Files.writeString(target.resolve("kept"), "kept");
        IOException e = assertThrows(IOException.class, () -> AtomicFile.replace(target, "new"));
        assertTrue(e.getMessage().contains(target + " is not a folder"), e.getMessage());
        assertEquals("kept", Files.readString(inside));
        assertEquals(List.of(target), files());
    }

    @Test
    void halfASurrogatePairIsRefused() throws IOException {
        Path file = Files.writeString(folder.resolve("text"), "before");
        IOException e = assertThrows(IOException.class, () -> AtomicFile.replace(file, "a\ud83d"));
        assertTrue(e.getMessage().contains("half of a surrogate pair"), e.getMessage());
        assertEquals("before", Files.readString(file));
        AtomicFile.replace(file, "a\ud83d\ude00\u00e9");
        assertEquals("a\ud83d\ude00\u00e9", Files.readString(file));
    }

    @Test
    void namesMissingFolder() {
        Path target = folder.resolve("missing").resolve("model.safetensors");
        IOException e = assertThrows(IOException.class, () -> AtomicFile.replace(target, "new"));
        assertEquals(
                "cannot save " + target + ": " + target.getParent() + " does not exist; create it", e.getMessage());
        assertFalse(Files.exists(target.getParent()));
    }

    @Test
    void namesParentThatIsAFile() throws IOException {
        Path parent = Files.writeString(folder.resolve("file"), "kept");
        Path target = parent.resolve("model.safetensors");
        IOException e = assertThrows(IOException.class, () -> AtomicFile.replace(target, "new"));
        assertEquals(
                "cannot save " + target + ": " + parent + " is not a folder; choose another place", e.getMessage());
        assertEquals("kept", Files.readString(parent));
    }

    @Test
    void refusesPathWithoutAName() {
        for (Path target : List.of(Path.of(""), Path.of("").toAbsolutePath().getRoot())) {
            IOException e = assertThrows(IOException.class, () -> AtomicFile.replace(target, "new"));
            assertEquals("cannot save " + target + ": this names no file in a folder", e.getMessage());
        }
    }

    @Test
    void theNewFileHasThePermissionsOfTheOld() throws IOException {
        assumePosix();
        for (String permissions : List.of("rw-------", "rw-rw-r--", "r--r-----", "rwxrwxrwx")) {
            Path target = folder.resolve(permissions);
            AtomicFile.replace(target, "old");
            Files.setPosixFilePermissions(target, PosixFilePermissions.fromString(permissions));
            AtomicFile.replace(target, "new");
            assertEquals(permissions, PosixFilePermissions.toString(Files.getPosixFilePermissions(target)));
            assertEquals("new", Files.readString(target));
        }
    }

    @Test
    void aNewFileHasThePermissionsThatFilesGetHere() throws IOException {
        assumePosix();
        Path other = Files.createFile(folder.resolve("other"));
        AtomicFile.replace(folder.resolve("new"), "new");
        assertEquals(Files.getPosixFilePermissions(other), Files.getPosixFilePermissions(folder.resolve("new")));
    }

    /** A program that runs as root must not take the file from its user. */
    @Test
    void theNewFileHasOwnerAndGroupOfTheOldWhereThatIsAllowed() throws IOException {
        assumePosix();
        Path target = folder.resolve("model.safetensors");
        AtomicFile.replace(target, "old");
        try {
            Files.setAttribute(target, "unix:uid", 12345);
            Files.setAttribute(target, "unix:gid", 23456);
        } catch (IOException | IllegalArgumentException | UnsupportedOperationException e) {
            assumeTrue(false, "only root may give files away: " + e);
        }
        AtomicFile.replace(target, "new");
        assertEquals(12345, Files.getAttribute(target, "unix:uid"));
        assertEquals(23456, Files.getAttribute(target, "unix:gid"));
    }

    @Test
    void nobodyCanReadThePartsOfAPrivateFileWhileItIsWritten() throws IOException {
        assumePosix();
        Path target = folder.resolve("private");
        AtomicFile.replace(target, "old");
        Files.setPosixFilePermissions(target, PosixFilePermissions.fromString("rw-------"));
        AtomicFile.replace(target, out -> {
            for (Path file : files()) {
                assertEquals("rw-------", PosixFilePermissions.toString(Files.getPosixFilePermissions(file)));
            }
            out.write(1);
        });
    }

    @Test
    void aSymbolicLinkStaysAndTheFileThatItLeadsToIsReplaced() throws IOException {
        Path blobs = Files.createDirectory(folder.resolve("blobs"));
        Path file = Files.writeString(blobs.resolve("1234"), "old");
        Path link = link("link", Path.of("blobs", "1234"));
        Path linkToLink = link("linkToLink", link);
        for (Path target : List.of(link, linkToLink)) {
            AtomicFile.replace(target, "through " + target);
            assertTrue(Files.isSymbolicLink(target), target::toString);
            assertFalse(Files.isSymbolicLink(file));
            assertEquals("through " + target, Files.readString(file));
        }
        assertEquals(3, files().size(), "no temporary");
    }

    @Test
    void aSymbolicLinkMayLeadToAFileThatIsYetToBeMade() throws IOException {
        Path link = link("link", Path.of("new"));
        AtomicFile.replace(link, "content");
        assertTrue(Files.isSymbolicLink(link));
        assertEquals("content", Files.readString(folder.resolve("new"), StandardCharsets.UTF_8));
    }

    @Test
    void aSymbolicLinkThatLeadsNowhereIsRefusedAndNamed() throws IOException {
        Path nowhere = link("nowhere", Path.of("missing", "file"));
        IOException e = assertThrows(IOException.class, () -> AtomicFile.replace(nowhere, "new"));
        Path missing = folder.resolve("missing");
        assertEquals("cannot save " + nowhere + ", a link to " + missing.resolve("file") + ": " + missing
                + " does not exist; create it", e.getMessage());
        Path circle = link("circle", Path.of("circle2"));
        link("circle2", circle);
        e = assertThrows(IOException.class, () -> AtomicFile.replace(circle, "new"));
        assertTrue(
                e.getMessage().startsWith("cannot save " + circle + ": it is a symbolic link that leads through more "
                        + "than 40 others"),
                e.getMessage());
        assertEquals(3, files().size());
    }

    /** Root could replace it. */
    @Test
    void aDeviceIsNotReplaced() {
        Path device = Path.of("/dev/null");
        assumeTrue(Files.exists(device));
        IOException e = assertThrows(IOException.class, () -> AtomicFile.replace(device, "new"));
        assertTrue(e.getMessage().contains("it exists and is not a regular file"), e.getMessage());
        assertFalse(Files.isRegularFile(device));
    }

    private Path link(String name, Path target) throws IOException {
        try {
            return Files.createSymbolicLink(folder.resolve(name), target);
        } catch (UnsupportedOperationException | FileSystemException e) {
            throw new TestAbortedException("no symbolic links here: " + e);
        }
    }

    private void assumePosix() {
        assumeTrue(folder.getFileSystem().supportedFileAttributeViews().contains("posix"));
    }

    @Test
    void savesAtOnceDoNotMix() throws Exception {
        Path target = folder.resolve("model.safetensors");
        List<String> contents = Stream.of("a", "b", "c", "d").map(letter -> letter.repeat(300_000)).toList();
        try (ExecutorService threads = Executors.newFixedThreadPool(contents.size())) {
            for (int round = 0; round < 5; round++) {
                List<Future<?>> saves = new ArrayList<>();
                for (String content : contents) {
                    saves.add(threads.submit(() -> {
                        AtomicFile.replace(target, content);
                        return null;
                    }));
                }
                for (Future<?> save : saves) {
                    save.get();
                }
                assertTrue(contents.contains(Files.readString(target)), "round " + round);
            }
        }
        assertEquals(List.of(target), files());
    }

    @Test
    void failedSafetensorsSaveKeepsTheOldModel() throws IOException {
        Path target = folder.resolve("model.safetensors");
        new SafetensorsWriter().floats("w", new float[] {1, 2}, 2).write(target);
        byte[] old = Files.readAllBytes(target);
        SafetensorsWriter writer = new SafetensorsWriter().floats("w", new float[] {3, 4}, 2);
        Path inside = target.resolve("model.safetensors");
        assertThrows(IOException.class, () -> writer.write(inside));
        assertEquals(-1, Arrays.mismatch(old, Files.readAllBytes(target)));
        assertEquals(List.of(target), files());
    }

    private List<Path> files() throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.toList();
        }
    }
}
