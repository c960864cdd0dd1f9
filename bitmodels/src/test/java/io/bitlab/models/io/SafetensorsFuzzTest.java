package io.bitlab.models.io;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A damaged file is either read or refused with the documented exception; nothing else may come out. */
class SafetensorsFuzzTest {

    private static final int MUTATIONS = 1500;

    /** What damage tends to turn into something with another meaning. */
    private static final String[] FRAGMENTS = {
        "0", "9", "-", "[", "]", "{", "}", "\"", ",", ":", "e9", "null", "99999999999999999999", "\\u0000", "F64",
        "[0,0]"
    };

    @TempDir
    Path folder;

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3})
    void damagedFilesAreReadOrRefused(long seed) throws IOException {
        fuzz(seed, MUTATIONS);
    }

    @Test
    @Tag("long")
    void manyDamagedFilesAreReadOrRefused() throws IOException {
        fuzz(System.nanoTime(), 100_000);
    }

    private void fuzz(long seed, int mutations) throws IOException {
        byte[] valid = validFile();
        int headerBytes = valid.length - 58;
        Random random = new Random(seed);
        int refused = 0;
        for (int i = 0; i < mutations; i++) {
            byte[] mutated = mutate(valid, headerBytes, random, i % 4);
            Path path = Files.write(folder.resolve("fuzz.safetensors"), mutated);
            try (SafetensorsFile file = SafetensorsFile.open(path)) {
                readAll(file);
            } catch (ModelFormatException e) {
                refused++;
                assertTrue(e.getMessage().startsWith(path + ": "), e.getMessage());
            } catch (RuntimeException | Error e) {
                throw new AssertionError("seed " + seed + ", mutation " + i + ": " + new String(mutated,
                        StandardCharsets.ISO_8859_1), e);
            }
        }
        assertTrue(refused > mutations / 2, "seed " + seed + ": only " + refused + " files were refused");
    }

    private byte[] validFile() throws IOException {
        Path path = folder.resolve("valid.safetensors");
        new SafetensorsWriter()
                .metadata("format", "fuzz")
                .floats("a.weight", new float[] {1, 2, 3, 4, 5, 6}, 2, 3)
                .bytes("b", DType.U8, new byte[] {1, 2, 3, 4, 5, 6, 7, 8}, 2, 2, 2)
                .bytes("c", DType.BF16, new byte[10], 5)
                .longs("d", new long[] {7, 8}, 2)
                .floats("empty", new float[0], 0, 3)
                .write(path);
        byte[] valid = Files.readAllBytes(path);
        try (SafetensorsFile file = SafetensorsFile.open(path)) {
            assertEquals(5, readAll(file));
        }
        return valid;
    }

    private static byte[] mutate(byte[] valid, int headerBytes, Random random, int kind) {
        byte[] bytes = valid.clone();
        switch (kind) {
            case 0 -> bytes[random.nextInt(headerBytes)] ^= (byte) (1 << random.nextInt(8));
            case 1 -> {
                for (int flips = 1 + random.nextInt(8); flips > 0; flips--) {
                    bytes[random.nextInt(bytes.length)] ^= (byte) (1 << random.nextInt(8));
                }
            }
            case 2 -> bytes = Arrays.copyOf(bytes, random.nextInt(bytes.length));
            default -> {
                // overwrite, so that the length in front stays right and the parser gets to see it
                byte[] fragment = FRAGMENTS[random.nextInt(FRAGMENTS.length)].getBytes(StandardCharsets.US_ASCII);
                int at = 8 + random.nextInt(headerBytes - 8 - fragment.length);
                System.arraycopy(fragment, 0, bytes, at, fragment.length);
            }
        }
        return bytes;
    }

    private static int readAll(SafetensorsFile file) throws ModelFormatException {
        int read = 0;
        for (String name : file.names()) {
            TensorInfo info = file.info(name);
            assertEquals(info.elements(), file.floats(name).length, info.toString());
            assertEquals(info.byteCount(), file.segment(name).byteSize(), info.toString());
            if (info.dtype().isInteger()) {
                assertEquals(info.elements(), file.longs(name).length, info.toString());
            }
            assertTrue(file.crc32c(name) >= 0, info.toString());
            read++;
        }
        return read;
    }
}
