package io.bitlab.models.pretrained;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.bitlab.models.AutoBitModel;
import io.bitlab.models.io.Json;
import io.bitlab.models.io.ModelFormatException;
import io.bitlab.models.io.safetensors.DType;
import io.bitlab.models.pretrained.CheckpointFolder.Stored;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What loading says about Hugging Face folders that are damaged, incomplete or not supported. */
class HuggingFaceDamageTest {

    private static final String DOWN = "model.layers.0.mlp.down_proj.weight";

    @TempDir
    Path folder;
    private CheckpointFolder checkpoint;

    @BeforeEach
    void read() throws IOException {
        checkpoint = CheckpointFolder.read(CheckpointFolder.GOLDEN.resolve("bitnet-tiny"));
    }

    private void assertRefused(String... parts) {
        ModelFormatException e = assertThrows(ModelFormatException.class, () -> AutoBitModel.load(folder));
        assertTrue(e.getMessage().startsWith(folder.toString()), e.getMessage());
        for (String part : parts) {
            assertTrue(e.getMessage().contains(part), "expected '" + part + "' in: " + e.getMessage());
        }
    }

    private void assertWrittenRefused(String... parts) throws IOException {
        checkpoint.write(folder);
        assertRefused(parts);
    }

    // ---------------------------------------------------------------- tensors

    @Test
    void code3() throws IOException {
        byte[] bytes = checkpoint.tensors.get(DOWN).bytes(); // [16, 96]
        bytes[5 * 96 + 17] |= 0x30;
        bytes[5 * 96 + 18] |= 0x03;
        assertWrittenRefused("'" + DOWN + "' U8 [16, 96] of model.safetensors: the code of row 37, column 17 is 3");
    }

    @Test
    void everyCode3IsNoticed() throws IOException {
        byte[] bytes = checkpoint.tensors.get(DOWN).bytes();
        for (int i = 0; i < bytes.length; i += 251) {
            for (int bit = 0; bit < 8; bit += 2) {
                byte before = bytes[i];
                bytes[i] |= (byte) (3 << bit);
                assertWrittenRefused("is 3, expected 0, 1 or 2");
                bytes[i] = before;
            }
        }
    }

    @ParameterizedTest
    @ValueSource(floats = {Float.NaN, Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY})
    void scalesAreFinite(float scale) throws IOException {
        checkpoint.tensors.put(DOWN + "_scale", CheckpointFolder.bfloat16(new float[] {scale}, 1));
        assertWrittenRefused(DOWN + "_scale' BF16 [1]", "its value is " + scale + ", expected a finite number");
    }

    @Test
    void nothingIsDividedBy0() throws IOException {
        checkpoint.config.put("quantization_config", Map.of("quant_method", "bitnet", "linear_class", "bitlinear"));
        checkpoint.tensors.put(DOWN + "_scale", CheckpointFolder.bfloat16(new float[1], 1));
        assertWrittenRefused("its value is 0.0, expected a finite number to divide by");
    }

    @Test
    void oneScale() throws IOException {
        checkpoint.tensors.put(DOWN + "_scale", CheckpointFolder.bfloat16(new float[64], 64));
        assertWrittenRefused(DOWN + "_scale' BF16 [64]", "expected one float");
    }

    @ParameterizedTest
    @ValueSource(strings = {"model.embed_tokens.weight", "model.norm.weight", DOWN, DOWN + "_scale",
        "model.layers.1.self_attn.attn_sub_norm.weight"})
    void missingTensors(String name) throws IOException {
        checkpoint.tensors.remove(name);
        assertWrittenRefused(name);
    }

    @Test
    void aHeadOfItsOwnMustBeThere() throws IOException {
        checkpoint.config.put("tie_word_embeddings", false);
        assertWrittenRefused("1 tensors are missing: [lm_head.weight]");
    }

    @ParameterizedTest
    @CsvSource({"hidden_size, 128", "intermediate_size, 100", "vocab_size, 159", "num_key_value_heads, 1",
        "num_hidden_layers, 3", "head_dim, 32", "vocab_size, 2000000000", "num_attention_heads, 2000000000"})
    void shapesAreTheConfigurations(String member, int value) throws IOException {
        checkpoint.config.put(member, value);
        checkpoint.write(folder);
        assertRefused();
    }

    @Test
    void aWrongShapeIsNamed() throws IOException {
        Stored stored = checkpoint.tensors.get(DOWN);
        checkpoint.tensors.put(DOWN, new Stored(DType.U8, stored.bytes(), 96, 16));
        assertWrittenRefused("'" + DOWN + "' U8 [96, 16]", "shape [384, 16], expected [64, 96]");
    }

