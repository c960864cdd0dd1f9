package io.bitlab.models.testing;

import static org.junit.jupiter.api.Assertions.assertTrue;

import io.bitlab.models.io.ModelFormatException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import java.util.function.Supplier;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What the fuzzers of files share: a thousand mutations or more in each build, 100,000 in the long tests. */
public abstract class FileFuzz {

    private final int mutations;

    /** Where the damaged files are written. */
    @TempDir
    protected Path folder;

    /**
     * A fuzzer.
     *
     * @param mutations for each of three seeds
     */
    protected FileFuzz(int mutations) {
        this.mutations = mutations;
    }

    /** Writes and reads the valid files. */
    protected abstract void prepare() throws IOException;

    /**
     * Damages the files and reads them; any exception but the documented one is a failure.
     *
     * @param mutation number of this one
     * @param replay begins every message
     */
    protected abstract boolean isRefused(int mutation, Random random, String replay) throws IOException;

    /** Opens a damaged file and reads all of it. */
    @FunctionalInterface
    protected interface Reading {
        void read() throws IOException;
    }

    /**
     * Whether a reading refuses its file with the documented exception; any other is a failure.
     *
     * @param contents describes the file in that case
     */
    protected static boolean isRefused(Path path, Reading reading, Supplier<String> contents) throws IOException {
        try {
            reading.read();
            return false;
        } catch (ModelFormatException e) {
            assertTrue(e.getMessage().startsWith(path + ": "), e.getMessage());
            return true;
        } catch (RuntimeException | Error e) {
            throw new AssertionError(contents.get(), e);
        }
    }

    @ParameterizedTest
    @ValueSource(longs = 1)
    protected void damagedFilesAreReadOrRefused(long seed) throws IOException {
        fuzz(seed, mutations);
    }

    @Test
    @Tag("long")
    protected void manyDamagedFilesAreReadOrRefused() throws IOException {
        fuzz(System.nanoTime(), 100_000);
    }

    private void fuzz(long seed, int count) throws IOException {
        prepare();
        Random random = new Random(seed);
        int refused = 0;
        for (int i = 0; i < count; i++) {
            refused += isRefused(i, random, "seed " + seed + ", mutation " + i) ? 1 : 0;
        }
        assertTrue(refused > count / 2, "seed " + seed + ": only " + refused + " were refused");
        checkRefused(refused, count);
    }

    /** What else must hold at the end. */
    protected void checkRefused(int refused, int count) throws IOException {
    }

    // ---------------------------------------------------------------- damage

    /** One bit between two places is another. */
    protected static void flipOne(byte[] bytes, int from, int to, Random random) {
        bytes[from + random.nextInt(to - from)] ^= (byte) (1 << random.nextInt(8));
    }

    /** Up to eight bits anywhere are others. */
    protected static void flipSome(byte[] bytes, Random random) {
        for (int flips = 1 + random.nextInt(8); flips > 0; flips--) {
            flipOne(bytes, 0, bytes.length, random);
        }
    }

    /** The file ends too early. */
    protected static byte[] truncated(byte[] bytes, Random random) {
        return Arrays.copyOf(bytes, random.nextInt(bytes.length));
    }
}
