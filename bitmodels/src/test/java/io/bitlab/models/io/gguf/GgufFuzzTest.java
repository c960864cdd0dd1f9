package io.bitlab.models.io.gguf;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.bitlab.core.parallel.Parallel;
import io.bitlab.core.quant.TernaryMatrix;
import io.bitlab.models.io.ModelFormatException;
import io.bitlab.models.testing.FileFuzz;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** A damaged file is either read or refused with the documented exception, and opening it takes little memory. */
class GgufFuzzTest extends FileFuzz {

    /** What opening any of the files may allocate; the files have 4 KB, but a mapping and an exception cost some. */
    private static final long MOST_BYTES = 200_000;

    /** Numbers that counts, lengths, dimensions and offsets must not be. */
    private static final long[] NUMBERS = {0, 1, 2, 7, 8, 31, 32, 33, 255, 256, 1000, 4096, 0x7fffffffL, 0x80000000L,
        0xffffffffL, 1L << 40, Long.MAX_VALUE, Long.MAX_VALUE - 31, Long.MIN_VALUE, -1, -32};

    /** The types that are only read. */
    private static final List<GgufType> QUANTISED =
            Stream.of(GgufType.values()).filter(type -> type.name().startsWith("Q") && type != GgufType.Q8_0).toList();

    private final com.sun.management.ThreadMXBean threads =
            (com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean();

    private byte[] valid;

    GgufFuzzTest() {
        super(1200);
    }

    @Override
    protected void prepare() throws IOException {
        valid = validFile();
    }

    @Override
    protected boolean isRefused(int mutation, Random random, String replay) throws IOException {
        byte[] mutated = mutate(valid, valid.length - dataBytes(), random, mutation % 5);
        Path path = Files.write(folder.resolve("fuzz.gguf"), mutated);
        return isRefused(path, () -> {
            try (GgufFile file = open(path, replay)) {
                Parallel.sequential().<Integer, IOException>call(() -> readAll(file));
            }
        }, () -> replay + ": " + HexFormat.of().formatHex(mutated));
    }

    /**
     * A message that is composed for the first time makes the JVM link code, of up to 220 KB: then the second time
     * counts.
     */
    private GgufFile open(Path path, String replay) throws IOException {
        long before = threads.getCurrentThreadAllocatedBytes();
        try {
            return GgufFile.open(path);
        } finally {
            if (threads.getCurrentThreadAllocatedBytes() - before >= MOST_BYTES) {
                long bytes = bytesOfOpening(path);
                assertTrue(bytes < MOST_BYTES, replay + ": opening took " + bytes + " bytes, again");
            }
        }
    }

    private long bytesOfOpening(Path path) throws IOException {
        long before = threads.getCurrentThreadAllocatedBytes();
        try {
            GgufFile.open(path).close();
        } catch (ModelFormatException e) {
            // refusing takes memory too
        }
        return threads.getCurrentThreadAllocatedBytes() - before;
    }

    // ---------------------------------------------------------------- files

    private byte[] validFile() throws IOException {
        Path path = folder.resolve("valid.gguf");
        byte[] trits = new byte[512];
        Arrays.fill(trits, 100, 400, (byte) 1);
        TernaryMatrix matrix = TernaryMatrix.of(trits, 2, 256, new float[] {0.5f});
        new GgufWriter()
                .put("general.architecture", "fuzz")
                .put("general.alignment", GgufValueType.U32, 32)
                .put("count", GgufValueType.U64, 5)
                .put("flags", List.of(true, false, true))
                .put("tokens", List.of("a", "bc", "def", ""))
                .put("scores", List.of(1f, 2f, 3f))
                .put("nested", List.of(List.of(1, 2), List.of(List.of().size())))
                .ternary("tq1", GgufType.TQ1_0, 2, 256, () -> matrix)
                .ternary("tq2", GgufType.TQ2_0, 2, 256, () -> matrix)
                .ternary("i2s", GgufType.I2_S, 2, 256, () -> matrix)
                .floats("q8", GgufType.Q8_0, () -> new float[64], 2, 32)
                .floats("f16", GgufType.F16, () -> new float[24], 2, 3, 4)
                .floats("f32", GgufType.F32, () -> new float[1])
                .write(path);
        Map<String, RawGguf.Added> readOnly = new LinkedHashMap<>();
        QUANTISED.forEach(type -> readOnly.put(type.name(), new RawGguf.Added(type, 1, type.blockSize())));
        RawGguf.replace(path, readOnly, new Random(9));
        try (GgufFile file = GgufFile.open(path)) {
            assertEquals(6 + QUANTISED.size(), readAll(file));
        }
        return Files.readAllBytes(path);
    }

    /** 2 x 54, 2 x 66, 128 + 32, 2 x 34, 48 and 4, and a block of each other type, to the next multiple of 32. */
    private static int dataBytes() {
        return 128 + 160 + 160 + 96 + 64 + 32
                + QUANTISED.stream().mapToInt(type -> Math.ceilDiv(type.blockBytes(), 32) * 32).sum();
    }

    private static byte[] mutate(byte[] valid, int headerBytes, Random random, int kind) {
        byte[] bytes = valid.clone();
        switch (kind) {
            case 0 -> flipOne(bytes, 0, headerBytes, random);
            case 1 -> flipSome(bytes, random);
            case 2 -> bytes = truncated(bytes, random);
            case 3 -> ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN)
                    .putLong(8 + random.nextInt(headerBytes - 16), NUMBERS[random.nextInt(NUMBERS.length)]);
            default -> {
                // one part of the header over another: the texts, types and offsets of the wrong entry
                int length = 4 + random.nextInt(40);
                System.arraycopy(valid, random.nextInt(headerBytes - length), bytes,
                        8 + random.nextInt(headerBytes - 8 - length), length);
            }
        }
        return bytes;
    }

    private static int readAll(GgufFile file) throws ModelFormatException {
        for (Object value : file.metadata().values()) {
            assertTrue(value.hashCode() == value.hashCode()); // visits every element
        }
        for (String name : file.names()) {
            GgufTensor info = file.info(name);
            assertEquals(info.byteCount(), file.segment(name).byteSize(), info.toString());
            assertEquals(info.elements(), file.floats(name).length, info.toString());
            if (info.type().isTernary() && info.shape().length == 2) {
                TernaryMatrix matrix = file.ternary(name);
                assertEquals(info.elements(), (long) matrix.outFeatures() * matrix.inFeatures(), info.toString());
            }
        }
        return file.names().size();
    }

    // ---------------------------------------------------------------- memory

    /** Each count may be as large as the file allows, in each array of each array. */
    @Test
    void countsInCountsTakeLittleMemory() throws IOException {
        int size = 1 << 20;
        GgufBytes bytes = GgufSamples.start(0, 1).string("k").u32(GgufValueType.ARRAY.id());
        for (int depth = 0; depth < 7; depth++) {
            bytes.u32(GgufValueType.ARRAY.id()).u64(size / 12 - 100);
        }
        bytes.u32(GgufValueType.STRING.id()).u64(size / 8 - 100);
        Path path = GgufSamples.write(folder, bytes.append(new byte[size])); // empty strings, then U8 arrays of none
        long before = threads.getCurrentThreadAllocatedBytes();
        try {
            GgufFile.open(path).close();
        } catch (ModelFormatException e) {
            assertTrue(e.getMessage().contains("metadata 'k'"), e.getMessage());
        }
        long allocated = threads.getCurrentThreadAllocatedBytes() - before;
        assertTrue(allocated < 10L * size, allocated + " bytes for a file of " + size);
    }
}
