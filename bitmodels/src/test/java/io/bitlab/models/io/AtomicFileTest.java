package io.bitlab.models.io;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

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
