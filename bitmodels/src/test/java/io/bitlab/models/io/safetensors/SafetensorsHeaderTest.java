package io.bitlab.models.io.safetensors;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import io.bitlab.models.io.ModelFormatException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Each field of a header, wrong in each way, and the message that it gets. */
class SafetensorsHeaderTest {

    @TempDir
    Path folder;

    /** The entry of a tensor 'w', and the problem that is found. Eight bytes of data follow. */
    static Stream<Arguments> wrongTensors() {
        return Stream.of(
                arguments("5", "tensor 'w': the entry is '5', expected an object"),
                arguments("[]", "tensor 'w': the entry is '[', expected an object"),
                arguments("{'shape':[2],'data_offsets':[0,8]}", "tensor 'w': dtype is missing"),
                arguments("{'dtype':'F32','data_offsets':[0,8]}", "tensor 'w': shape is missing"),
                arguments("{'dtype':'F32','shape':[2]}", "tensor 'w': data_offsets is missing"),
                arguments("{'dtype':'F32','shape':[2],'data_offsets':[0,8],'x':1}", "tensor 'w': field 'x' is unknown"),
                arguments("{'dtype':'F32','dtype':'F32','shape':[2]}", "at line 1, column 28: Duplicate Object"),
                arguments(dtype("'F33'"), "tensor 'w': dtype is 'F33', expected one of [F32, F16, BF16, F64, I8"),
                arguments(dtype("'f32'"), "tensor 'w': dtype is 'f32', expected one of [F32,"),
                arguments(dtype("32"), "tensor 'w': dtype is '32', expected a string"),
                arguments(dtype("null"), "tensor 'w': dtype is 'null', expected a string"),
                arguments(shape("2"), "tensor 'w': shape is '2', expected an array of whole numbers"),
                arguments(shape("[-2]"), "shape holds '-2', expected whole numbers from 0 to 2147483647"),
                arguments(shape("[2.0]"), "shape holds '2.0', expected whole numbers"),
                arguments(shape("[2e0]"), "shape holds '2e0', expected whole numbers"),
                arguments(shape("['2']"), "shape holds '2', expected whole numbers"),
                arguments(shape("[true]"), "shape holds 'true', expected whole numbers"),
                arguments(shape("[[2]]"), "shape holds '[', expected whole numbers"),
                arguments(shape("[2147483648]"), "shape holds '2147483648', expected whole numbers from 0 to 2147"),
                arguments(shape("[99999999999999999999]"), "shape holds '99999999999999999999', expected whole"),
                arguments(shape(Arrays.toString(new int[65])), "shape has more than 64 numbers"),
                arguments(shape("[3]"), "tensor 'w' F32 [3]: data_offsets [0, 8] do not hold the 12 bytes"),
                arguments(entry("'F16'", "[3]", "[0,8]"), "'w' F16 [3]: data_offsets [0, 8] do not hold the 6 bytes"),
                arguments(entry("'U8'", "[0]", "[0,8]"), "'w' U8 [0]: data_offsets [0, 8] do not hold the 0 bytes"),
                arguments(
                        shape("[2000000000,2000000000,2]"),
                        "tensor 'w' F32 [2000000000, 2000000000, 2]: this type and shape need more bytes than"),
                arguments(offsets("8"), "tensor 'w': data_offsets is '8', expected an array of whole numbers"),
                arguments(offsets("[]"), "tensor 'w': data_offsets has 0 numbers, expected [begin, end]"),
                arguments(offsets("[8]"), "tensor 'w': data_offsets has 1 numbers, expected [begin, end]"),
                arguments(offsets("[0,8,8]"), "tensor 'w': data_offsets has more than 2 numbers"),
                arguments(offsets("[-8,0]"), "data_offsets holds '-8', expected whole numbers"),
                arguments(offsets("[0,8.5]"), "data_offsets holds '8.5', expected whole numbers"),
                arguments(offsets("[0,9223372036854775808]"), "data_offsets holds '9223372036854775808', expected"),
                arguments(offsets("[8,0]"), "tensor 'w' F32 [2]: data_offsets [8, 0] do not hold the 8 bytes"),
                arguments(offsets("[1,9]"), "'w' F32 [2]: data_offsets [1, 9] leave a hole, expected a begin of 0"),
                arguments(entry("'F32'", "[1]", "[0,4]"), "tensors take 4 bytes of data, but 8 follow the header"),
                arguments(
                        entry("'F32'", "[4]", "[0,16]"),
                        "tensors take 16 bytes of data, but 8 follow the header; the file has been cut off"));
    }

    private static String dtype(String dtype) {
        return entry(dtype, "[2]", "[0,8]");
    }

