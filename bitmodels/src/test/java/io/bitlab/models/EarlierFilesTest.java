package io.bitlab.models;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.bitlab.layers.Layer;
import io.bitlab.layers.StateDict;
import io.bitlab.models.io.folder.NameMapping;
import io.bitlab.models.io.folder.StateFile;
import io.bitlab.models.mlp.BitMlp;
import io.bitlab.models.transformer.BitTransformer;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Files that an earlier version wrote are read, and what is computed from them is the same to the bit. */
class EarlierFilesTest {

    private static Path file(String name) throws URISyntaxException {
        return Path.of(EarlierFilesTest.class.getResource("/earlier/format-1").toURI()).resolve(name);
    }

    private static StateDict state(String name) throws Exception {
        return StateFile.read(file(name), NameMapping.NONE);
    }

    private static void assertSame(StateDict expected, StateDict actual) {
        assertEquals(expected.names(), actual.names());
        for (String name : expected.names()) {
            assertArrayEquals(expected.tensor(name).data(), actual.tensor(name).data(), name);
        }
    }

    @Test
    void aModelFolderGivesTheSameLogits() throws Exception {
        BitTransformer model = AutoBitModel.load(file(FilesOfEarlierVersions.MODEL), BitTransformer.class);
        assertEquals(Layer.Mode.DEPLOYED, model.mode());
        assertArrayEquals(state(FilesOfEarlierVersions.LOGITS).tensor("logits").data(),
                model.newSession().append(FilesOfEarlierVersions.PROMPT));
    }

    @Test
    void aTrainingGoesOnFromItsCheckpointToTheSameState(@TempDir Path folder) throws Exception {
        Path checkpoint = folder.resolve("training.safetensors"); // it is replaced while the training goes on
        Files.copy(file(FilesOfEarlierVersions.CHECKPOINT), checkpoint);
        BitMlp resumed = FilesOfEarlierVersions.network();
        int epochs = FilesOfEarlierVersions.training(resumed).checkpoints(checkpoint, 0).build()
                .fit(FilesOfEarlierVersions.samples(), null).size();
        assertEquals(3, epochs);
        assertSame(state(FilesOfEarlierVersions.TRAINED), resumed.stateDict());
    }

    @Test
    void aTrainingOfALanguageModelGoesOnFromItsCheckpointToTheSameState(@TempDir Path folder) throws Exception {
        Path checkpoint = folder.resolve("training.safetensors");
        Files.copy(file(FilesOfEarlierVersions.LANGUAGE_CHECKPOINT), checkpoint);
        BitTransformer resumed = FilesOfEarlierVersions.languageModel();
        int epochs = FilesOfEarlierVersions.languageTraining(resumed).checkpoints(checkpoint, 0).build()
                .fit(FilesOfEarlierVersions.tokens(), null).size();
        assertEquals(3, epochs);
        assertSame(state(FilesOfEarlierVersions.LANGUAGE_TRAINED), resumed.stateDict());
    }

    @Test
    void aStateLoadsAsItWas() throws Exception {
        BitMlp network = FilesOfEarlierVersions.network();
        network.loadStateDict(state(FilesOfEarlierVersions.TRAINED));
        assertSame(state(FilesOfEarlierVersions.TRAINED), network.stateDict());
    }

    @Test
    void theFilesAreWrittenAsBefore(@TempDir Path folder) throws Exception {
        FilesOfEarlierVersions.main(new String[] {folder.toString()});
        try (var written = Files.walk(folder)) {
            for (Path path : written.filter(Files::isRegularFile).toList()) {
                String name = folder.relativize(path).toString();
                if (!name.endsWith("training.safetensors")) { // a checkpoint has the seconds that the epochs took
                    assertArrayEquals(Files.readAllBytes(file(name)), Files.readAllBytes(path), name);
                }
            }
        }
    }
}
