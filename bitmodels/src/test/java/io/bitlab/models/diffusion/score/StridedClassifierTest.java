package io.bitlab.models.diffusion.score;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.bitlab.core.tensor.Tensor;
import io.bitlab.layers.StateDict;
import io.bitlab.models.io.ModelFormatException;
import io.bitlab.models.io.folder.NameMapping;
import io.bitlab.models.io.folder.StateFile;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The golden files were made by {@code src/test/python/make_generator_scores_golden.py}. */
class StridedClassifierTest {

    @TempDir
    private Path folder;

    private Path golden(String name) throws IOException {
        Path file = folder.resolve(name);
        try (InputStream in = StridedClassifierTest.class.getResourceAsStream("/golden/" + name)) {
            Files.copy(in, file);
        }
        return file;
    }

    @Test
    void computesWhatPyTorchComputes() throws IOException {
        StridedClassifier classifier = StridedClassifier.read(golden("strided-classifier.safetensors"));
        StateDict expected = StateFile.read(golden("strided-classifier-outputs.safetensors"), NameMapping.NONE);
        assertTrue(classifier.toString().startsWith("StridedClassifier(2 channels, 8 features, 5 classes)"),
                classifier.toString());
        ImageFeatures.Outputs found = classifier.outputs(expected.tensor("images"));
        assertArrayEquals(new int[] {3, 8}, found.features().shape());
        assertArrayEquals(new int[] {3, 5}, found.logits().shape());
        assertArrayEquals(expected.tensor("features").toArray(), found.features().toArray(), 1e-5f);
        assertArrayEquals(expected.tensor("logits").toArray(), found.logits().toArray(), 1e-5f);
        assertArrayEquals(found.logits().toArray(), classifier.forward(expected.tensor("images")).toArray());
    }

    @Test
    void anImageDoesNotDependOnItsBatch() throws IOException {
        StridedClassifier classifier = StridedClassifier.read(golden("strided-classifier.safetensors"));
        Tensor images = Tensor.randn(1, 5, 2, 9, 7);
        float[] all = classifier.outputs(images).features().toArray();
        Tensor third = Tensor.of(Arrays.copyOfRange(images.toArray(), 2 * 126, 3 * 126), 1, 2, 9, 7);
        assertArrayEquals(Arrays.copyOfRange(all, 2 * 8, 3 * 8),
                classifier.outputs(third).features().toArray());
    }

    @Test
    void namesAreThoseOfTheSequential() {
        StridedClassifier classifier = new StridedClassifier(1, 10, 16, 32, 64);
        assertEquals(64, classifier.features());
        assertEquals(10, classifier.classes());
        assertTrue(classifier.stateDict().names().containsAll(List.of("0.weight", "0.bias", "1.running_mean",
                "3.weight", "6.bias", "7.running_var", "11.weight", "11.bias")));
        assertEquals(24_170, classifier.parameterCount());
    }

    @Test
    void whatDoesNotFitIsRefused() throws IOException {
        StridedClassifier classifier = new StridedClassifier(2, 5, 4);
        String training = assertThrows(IllegalStateException.class,
                () -> classifier.outputs(Tensor.zeros(1, 2, 4, 4))).getMessage();
        assertTrue(training.contains("call eval() or deploy() first"), training);
        classifier.eval();
        String shape = assertThrows(IllegalArgumentException.class,
                () -> classifier.outputs(Tensor.zeros(1, 3, 4, 4))).getMessage();
        assertTrue(shape.contains("expected [n, 2, height, width]"), shape);
        assertThrows(IllegalArgumentException.class, () -> classifier.forward(Tensor.zeros(2, 4, 4)));
        assertThrows(IllegalArgumentException.class, () -> new StridedClassifier(1, 10));
        assertThrows(IllegalArgumentException.class, () -> new StridedClassifier(1, 10, 4, 0));

        String names = assertThrows(ModelFormatException.class,
                () -> StridedClassifier.read(golden("strided-classifier-outputs.safetensors"))).getMessage();
        assertTrue(names.contains("not those of a StridedClassifier"), names);
        StateDict state = StateFile.read(golden("strided-classifier.safetensors"), NameMapping.NONE);
        StateDict broken = new StateDict();
        state.names().forEach(name -> broken.put(name, name.equals("4.bias") ? Tensor.zeros(9) : state.tensor(name)));
        Path file = folder.resolve("broken.safetensors");
        StateFile.write(file, broken);
        String message = assertThrows(ModelFormatException.class, () -> StridedClassifier.read(file)).getMessage();
        assertTrue(message.contains("4.bias is [9], expected [6]"), message);
        StateDict huge = new StateDict();
        huge.put("0.weight", Tensor.zeros(50_000, 1, 1, 1));
        huge.put("3.weight", Tensor.zeros(50_000, 1, 1, 1));
        huge.put("8.weight", Tensor.zeros(2, 1));
        StateFile.write(file, huge);
        String size = assertThrows(ModelFormatException.class, () -> StridedClassifier.read(file)).getMessage();
        assertTrue(size.contains("more elements than one array can hold"), size);
    }
}
