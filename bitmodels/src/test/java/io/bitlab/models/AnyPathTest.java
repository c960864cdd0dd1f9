package io.bitlab.models;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.bitlab.layers.optim.AdamW;
import io.bitlab.models.io.folder.StateFile;
import io.bitlab.models.mlp.BitMlp;
import io.bitlab.models.mlp.BitMlpConfig;
import io.bitlab.models.pretrained.ExportFormat;
import io.bitlab.models.pretrained.ExportOptions;
import io.bitlab.models.testing.EveryFile;
import io.bitlab.models.tokenizer.ByteTokenizer;
import io.bitlab.models.tokenizer.Tokenizers;
import io.bitlab.models.train.Dataset;
import io.bitlab.models.train.EpochResult;
import io.bitlab.models.train.Trainer;
import io.bitlab.models.transformer.BitTransformer;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Files of other file systems than the default one, and with names of every allowed length. */
class AnyPathTest {

    @TempDir
    private Path folder;

    private FileSystem archive(String name) throws IOException {
        return FileSystems.newFileSystem(URI.create("jar:" + folder.resolve(name).toUri()), Map.of("create", "true"));
    }

    @Test
    void everyFileCanStandInAnArchive() throws IOException {
        Path plain = Files.createDirectory(folder.resolve("plain"));
        Map<String, String> expected = EveryFile.writeAndRead(plain);
        Map<String, byte[]> contents = EveryFile.contents(plain);
        try (FileSystem archive = archive("models.jar")) {
            Path inside = Files.createDirectory(archive.getPath("/inside"));
            assertEquals(expected, EveryFile.writeAndRead(inside));
            EveryFile.assertSameFiles(contents, EveryFile.contents(inside));
        }
        try (FileSystem archive = archive("models.jar")) { // as a program that was given the jar reads it
            Path inside = archive.getPath("inside");
            EveryFile.assertSameFiles(contents, EveryFile.contents(inside));
            assertEquals(AutoBitModel.load(plain.resolve("model-EVAL")).toString(),
                    AutoBitModel.load(inside.resolve("model-EVAL")).toString());
            assertEquals(BitTransformer.class, AutoBitModel.load(inside.resolve("export-TQ1_0")).getClass());
        }
        try (Stream<Path> files = Files.list(folder)) {
            assertEquals(List.of("models.jar", "plain"), files.map(file -> file.getFileName().toString()).sorted()
                    .toList(), "no temporary file is left");
        }
    }

    @Test
    void aTrainingGoesOnFromACheckpointInAnArchive() throws IOException {
        Dataset data = Dataset.of(new float[] {1, 0, 0, 1}, new int[] {0, 1});
        List<EpochResult> results;
        try (FileSystem archive = archive("training.zip")) {
            results = fit(data, archive.getPath("/training"));
        }
        try (FileSystem archive = archive("training.zip")) {
            assertEquals(results, fit(data, archive.getPath("/training")), "all epochs were there already");
        }
    }

    private static List<EpochResult> fit(Dataset data, Path checkpoint) {
        BitMlp model = BitMlpConfig.builder().inChannels(2).hiddenDim(8).outChannels(2).build().newModel();
        return Trainer.builder(model, new AdamW(model.parameters(), 0.01f)).epochs(2).batchSize(1)
                .checkpoints(checkpoint, 1).build().fit(data, null);
    }

    @Test
    void aMissingFileInAnArchiveIsNamed() throws IOException {
        try (FileSystem archive = archive("empty.zip")) {
            IOException e = assertThrows(IOException.class, () -> AutoBitModel.load(archive.getPath("/nothing")));
            assertTrue(e.getMessage().startsWith("/nothing/model.safetensors: no model there"), e.getMessage());
        }
    }

    /** Its file system answers with an exception that is no {@link IOException} and has no message. */
    @Test
    void anArchiveThatMayOnlyBeReadIsNamed() throws IOException {
        BitMlp model = BitMlpConfig.builder().inChannels(2).hiddenDim(8).outChannels(2).build().newModel();
        try (FileSystem archive = archive("read.zip")) {
            AutoBitModel.save(model, archive.getPath("/model"));
        }
        try (FileSystem archive = FileSystems.newFileSystem(folder.resolve("read.zip"),
                Map.of("accessMode", "readOnly"))) {
            Path old = archive.getPath("/model");
            IOException e = assertThrows(IOException.class, () -> AutoBitModel.save(model, old));
            assertTrue(e.getMessage().startsWith("cannot save to /model: the folder can't be made"), e.getMessage());
            e = assertThrows(IOException.class, () -> AutoBitModel.export(EveryFile.transformer(), null,
                    archive.getPath("/new"), ExportFormat.HUGGING_FACE));
            assertTrue(e.getMessage().startsWith("cannot save to /new: the folder can't be made"), e.getMessage());
            e = assertThrows(IOException.class,
                    () -> StateFile.write(old.resolve("model.safetensors"), model.stateDict()));
            assertTrue(e.getMessage().startsWith("cannot save /model/model.safetensors"), e.getMessage());
            assertEquals(BitMlp.class, AutoBitModel.load(old).getClass());
        }
    }

    /** The temporary's name must not be the one that is too long. */
    @ParameterizedTest
    @ValueSource(strings = {"m", "\u6a21", "\ud83e\udde0"}) // 1, 3 and 4 bytes
    void namesMayBeAsLongAsTheFileSystemAllows(String character) throws IOException {
        int bytes = character.getBytes(StandardCharsets.UTF_8).length;
        String name = character.repeat(255 / bytes);
        Path target = folder.resolve(name);
        BitMlp model = BitMlpConfig.builder().inChannels(2).hiddenDim(8).outChannels(2).build().newModel();
        StateFile.write(target, model.stateDict());
        StateFile.write(target, model.stateDict());
        AutoBitModel.save(model, folder.resolve("f" + name.substring(character.length())));
        Path gguf = folder.resolve(character.repeat((255 - 5) / bytes) + ".gguf");
        AutoBitModel.export(EveryFile.transformer(), null, gguf, ExportFormat.TQ2_0,
                ExportOptions.defaults().withRounding(true));
        assertEquals(BitTransformer.class, AutoBitModel.load(gguf).getClass());
        assertTrue(Files.isRegularFile(target));
        // beside a GGUF file, a tokenizer needs 15 bytes more
        IOException e = assertThrows(IOException.class, () -> Tokenizers.write(new ByteTokenizer(),
                Tokenizers.beside(gguf)));
        assertTrue(e.getMessage().startsWith("cannot save " + Tokenizers.beside(gguf)), e.getMessage());
    }
}