    private static String shape(String shape) {
        return entry("'F32'", shape, "[0,8]");
    }

    private static String offsets(String offsets) {
        return entry("'F32'", "[2]", offsets);
    }

    private static String entry(String dtype, String shape, String offsets) {
        return "{'dtype':" + dtype + ",'shape':" + shape + ",'data_offsets':" + offsets + "}";
    }

    @ParameterizedTest
    @MethodSource("wrongTensors")
    void refusesWrongTensor(String entry, String problem) throws IOException {
        assertRefused(SafetensorsBytes.of(json("{'w':" + entry + "}"), 8), problem);
    }

    /** A whole header and the problem that is found. Eight bytes of data follow. */
    static Stream<Arguments> wrongHeaders() {
        String w = "'w':" + entry("'F32'", "[2]", "[0,8]");
        return Stream.of(
                arguments("", "the header does not begin with '{'"),
                arguments(" {}", "the header does not begin with '{'"),
                arguments("[]", "the header does not begin with '{'"),
                arguments("{", "header is not valid JSON at line 1, column"),
                arguments("{" + w, "header is not valid JSON at line 1, column"),
                arguments("{" + w + ",}", "header is not valid JSON at line 1, column"),
                arguments("{" + w + "}}", "header is not valid JSON at line 1, column"),
                arguments("{" + w + "} {}", "text follows after the end of the JSON object, at line 1, column 56"),
                arguments("{" + w + "}\u0000", "header is not valid JSON at line 1, column"),
                arguments("{" + w + "," + w + "}", "Duplicate Object property \"w\""),
                arguments("{}", "the tensors take 0 bytes of data, but 8 follow the header"),
                arguments("{'__metadata__':'x'," + w + "}", "__metadata__: the entry is 'x', expected an object"),
                arguments("{'__metadata__':null," + w + "}", "__metadata__: the entry is 'null', expected an object"),
                arguments("{'__metadata__':{'a':1}," + w + "}", "__metadata__: 'a' is '1', expected a string"),
                arguments("{'__metadata__':{'a':{}}," + w + "}", "__metadata__: 'a' is '{', expected a string"),
                arguments("{'__metadata__':{'a':'','a':''}," + w + "}", "Duplicate Object property \"a\""),
                arguments("{'__metadata__':{},'__metadata__':{}," + w + "}", "Duplicate Object property"),
                arguments(
                        "{'a':" + entry("'U8'", "[5]", "[0,5]") + ",'b':" + entry("'U8'", "[4]", "[4,8]") + "}",
                        "tensor 'b' U8 [4]: data_offsets [4, 8] overlap the tensor before, expected a begin of 5"),
                arguments(
                        "{'b':" + entry("'U8'", "[3]", "[5,8]") + ",'a':" + entry("'U8'", "[4]", "[0,4]") + "}",
                        "tensor 'b' U8 [3]: data_offsets [5, 8] leave a hole, expected a begin of 4"),
                arguments(
                        "{" + w + ",'e':" + entry("'F32'", "[0]", "[4,4]") + "}",
                        "tensor 'e' F32 [0]: data_offsets [4, 4] overlap the tensor before, expected a begin of 8"),
                arguments(
                        "{" + w + ",'e':" + entry("'F32'", "[0]", "[12,12]") + "}",
                        "tensor 'e' F32 [0]: data_offsets [12, 12] leave a hole, expected a begin of 8"));
    }

    @ParameterizedTest
    @MethodSource("wrongHeaders")
    void refusesWrongHeader(String header, String problem) throws IOException {
        assertRefused(SafetensorsBytes.of(json(header), 8), problem);
    }

    /** The length in front, and the problem that is found. The header that follows has two bytes, and no data. */
    static Stream<Arguments> wrongLengths() {
        return Stream.of(
                arguments(0L, "the header does not begin with '{'"),
                arguments(1L, "header is not valid JSON"),
                arguments(3L, "header length 3, expected at most the 2 bytes that follow"),
                arguments(100_000_001L, "header length 100000001, expected at most"),
                arguments(1L << 32, "header length 4294967296, expected at most"),
                arguments(Long.MAX_VALUE, "header length 9223372036854775807, expected at most"),
                arguments(-1L, "header length 18446744073709551615, expected at most"));
    }

    @ParameterizedTest
    @MethodSource("wrongLengths")
    void refusesWrongLength(long length, String problem) throws IOException {
        assertRefused(SafetensorsBytes.withLength(length, new byte[] {'{', '}'}, 0), problem);
    }

