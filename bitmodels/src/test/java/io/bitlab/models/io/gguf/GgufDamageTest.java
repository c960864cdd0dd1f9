package io.bitlab.models.io.gguf;

import static io.bitlab.models.io.gguf.GgufSamples.info;
import static io.bitlab.models.io.gguf.GgufSamples.start;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.bitlab.models.io.ModelFormatException;
import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Files that are wrong in one way each, and what is said about them. */
class GgufDamageTest {

    private static final long HUGE = 0x7fff_ffff_ffff_ffffL;

    @TempDir
    Path folder;

    private void refused(String message, GgufBytes bytes) throws IOException {
        Path path = GgufSamples.write(folder, bytes);
        Exception e = assertThrows(ModelFormatException.class, () -> GgufFile.open(path).close());
        assertEquals(path + ": " + message, e.getMessage());
    }

    // ---------------------------------------------------------------- the beginning

    @Test
    void noFile() {
        Path missing = folder.resolve("missing.gguf");
        assertEquals(missing + ": there is no such GGUF file",
                assertThrows(NoSuchFileException.class, () -> GgufFile.open(missing)).getMessage()
                        .replace(" -> null", ""));
        assertEquals(folder + ": not a regular file; give the .gguf file itself",
                assertThrows(ModelFormatException.class, () -> GgufFile.open(folder)).getMessage());
    }

    @Test
    void beginning() throws IOException {
        refused("the magic number: the file ends after 0 of its 4 bytes; it has been cut off", new GgufBytes());
        refused("the magic number: 0x4c4d4747, expected 0x46554747, the letters GGUF; this is no GGUF file",
                new GgufBytes().u32(0x4c4d4747).u32(3));
        refused("the version: the file ends after 0 of its 4 bytes; it has been cut off",
                new GgufBytes().u32(GgufHeader.MAGIC));
        for (int version : new int[] {0, 1, 4, -1}) {
            refused("the version: " + Integer.toUnsignedString(version) + ", expected 2 or 3",
                    new GgufBytes().u32(GgufHeader.MAGIC).u32(version));
        }
        refused("the version: 50331648, expected 2 or 3; the file is big-endian, convert it",
                new GgufBytes().u32(GgufHeader.MAGIC).u32(3 << 24));
    }

