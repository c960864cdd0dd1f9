package io.bitlab.models.io.folder;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.bitlab.core.tensor.Tensor;
import io.bitlab.layers.Layer.Mode;
import io.bitlab.layers.StateDict;
import io.bitlab.models.AutoBitModel;
import io.bitlab.models.io.Json;
import io.bitlab.models.io.ModelFormatException;
import io.bitlab.models.mlp.BitMlp;
import io.bitlab.models.mlp.BitMlpConfig;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What loading says about a deployed model whose file was cut, changed or put together wrongly. */
class ModelFolderDamageTest {

    private static final BitMlpConfig CONFIG =
            BitMlpConfig.builder().nLayers(2).inChannels(8).hiddenDim(7).outChannels(3).norm(true).build();

    @TempDir
    Path folder;
    private Path file;
    /** The header of the file, to be changed. */
    private Map<String, Object> header;
    private byte[] data;

    @BeforeEach
    void save() throws IOException {
        BitMlp model = AutoBitModel.fromConfig(CONFIG, 3);
        AutoBitModel.save(model, folder, Mode.DEPLOYED);
        file = folder.resolve(ModelFolder.MODEL_FILE);
        byte[] bytes = Files.readAllBytes(file);
        int length = (int) ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).getLong();
        header = new LinkedHashMap<>(Json.parse(new String(bytes, 8, length, StandardCharsets.UTF_8), "header"));
        header.replaceAll((name, value) -> new LinkedHashMap<>(members(value)));
        data = Arrays.copyOfRange(bytes, 8 + length, bytes.length);
        write();
        Tensor x = Tensor.randn(1, 2, 8);
        model.eval();
        assertArrayEquals(model.forward(x).toArray(), AutoBitModel.load(folder).forward(x).toArray());
    }

    @SuppressWarnings("unchecked") // the header was made of such maps
    private static Map<String, Object> members(Object value) {
        return (Map<String, Object>) value;
    }

    private Map<String, Object> metadata() {
        return members(header.get("__metadata__"));
    }

    private void write() throws IOException {
        byte[] json = Json.compact(header).getBytes(StandardCharsets.UTF_8);
        Files.write(file, ByteBuffer.allocate(8 + json.length + data.length).order(ByteOrder.LITTLE_ENDIAN)
                .putLong(json.length).put(json).put(data).array());
    }

    private String refusal() {
        ModelFormatException e = assertThrows(ModelFormatException.class, () -> AutoBitModel.load(folder));
        assertTrue(e.getMessage().startsWith(folder.toString()), e.getMessage());
        return e.getMessage();
    }

    private void assertRefused(String message) throws IOException {
        write();
        String found = refusal();
        assertTrue(found.contains(message), "expected '" + message + "' in: " + found);
    }

    // ---------------------------------------------------------------- the file

    @Test
    void missingFile() throws IOException {
        Files.delete(file);
        NoSuchFileException e = assertThrows(NoSuchFileException.class, () -> AutoBitModel.load(folder));
        assertEquals(file + ": no model there; expected a folder that AutoBitModel.save wrote, with model.safetensors "
                + "in it", e.getMessage().replace(" -> null", ""));
        Path nowhere = folder.resolve("nowhere");
        assertThrows(NoSuchFileException.class, () -> AutoBitModel.load(nowhere));
    }

    @Test
    void theFileIsClosedAfterUse() throws IOException {
        StateDict state = ModelFolder.read(folder, contents -> {
            assertEquals(List.copyOf(contents.state().names()), List.copyOf(ModelFolder.read(folder).state().names()));
            return contents.state();
        });
        for (String name : state.names()) {
            assertThrows(IllegalStateException.class,
                    () -> Objects.requireNonNull(state.isTernary(name) ? state.ternary(name) : state.tensor(name)));
        }
    }

    @Test
    void everyTruncationIsNoticed() throws IOException {
        byte[] bytes = Files.readAllBytes(file);
        for (int length = 0; length < bytes.length; length += length < 16 || bytes.length - length < 40 ? 1 : 29) {
            Files.write(file, Arrays.copyOf(bytes, length));
            refusal();
        }
        Files.write(file, Arrays.copyOf(bytes, bytes.length + 1));
        refusal();
    }

    @Test
    void everyChangedBitOfTheDataIsNoticed() throws IOException {
        byte[] bytes = Files.readAllBytes(file);
        int start = bytes.length - data.length;
        for (int at = start; at < bytes.length; at++) {
            bytes[at] ^= (byte) (1 << at % 8);
            Files.write(file, bytes);
            String message = refusal();
            assertTrue(message.contains("has CRC-32C "), message);
            assertTrue(message.endsWith("the file is damaged, get or save it again"), message);
            bytes[at] ^= (byte) (1 << at % 8);
        }
    }

    /** A flipped bit in a number of the configuration may give another valid one; but nothing unexpected is thrown. */
    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3})
    void flippedBitsOfTheHeaderNeverCauseAnythingButAMessage(long seed) throws IOException {
        byte[] bytes = Files.readAllBytes(file);
        Random random = new Random(seed);
        for (int round = 0; round < 150; round++) {
            int at = random.nextInt(bytes.length - data.length);
            int bit = 1 << random.nextInt(8);
            bytes[at] ^= (byte) bit;
            Files.write(file, bytes);
            try {
                AutoBitModel.load(folder);
            } catch (IOException e) {
                assertTrue(e.getMessage().startsWith(folder.toString()),
                        "seed " + seed + ", round " + round + ", byte " + at + ", bit " + bit + ": " + e.getMessage());
            }
            bytes[at] ^= (byte) bit;
        }
    }

    // ---------------------------------------------------------------- metadata

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', value = {
        "format | pt | metadata 'format' is 'pt', expected 'bitlab': not a model folder of this version of BitLab",
        "format_version | 2 | metadata 'format_version' is '2', expected '1'",
        "config | {} | model_type",
        "config | {\"model_type\":7} | model_type",
        "config | [] | metadata 'config': expected a JSON object",
        "config | {\"model_type\" | metadata 'config': not valid JSON",
        "config | {\"model_type\":\"bitmpl\"} | , known are [bitdetector, bitdit, bitmlp, bitresnet, bittabular, "
                + "bittransformer, bittransformer_classifier, bitunet, bitvit, gain]; is the jar that has this kind "
                + "of model on the class path?",
        "config | {\"model_type\":\"bitmlp\"} | BitMlpConfig: in_channels is missing",
        "ternary | {} | expected F32",
        "ternary | [] | metadata 'ternary': expected a JSON object",
        "ternary | {\"linear9.weight\":[7,8]} | there is no tensor 'linear9.weight'",
        "ternary | {\"norm0.weight\":[1,8]} | there is no tensor 'norm0.weight_scale'",
        "ternary | {\"linear0.weight\":7} | metadata 'ternary': 'linear0.weight' is 7, "
                + "expected [out, in] or [out, in, blockColumns]",
        "ternary | {\"linear0.weight\":[7]} | 'linear0.weight' is [7], expected",
        "ternary | {\"linear0.weight\":[7,8,8,1]} | 'linear0.weight' is [7, 8, 8, 1], expected",
        "ternary | {\"linear0.weight\":[7,\"8\"]} | 'linear0.weight' is [7, '8'], expected",
        "ternary | {\"linear0.weight\":[7,8.0]} | 'linear0.weight' is [7, 8.0], expected",
        "ternary | {\"linear0.weight\":[7,0]} | tensor 'linear0.weight': TernaryMatrix",
        "ternary | {\"linear0.weight\":[-7,8]} | tensor 'linear0.weight': TernaryMatrix",
        "ternary | {\"linear0.weight\":[7,11]} | tensor 'linear0.weight': TernaryMatrix",
        "ternary | {\"linear0.weight\":[7,8,0]} | tensor 'linear0.weight': TernaryMatrix",
        "ternary | {\"linear0.weight\":[7,8,4]} | tensor 'linear0.weight': TernaryMatrix",
        "ternary | {\"linear0.weight\":[7,2147483647]} | tensor 'linear0.weight': TernaryMatrix",
        "ternary | {\"linear0.weight\":[7,8],\"linear1.weight\":[3,8]} | "
                + "other shapes [linear1.weight is [3, 8], expected [3, 7]]",
        "crc32c | {} | the metadata says null: the file is damaged",
        "crc32c | [1] | metadata 'crc32c': expected a JSON object"})
    void wrongMetadata(String field, String value, String message) throws IOException {
        metadata().put(field, value);
        assertRefused(message);
    }

    @ParameterizedTest
    @ValueSource(strings = {"format", "format_version", "config", "ternary", "crc32c"})
    void missingMetadata(String field) throws IOException {
        metadata().remove(field);
        assertRefused(field.startsWith("format")
                ? "metadata '" + field + "' is null, expected '"
                : "metadata '" + field + "' is missing");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', value = {
        "\"in_channels\":8 | \"in_channels\":9 | other shapes [norm0.weight is [8], expected [9], linear0.weight is "
                + "[7, 8], expected [7, 9]]; nothing was loaded",
        "\"hidden_dim\":7 | \"hidden_dim\":0 | BitMlpConfig: hiddenDim is 0, expected at least 1",
        "\"n_layers\":2 | \"n_layers\":3 | missing [norm2.weight, linear2.weight, linear2.bias]",
        "\"n_layers\":2 | \"n_layers\":1 | unexpected [norm1.weight, linear1.weight, linear1.bias]",
        "\"norm\":true | \"norm\":null | BitMlpConfig: norm is null, expected true or false",
        "\"norm\" | \"gnorm\" | BitMlpConfig: unknown members [gnorm]",
        "per_tensor | per_block | BitQuantConfig: weight_granularity is \"per_block\"",
        "\"float_edges\":false | \"float_edges\":true | the state has ternary weights for 'linear0.weight', but "
                + "Linear(8 -> 7) is a float layer; nothing was loaded"})
    void configurationThatDoesNotFit(String old, String replacement, String message) throws IOException {
        if (old.contains("float_edges")) { // float edges have no norms before them
            metadata().compute("config", (key, text) -> ((String) text).replace("\"norm\":true", "\"norm\":false"));
            header.remove("norm0.weight");
            header.remove("norm1.weight");
            keepData();
        }
        metadata().compute("config", (key, text) -> ((String) text).replace(old, replacement));
        assertRefused(message);
    }

    /** Rebuilds the data of the remaining tensors. */
    private void keepData() {
        ByteBuffer kept = ByteBuffer.allocate(data.length);
        header.forEach((name, value) -> {
            if (!name.equals("__metadata__")) {
                List<?> offsets = (List<?>) members(value).get("data_offsets");
                int from = (Integer) offsets.get(0);
                int at = kept.position();
                kept.put(data, from, (Integer) offsets.get(1) - from);
                members(value).put("data_offsets", List.of(at, kept.position()));
            }
        });
        data = Arrays.copyOf(kept.array(), kept.position());
    }

    // ---------------------------------------------------------------- tensors

    static Stream<String> tensors() {
        return Stream.of("norm0.weight", "linear0.weight", "linear0.weight_scale", "linear0.bias", "linear1.weight");
    }

    @ParameterizedTest
    @MethodSource("tensors")
    void everyFieldOfATensorIsChecked(String name) throws IOException {
        Map<String, Object> original = new LinkedHashMap<>(members(header.get(name)));
        boolean bytes = original.get("dtype").equals("U8");
        Map<String, List<Object>> wrong = new LinkedHashMap<>();
        wrong.put("dtype", List.of(bytes ? "I8" : "I32", bytes ? "BOOL" : "U32", "F16", "F64", "f32", 3));
        wrong.put("shape", List.of(List.of(), List.of(0), List.of(-1), List.of(1, 2, 3), "[7]"));
        wrong.put("data_offsets", List.of(List.of(), List.of(0, 1), List.of(1, 2), List.of(-4, 4), "0"));
        for (Map.Entry<String, List<Object>> field : wrong.entrySet()) {
            for (Object value : field.getValue()) {
                members(header.get(name)).put(field.getKey(), value);
                write();
                String message = refusal();
                assertTrue(message.contains(name) || message.contains("tensor"), field.getKey() + " " + value + ": "
                        + message);
                members(header.get(name)).putAll(original);
            }
            members(header.get(name)).remove(field.getKey());
            assertRefused(name);
            members(header.get(name)).putAll(original);
        }
        header.put(name + "x", header.remove(name)); // another name
        assertRefused("");
    }

    @ParameterizedTest
    @MethodSource("tensors")
    void checksumsAreCompared(String name) throws IOException {
        String checksums = (String) metadata().get("crc32c");
        Map<String, Object> changed = new LinkedHashMap<>(Json.parse(checksums, "crc32c"));
        Object right = changed.get(name);
        for (Object wrong : List.of(((Number) right).longValue() + 1, right.toString(), true)) {
            changed.put(name, wrong);
            metadata().put("crc32c", Json.compact(changed));
            assertRefused("tensor '" + name + "' has CRC-32C " + right + ", the metadata says "
                    + (wrong instanceof String ? "'" + wrong + "'" : wrong));
        }
        changed.remove(name);
        metadata().put("crc32c", Json.compact(changed));
        assertRefused("tensor '" + name + "' has CRC-32C " + right + ", the metadata says null");
    }

    /** Changes bytes of a tensor and corrects its checksum, as a faulty writer would. */
    private void rewrite(String name, UnaryOperator<byte[]> change) throws IOException {
        List<?> offsets = (List<?>) members(header.get(name)).get("data_offsets");
        int from = (Integer) offsets.get(0);
        byte[] bytes = change.apply(Arrays.copyOfRange(data, from, (Integer) offsets.get(1)));
        System.arraycopy(bytes, 0, data, from, bytes.length);
        CRC32C checksum = new CRC32C();
        checksum.update(bytes);
        Map<String, Object> checksums =
                new LinkedHashMap<>(Json.parse((String) metadata().get("crc32c"), "crc32c"));
        checksums.put(name, checksum.getValue());
        metadata().put("crc32c", Json.compact(checksums));
        write();
    }

    @ParameterizedTest
    @ValueSource(ints = {243, 244, 255})
    void packedBytesOver242AreRefused(int value) throws IOException {
        rewrite("linear0.weight", bytes -> {
            bytes[4] = (byte) value; // row 2, its first byte
            return bytes;
        });
        String message = refusal();
        assertTrue(message.contains("tensor 'linear0.weight': TernaryMatrix(7 x 8)"), message);
        assertTrue(message.contains(Integer.toString(value)), message);
    }

    @Test
    void paddingMustBeZero() throws IOException {
        rewrite("linear0.weight", bytes -> {
            bytes[1] = (byte) (1 + 3 + 9 + 27 + 2 * 81); // columns 5 to 7, then padding 0 and 1
            return bytes;
        });
        String message = refusal();
        assertTrue(message.contains("tensor 'linear0.weight': TernaryMatrix(7 x 8)"), message);
        assertTrue(message.contains("padding"), message);
    }

    @Test
    void scalesMustBeFinite() throws IOException {
        rewrite("linear0.weight_scale", bytes -> {
            ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).putFloat(0, Float.NaN);
            return bytes;
        });
        assertTrue(refusal().contains("NaN"), refusal());
    }
}
