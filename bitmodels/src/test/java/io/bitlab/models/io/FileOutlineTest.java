package io.bitlab.models.io;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.bitlab.models.io.gguf.GgufFile;
import io.bitlab.models.io.gguf.GgufTensor;
import io.bitlab.models.io.gguf.GgufType;
import io.bitlab.models.io.gguf.GgufWriter;
import io.bitlab.models.io.gguf.I2sLayout;
import io.bitlab.models.io.safetensors.SafetensorsFile;
import io.bitlab.models.io.safetensors.SafetensorsWriter;
import io.bitlab.models.io.safetensors.TensorInfo;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FileOutlineTest {

    @TempDir
    private Path folder;

    @Test
    void anOutlineOfASafetensorsFileEndsWhereTheFileIsWrong() throws IOException {
        Path path = folder.resolve("model.safetensors");
        new SafetensorsWriter().metadata("format", "pt").floats("a", new float[6], 2, 3).floats("b", new float[1], 1)
                .write(path);
        FileOutline<TensorInfo> whole = SafetensorsFile.outline(path);
        assertEquals("pt", whole.metadata().get("format"));
        assertEquals(List.of("a", "b"), whole.tensors().stream().map(TensorInfo::name).toList());
        assertEquals(Optional.empty(), whole.problem());
        byte[] bytes = Files.readAllBytes(path);
        bytes[new String(bytes, StandardCharsets.ISO_8859_1).lastIndexOf("F32") + 1] = '9';
        Files.write(path, bytes);
        FileOutline<TensorInfo> part = SafetensorsFile.outline(path);
        assertEquals("pt", part.metadata().get("format"));
        assertEquals(List.of("a"), part.tensors().stream().map(TensorInfo::name).toList());
        IOException thrown = assertThrows(ModelFormatException.class, () -> SafetensorsFile.open(path));
        assertEquals(thrown.getMessage(), part.problem().orElseThrow().getMessage());
        assertTrue(thrown.getMessage().contains("tensor 'b': dtype is 'F92'"), thrown.getMessage());
    }

    @Test
    void anOutlineOfAGgufFileEndsWhereTheFileIsWrong() throws IOException {
        Path path = folder.resolve("model.gguf");
        new GgufWriter().put("general.architecture", "llama").floats("first", GgufType.F32, () -> new float[32], 32)
                .floats("second", GgufType.F16, () -> new float[32], 32).write(path);
        assertEquals(Optional.empty(), GgufFile.outline(path, I2sLayout.X86).problem());
        byte[] bytes = Files.readAllBytes(path);
        int type = new String(bytes, StandardCharsets.ISO_8859_1).indexOf("second") + "second".length() + 4 + 8;
        bytes[type] = 16;
        Files.write(path, bytes);
        FileOutline<GgufTensor> part = GgufFile.outline(path, I2sLayout.X86);
        assertEquals("llama", part.metadata().get("general.architecture"));
        assertEquals(List.of("first"), part.tensors().stream().map(GgufTensor::name).toList());
        IOException thrown = assertThrows(ModelFormatException.class, () -> GgufFile.open(path));
        assertEquals(thrown.getMessage(), part.problem().orElseThrow().getMessage());
        assertTrue(thrown.getMessage().contains("tensor 'second': type IQ2_XXS (16) is not supported"),
                thrown.getMessage());
    }

    @Test
    void aMissingFileHasNoOutline() {
        assertThrows(NoSuchFileException.class, () -> SafetensorsFile.outline(folder.resolve("none")));
        assertThrows(NoSuchFileException.class, () -> GgufFile.outline(folder.resolve("none"), I2sLayout.X86));
    }
}