    @Test
    void version2IsRead() throws IOException {
        GgufBytes bytes = new GgufBytes().u32(GgufHeader.MAGIC).u32(2).u64(0).u64(0);
        try (GgufFile file = GgufFile.open(GgufSamples.write(folder, bytes))) {
            assertEquals(2, file.version());
            assertTrue(file.names().isEmpty() && file.metadata().isEmpty());
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {6, 1L << 31, HUGE, -1, Long.MIN_VALUE})
    void counts(long count) throws IOException {
        String number = Long.toUnsignedString(count);
        String most = " bytes that follow hold at most %d; the file is corrupt or cut off";
        refused("the header: " + number + " tensors, but the 108" + most.formatted(4),
                start(count, 0).append(new byte[100]));
        refused("the header: " + number + " metadata entries, but the 70" + most.formatted(5),
                start(0, count).append(new byte[70]));
        refused("the key of metadata entry 0: " + number + " bytes of text, but the 5" + most.formatted(5),
                start(0, 1).u64(count).append(new byte[5]));
    }

    // ---------------------------------------------------------------- metadata

    @Test
    void metadata() throws IOException {
        refused("metadata 'k': value type 13, expected 0 to 12 [U8, I8, U16, I16, U32, I32, F32, BOOL, STRING, ARRAY, "
                + "U64, I64, F64]", start(0, 1).string("k").u32(13).u64(0));
        refused("metadata 'k': the file ends after 4 of its 8 bytes; it has been cut off",
                start(0, 1).string("k").u32(GgufValueType.F64.id()).u32(0));
        refused("metadata 'k': the boolean is 2, expected 0 or 1",
                start(0, 1).string("k").u32(GgufValueType.BOOL.id()).bits(2, 1));
        refused("metadata 'k': the boolean is 255, expected 0 or 1", start(0, 1).string("k")
                .u32(GgufValueType.ARRAY.id()).u32(GgufValueType.BOOL.id()).u64(2).bits(0xff01, 2));
        refused("metadata 'k': the text is not UTF-8",
                start(0, 1).string("k").u32(GgufValueType.STRING.id()).u64(1).bits(0xff, 1));
        refused("the key of metadata entry 0: the text is not UTF-8", start(0, 1).u64(1).bits(0xc0, 1).u64(0));
        refused("metadata 'k': the key occurs twice", start(0, 2).string("k").u32(0).bits(1, 1)
                .string("k").u32(0).bits(2, 1));
    }

    @ParameterizedTest
    @EnumSource(GgufValueType.class)
    void arrays(GgufValueType type) throws IOException {
        for (long count : new long[] {100 / type.minBytes() + 1, HUGE, -1}) {
            refused("metadata 'k': " + Long.toUnsignedString(count) + " " + type + " elements, but the 100 bytes that "
                    + "follow hold at most " + 100 / type.minBytes() + "; the file is corrupt or cut off",
                    start(0, 1).string("k").u32(GgufValueType.ARRAY.id()).u32(type.id()).u64(count)
                            .append(new byte[100]));
        }
    }

    @Test
    void arraysInArrays() throws IOException {
        GgufBytes bytes = start(0, 1).string("k").u32(GgufValueType.ARRAY.id());
        for (int i = 0; i < 9; i++) {
            bytes.u32(GgufValueType.ARRAY.id()).u64(1);
        }
        refused("metadata 'k': arrays in arrays, expected at most 8 of them", bytes.append(new byte[12]));
    }

    @Test
    void alignment() throws IOException {
        for (int alignment : new int[] {0, 24, 1 << 21, -1}) {
            refused("metadata 'general.alignment': " + Integer.toUnsignedString(alignment)
                    + ", expected a power of two up to 1048576",
                    start(0, 1).string("general.alignment")
                            .u32(GgufValueType.U32.id()).u32(alignment));
        }
        refused("metadata 'general.alignment': 32.0, expected a power of two up to 1048576",
                start(0, 1).string("general.alignment").u32(GgufValueType.F32.id()).u32(Float.floatToIntBits(32)));
        refused("metadata 'general.alignment': [1], expected a power of two up to 1048576", start(0, 1)
                .string("general.alignment").u32(GgufValueType.ARRAY.id()).array("", GgufValueType.U8, List.of(1)));
    }

    // ---------------------------------------------------------------- tensors

    @Test
    void tensorInfos() throws IOException {
        refused("the name of tensor 0: the text is not UTF-8", start(1, 0).u64(1).bits(0x80, 1).append(new byte[40]));
        refused("tensor 'x': 5 dimensions, expected at most 4", info(start(1, 0), "x", 0, 0, 1, 1, 1, 1, 1));
        refused("tensor 'x': 4294967295 dimensions, expected at most 4",
                start(1, 0).string("x").u32(-1).append(new byte[16]));
        for (long dimension : new long[] {0, 1L << 31, HUGE, -1}) {
            refused("tensor 'x': dimension " + Long.toUnsignedString(dimension) + ", expected 1 to 2147483647",
                    info(start(1, 0), "x", 0, 0, 1, dimension));
        }
        long most = Integer.MAX_VALUE;
        refused("tensor 'x' F32 [2147483647, 2147483647, 1, 1]: more bytes than a file can have (2^63 - 1)",
                info(start(1, 0), "x", 0, 0, 1, 1, most, most));
        refused("tensor 'x': the file ends after 4 of its 8 bytes; it has been cut off",
                start(1, 0).string("x").u32(1).u64(1).u32(0).u32(0));
        refused("tensor 'x' TQ1_0 [2, 300]: rows of 300 weights, expected a multiple of the 256 in a block of TQ1_0",
                info(start(1, 0), "x", 34, 0, 300, 2));
        refused("tensor 'x' Q8_0 [2, 33]: rows of 33 weights, expected a multiple of the 32 in a block of Q8_0",
                info(start(1, 0), "x", 8, 0, 33, 2));
        refused("tensor 'x' I2_S [3, 64]: 192 weights, expected a multiple of the 128 in a block of layout X86",
                info(start(1, 0), "x", 36, 0, 64, 3));
        refused("tensor 'x' F32 [1]: offset -32, expected 0 or more", info(start(1, 0), "x", 0, -32, 1));
    }

    @Test
    void types() throws IOException {
        String supported = ", expected one of F32 (0), F16 (1), Q4_0 (2), Q4_1 (3), Q5_0 (6), Q5_1 (7), Q8_0 (8), "
                + "Q2_K (10), Q3_K (11), Q4_K (12), Q5_K (13), Q6_K (14), BF16 (30), TQ1_0 (34), TQ2_0 (35), I2_S (36)";
        refused("tensor 'x': type IQ4_XS (23) is not supported; convert the tensor" + supported,
                info(start(1, 0), "x", 23, 0, 256));
        refused("tensor 'x': type 4 is unknown" + supported, info(start(1, 0), "x", 4, 0, 256));
        refused("tensor 'x': type 4294967295 is unknown" + supported, info(start(1, 0), "x", -1, 0, 256));
    }

    @Test
    void ranges() throws IOException {
        refused("tensor 'x' F32 [4]: offset 8, expected a multiple of the alignment 32",
                info(start(1, 0), "x", 0, 8, 4).pad(32).append(new byte[64]));
        refused("tensor 'y' F32 [4]: offset 32 overlaps another tensor, expected at least 36",
                info(info(start(2, 0), "x", 0, 0, 9), "y", 0, 32, 4).pad(32).append(new byte[64]));
        refused("tensor 'x' F32 [4]: 16 bytes from offset 32 on, but there are 47 bytes of data; the file has been cut "
                + "off", info(start(1, 0), "x", 0, 32, 4).pad(32).append(new byte[47]));
        refused("tensor 'x' F32 [1]: 4 bytes from offset 9223372036854775776 on, but there are 4 bytes of data; the "
                + "file has been cut off", info(start(1, 0), "x", 0, HUGE - 31, 1).pad(32).append(new byte[4]));
        refused("tensor 'x' F32 [1]: 4 bytes from offset 0 on, but there are 0 bytes of data; the file has been cut "
                + "off",
                info(start(1, 0), "x", 0, 0, 1));
        refused("tensor 'x' I2_S [1, 128]: 64 bytes from offset 0 on, but there are 63 bytes of data; the file has "
                + "been cut off", info(start(1, 0), "x", 36, 0, 128, 1).pad(32).append(new byte[63]));
        refused("tensor 'x' F32 [1]: the name occurs twice",
                info(info(start(2, 0), "x", 0, 0, 1), "x", 0, 32, 1).pad(32).append(new byte[64]));
    }

    // ---------------------------------------------------------------- data

    @Test
    void codesThatAreNoTrits() throws IOException {
        byte[] tq2 = new byte[2 * 66];
        tq2[66 + 32 + 5] = 3 << 4; // second half, third lane
        refusedData("tensor 'x' TQ2_0 [2, 256]: the code at row 1, column " + (128 + 64 + 5)
                + " is 3, expected 0, 1 or 2; the data is corrupt", GgufType.TQ2_0, tq2, 256, 2);
        byte[] i2s = new byte[2 * 64 + 32];
        i2s[64 + 32 + 5] = 3 << 4; // second block, second lane
        refusedData("tensor 'x' I2_S [2, 256]: the code at row 1, column " + (128 + 32 + 5)
                + " is 3, expected 0, 1 or 2; the data is corrupt or has other codes than a ternary model's",
                GgufType.I2_S, i2s, 256, 2);
        byte[] scale = new byte[64];
        scale[34] = (byte) 0xc0;
        scale[35] = 0x7f;
        refusedData("tensor 'x' I2_S [1, 128]: the scale of the block at row 0, column 0 is NaN, expected a finite "
                + "number", GgufType.I2_S, scale, 128, 1);
    }

    private void refusedData(String message, GgufType type, byte[] data, long... dimensions) throws IOException {
        Path path = GgufSamples.file(folder, type, data, dimensions);
        try (GgufFile file = GgufFile.open(path)) {
            assertEquals(path + ": " + message,
                    assertThrows(ModelFormatException.class, () -> file.floats("x")).getMessage());
            assertEquals(path + ": " + message,
                    assertThrows(ModelFormatException.class, () -> file.ternary("x")).getMessage());
        }
    }

    @Test
    void requestsThatDoNotFit() throws IOException {
        Path path = GgufSamples.file(folder, GgufType.F32, new byte[16], 4);
        try (GgufFile file = GgufFile.open(path)) {
            assertEquals(path + ": there is no tensor 'y' among the 1 of this file",
                    assertThrows(ModelFormatException.class, () -> file.floats("y")).getMessage());
            assertEquals(path + ": tensor 'x' F32 [4]: expected TQ1_0, TQ2_0 or I2_S; read floats() and quantise them",
                    assertThrows(ModelFormatException.class, () -> file.ternary("x")).getMessage());
        }
        Path vector = GgufSamples.file(folder, GgufType.TQ2_0, new byte[66], 256);
        try (GgufFile file = GgufFile.open(vector)) {
            assertEquals(256, file.floats("x").length);
            assertEquals(vector + ": tensor 'x' TQ2_0 [256]: 1 dimensions, expected the 2 of a matrix; floats() reads "
                    + "any", assertThrows(ModelFormatException.class, () -> file.ternary("x")).getMessage());
        }
    }
}