    @Test
    void wrongTypes() throws IOException {
        Stored stored = checkpoint.tensors.get(DOWN);
        checkpoint.tensors.put(DOWN, new Stored(DType.I8, Arrays.copyOf(stored.bytes(), 64 * 96), 64, 96));
        assertWrittenRefused("scales that this kind of model can't use", DOWN + "_scale");
        checkpoint.tensors.remove(DOWN + "_scale");
        assertWrittenRefused("'" + DOWN + "' I8 [64, 96]", "expected floats");
        checkpoint.tensors.put(DOWN, stored);
        checkpoint.tensors.put("model.embed_tokens.weight", new Stored(DType.U8, new byte[40 * 64], 40, 64));
        assertWrittenRefused("'model.embed_tokens.weight' U8 [40, 64]", "ternary weights, expected floats");
    }

    @Test
    void biasesAreNotIgnored() throws IOException {
        checkpoint.tensors.put("model.layers.0.self_attn.q_proj.bias",
                CheckpointFolder.float32(new float[64], 64));
        assertWrittenRefused("biases", "model.layers.0.self_attn.q_proj.bias");
    }

    @ParameterizedTest
    @CsvSource({"model.norm.weight, 13, 'row 0, column 13'", "model.embed_tokens.weight, 77, 'row 1, column 13'"})
    void floatsAreFinite(String name, int place, String message) throws IOException {
        byte[] bytes = checkpoint.tensors.get(name).bytes();
        bytes[2 * place] = (byte) 0x80;
        bytes[2 * place + 1] = (byte) 0xff;
        assertWrittenRefused("'" + name + "' BF16", "the value in " + message + " is -Infinity");
    }

    @Test
    void latentWeightsAreFinite() throws IOException {
        float[] weights = new float[64 * 96];
        weights[2 * 96 + 5] = Float.NaN;
        checkpoint.tensors.put(DOWN, CheckpointFolder.float32(weights, 64, 96));
        checkpoint.tensors.remove(DOWN + "_scale");
        assertWrittenRefused("'" + DOWN + "' F32 [64, 96]", "the value in row 2, column 5 is NaN");
    }