    @Test
    void refusesHeaderOver100MB() throws IOException {
        Path path = Files.write(
                folder.resolve("big.safetensors"), SafetensorsBytes.withLength(100_000_001, new byte[] {'{', '}'}, 0));
        try (FileChannel channel = FileChannel.open(path, StandardOpenOption.WRITE)) {
            // a hole where the rest of the header would be: the length alone decides
            channel.write(ByteBuffer.wrap(new byte[] {' '}), 8 + 100_000_000);
        }
        ModelFormatException e = assertThrows(ModelFormatException.class, () -> SafetensorsFile.open(path));
        assertTrue(e.getMessage().contains("100000001 bytes that follow and at most 100000000;"), e.getMessage());
    }

    @Test
    void refusesFileShorterThanALength() throws IOException {
        for (int bytes = 0; bytes < 8; bytes++) {
            assertRefused(new byte[bytes], "the file has " + bytes + " bytes, too few for the 8 of the header length");
        }
    }

    @Test
    void refusesHeaderThatIsNotUtf8() throws IOException {
        byte[] overlong = "{\"??\":1}".getBytes(StandardCharsets.ISO_8859_1);
        overlong[2] = (byte) 0xC1;
        overlong[3] = (byte) 0x81;
        assertRefused(SafetensorsBytes.withLength(overlong.length, overlong, 0), "the header is not UTF-8");
        byte[] utf16 = "{}".getBytes(StandardCharsets.UTF_16LE);
        assertRefused(SafetensorsBytes.withLength(utf16.length, utf16, 0), "header is not valid JSON");
    }

    @Test
    void refusesDeepNesting() throws IOException {
        assertRefused(SafetensorsBytes.of("{\"w\":" + "[".repeat(100_000), 0), "the entry is '[', expected an object");
    }

    @Test
    void shortensLongNamesInMessages() throws IOException {
        String name = "n".repeat(1_000_000);
        ModelFormatException e = assertRefused(SafetensorsBytes.of("{\"" + name + "\":5}", 0), "(1000000 characters)");
        assertTrue(e.getMessage().length() < 1000, "message of " + e.getMessage().length() + " characters");
    }

    @Test
    void namesMissingFileAndFolder() {
        Path missing = folder.resolve("missing.safetensors");
        NoSuchFileException e = assertThrows(NoSuchFileException.class, () -> SafetensorsFile.open(missing));
        assertEquals(missing + ": there is no such safetensors file", e.getMessage());
        ModelFormatException f = assertThrows(ModelFormatException.class, () -> SafetensorsFile.open(folder));
        assertEquals(folder + ": not a regular file; give the .safetensors file itself", f.getMessage());
    }

    @Test
    void acceptsEmptyTensorsAnyOrderAndPadding() throws IOException {
        String header = "{'late':" + entry("'U8'", "[3]", "[5,8]")
                + ",'empty':" + entry("'F32'", "[0,7]", "[5,5]")
                + ",'early':" + entry("'I8'", "[5,1]", "[0,5]")
                + ",'end':" + entry("'F64'", "[2147483647,3,0]", "[8,8]")
                + "} \n\t ";
        try (SafetensorsFile file = open(SafetensorsBytes.of(json(header), 8))) {
            assertEquals(List.of("late", "empty", "early", "end"), file.names());
            assertArrayEquals(new byte[] {5, 6, 7}, file.bytes("late"));
            assertArrayEquals(new float[0], file.floats("empty"));
            assertArrayEquals(new int[] {0, 7}, file.info("empty").shape());
            assertArrayEquals(new long[] {0, 1, 2, 3, 4}, file.longs("early"));
            assertEquals(0, file.segment("end").byteSize());
            assertEquals(0, file.crc32c("end"));
        }
    }

    @Test
    void acceptsFileWithoutTensors() throws IOException {
        try (SafetensorsFile file = open(SafetensorsBytes.of("{}", 0))) {
            assertEquals(List.of(), file.names());
            assertEquals(0, file.metadata().size());
        }
    }

    private static String json(String singleQuoted) {
        return singleQuoted.replace('\'', '"');
    }

    private SafetensorsFile open(byte[] bytes) throws IOException {
        return SafetensorsFile.open(Files.write(folder.resolve("model.safetensors"), bytes));
    }

    private ModelFormatException assertRefused(byte[] bytes, String problem) {
        ModelFormatException e = assertThrows(ModelFormatException.class, () -> open(bytes).close());
        assertTrue(e.getMessage().startsWith(folder.resolve("model.safetensors") + ": "), e.getMessage());
        assertTrue(e.getMessage().contains(problem), () -> "expected '" + problem + "' in: " + e.getMessage());
        return e;
    }
}
