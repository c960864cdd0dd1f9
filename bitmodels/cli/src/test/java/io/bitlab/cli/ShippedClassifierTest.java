package io.bitlab.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.bitlab.core.tensor.Tensor;
import io.bitlab.models.diffusion.score.StridedClassifier;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/** The classifier through which generators of Fashion-MNIST are scored. */
class ShippedClassifierTest {

    private static final Path SHIPPED =
            Path.of("src/main/resources/io/bitlab/cli/fashion-mnist-classifier/model.safetensors");

    @Test
    void answersAsPyTorchDoes() throws IOException {
        StridedClassifier classifier = StridedClassifier.read(SHIPPED);
        assertEquals(64, classifier.features());
        float[] stripes = new float[28 * 28];
        for (int i = 0; i < stripes.length; i++) {
            stripes[i] = (i % 7 - 3) / 3f;
        }
        float[] expected = {-1.9747f, 6.3695f, -0.8872f, -8.7039f, -3.4813f, -14.3782f, -2.5526f, -13.3703f, -6.5278f,
            -6.699f};
        assertArrayEquals(expected, classifier.forward(Tensor.of(stripes, 1, 1, 28, 28)).toArray(), 1e-3f);
    }
}