    // ---------------------------------------------------------------- configuration

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "architectures | [\"Qwen2ForCausalLM\"] | architecture 'Qwen2ForCausalLM' is not supported",
        "rope_scaling | {\"rope_type\": \"llama3\", \"factor\": 8.0} | rope_scaling.rope_type is 'llama3'",
        "rope_parameters | {\"type\": \"yarn\"} | rope_parameters.type is 'yarn'",
        "rope_parameters | {\"partial_rotary_factor\": 0.5} | rope_parameters.partial_rotary_factor is 0.5, expected 1",
        "quantization_config | {\"quant_method\": \"gptq\"} | quant_method is 'gptq', expected bitnet",
        "quantization_config | {\"quant_method\": \"bitnet\", \"linear_class\": \"x\"} | linear_class is 'x'",
        "quantization_config | {\"quant_method\": \"bitnet\", \"quantization_mode\": \"x\"} | quantization_mode is 'x'",
        "quantization_config | {\"quant_method\": \"bitnet\", \"use_rms_norm\": true} | use_rms_norm is true",
        "quantization_config | null | packed weights, but config.json has no quantization_config",
        "attention_bias | true | attention_bias is true",
        "hidden_act | \"tanh\" | hidden_act is tanh",
        "hidden_size | \"64\" | hidden_size is '64', expected a whole number",
        "num_attention_heads | 0 | num_attention_heads is 0",
    })
    void whatIsNotSupportedIsSaid(String member, String json, String message) throws IOException {
        checkpoint.config.put(member, Json.parse("{\"x\": " + json + "}", "test").get("x"));
        assertWrittenRefused(message);
    }

    @Test
    void missingMembers() throws IOException {
        checkpoint.config.remove("intermediate_size");
        assertWrittenRefused("config.json: intermediate_size is missing");
    }

    // ---------------------------------------------------------------- files

    @Test
    void aMissingConfigurationIsNamed() throws IOException {
        checkpoint.write(folder);
        Path config = folder.resolve("config.json");
        Files.delete(config);
        NoSuchFileException e = assertThrows(NoSuchFileException.class, () -> AutoBitModel.load(folder));
        assertTrue(e.getMessage().startsWith(config.toString()), e.getMessage());
        assertTrue(e.getMessage().contains("there is no such file"), e.getMessage());
    }

    @Test
    void eachCutInTheConfigurationIsSaidToBeOne() throws IOException {
        checkpoint.write(folder);
        Path config = folder.resolve("config.json");
        byte[] bytes = Files.readAllBytes(config);
        for (int length = 0; length < bytes.length - 2; length += 13) {
            Files.write(config, Arrays.copyOf(bytes, length));
            assertRefused(length == 0 ? "config.json: expected a JSON object" : "config.json: not valid JSON at line ");
        }
        Files.write(config, Arrays.copyOf(bytes, 40));
        ModelFormatException e = assertThrows(ModelFormatException.class, () -> AutoBitModel.load(folder));
        assertFalse(e.getMessage().contains("REDACTED"), e.getMessage());
    }

    @Test
    void aByteOrderMarkInFrontOfTheConfigurationIsSkipped() throws IOException {
        checkpoint.write(folder);
        String expected = AutoBitModel.load(folder).toString();
        Path config = folder.resolve("config.json");
        Files.writeString(config, "\ufeff" + Files.readString(config));
        assertEquals(expected, AutoBitModel.load(folder).toString());
    }

    /** Windows PowerShell writes UTF-16 by default. */
    @Test
    void anotherEncodingOfTheConfigurationIsNamed() throws IOException {
        checkpoint.write(folder);
        Path config = folder.resolve("config.json");
        Files.writeString(config, "\ufeff" + Files.readString(config), StandardCharsets.UTF_16LE);
        assertRefused("config.json: the text is not UTF-8");
    }

    @Test
    void aDamagedModelFileIsTheFirstCauseWhateverTheConfigurationIs() throws IOException {
        checkpoint.write(folder);
        Files.write(folder.resolve("model.safetensors"), new byte[4]);
        String reason = "model.safetensors: the file has 4 bytes, too few";
        assertRefused(reason);
        Files.writeString(folder.resolve("config.json"), "{");
        assertRefused(reason);
        Files.delete(folder.resolve("config.json"));
        assertRefused(reason);
    }

    @Test
    void oneFileOfAFolderIsNotTheModel() throws IOException {
        checkpoint.write(folder);
        for (String name : List.of("model.safetensors", "config.json")) {
            ModelFormatException e =
                    assertThrows(ModelFormatException.class, () -> AutoBitModel.load(folder.resolve(name)));
            assertEquals(folder.resolve(name) + ": is one file of a model; give the folder that contains it",
                    e.getMessage());
        }
    }

    @Test
    void onlySafetensors() throws IOException {
        checkpoint.writeConfig(folder);
        Files.write(folder.resolve("pytorch_model.bin"), new byte[10]);
        NoSuchFileException e = assertThrows(NoSuchFileException.class, () -> AutoBitModel.load(folder));
        assertTrue(e.getMessage().contains("only safetensors files are read"), e.getMessage());
    }

    @Test
    void missingAndDamagedShards() throws IOException {
        checkpoint.writeShards(folder, 3);
        Path shard = folder.resolve("model-00002-of-00003.safetensors");
        byte[] bytes = Files.readAllBytes(shard);
        for (int length = 0; length < bytes.length; length += length < 16 ? 1 : 997) {
            Files.write(shard, Arrays.copyOf(bytes, length));
            assertRefused(shard.toString());
        }
        Files.delete(shard);
        NoSuchFileException e = assertThrows(NoSuchFileException.class, () -> AutoBitModel.load(folder));
        assertTrue(e.getMessage().contains(shard.toString()), e.getMessage());
    }

    @Test
    void theIndexIsChecked() throws IOException {
        Map<String, Object> map = checkpoint.writeShards(folder, 2);
        for (Object wrong : List.of("../model.safetensors", "/etc/model.safetensors", "..", "", "a\\b", 7)) {
            Map<String, Object> changed = new LinkedHashMap<>(map);
            changed.put(DOWN, wrong);
            CheckpointFolder.writeIndex(folder, changed);
            assertRefused("weight_map.'" + DOWN + "' is " + (wrong instanceof String ? "'" + wrong + "'" : wrong)
                    + ", expected the name of a file");
        }
        Map<String, Object> cyclic = new LinkedHashMap<>(map);
        cyclic.put(DOWN, SafetensorsShards.INDEX_FILE);
        CheckpointFolder.writeIndex(folder, cyclic);
        assertRefused(SafetensorsShards.INDEX_FILE);
        Map<String, Object> moved = new LinkedHashMap<>(map);
        moved.put(DOWN, moved.get(DOWN).equals("model-00001-of-00002.safetensors")
                ? "model-00002-of-00002.safetensors" : "model-00001-of-00002.safetensors");
        CheckpointFolder.writeIndex(folder, moved);
        assertRefused("there is no tensor '" + DOWN + "', which " + SafetensorsShards.INDEX_FILE + " says is here");
        Files.writeString(folder.resolve(SafetensorsShards.INDEX_FILE), "{\"weight_map\": {}}");
        assertRefused("weight_map is empty, expected the file of each tensor");
    }
}
