package io.bitlab.models.io.safetensors;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.bitlab.models.io.ModelFormatException;
import io.bitlab.models.testing.FileFuzz;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;

/** A damaged file is either read or refused with the documented exception; nothing else may come out. */
class SafetensorsFuzzTest extends FileFuzz {

    /** What damage tends to turn into something with another meaning. */
    private static final String[] FRAGMENTS = {
        "0", "9", "-", "[", "]", "{", "}", "\"", ",", ":", "e9", "null", "99999999999999999999", "\\u0000", "F64",
        "[0,0]"
    };

    private byte[] valid;

    SafetensorsFuzzTest() {
        super(1500);
    }

    @Override
    protected void prepare() throws IOException {
        valid = validFile();
    }

    @Override
    protected boolean isRefused(int mutation, Random random, String replay) throws IOException {
        byte[] mutated = mutate(valid, valid.length - 58, random, mutation % 4);
        Path path = Files.write(folder.resolve("fuzz.safetensors"), mutated);
        return isRefused(path, () -> {
            try (SafetensorsFile file = SafetensorsFile.open(path)) {
                readAll(file);
            }
        }, () -> replay + ": " + new String(mutated, StandardCharsets.ISO_8859_1));
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
            case 0 -> flipOne(bytes, 0, headerBytes, random);
            case 1 -> flipSome(bytes, random);
            case 2 -> bytes = truncated(bytes, random);
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
