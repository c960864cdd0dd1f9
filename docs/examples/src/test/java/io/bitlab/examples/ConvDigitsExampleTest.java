package io.bitlab.examples;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.bitlab.cli.data.Digits;
import io.bitlab.core.tensor.Tensor;
import io.bitlab.layers.Layer;
import io.bitlab.models.train.Dataset;
import io.bitlab.models.train.Evaluation;
import io.bitlab.models.train.TrainingListener;
import java.io.IOException;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ConvDigitsExampleTest {

    private static final double REQUIRED = 0.97;

    @Test
    void learnsTheDigits() throws IOException {
        learns(1);
    }

    @Tag("long")
    @ParameterizedTest
    @ValueSource(longs = {2, 3})
    void learnsTheDigitsFromOtherSeedsToo(long seed) throws IOException {
        learns(seed);
    }

    private static void learns(long seed) throws IOException {
        Dataset.Split digits = Digits.load();
        Layer model = ConvDigitsExample.train(digits.train(), seed, new TrainingListener() {
        });
        Tensor x = digits.test().batch(IntStream.range(0, digits.test().size()).toArray());
        float[] trained = model.forward(x).toArray();
        assertArrayEquals(trained, model.eval().forward(x).toArray(), "seed " + seed + ": eval() changes nothing");
        assertArrayEquals(trained, model.deploy().forward(x).toArray(), "seed " + seed + ": nor does deploy()");
        double accuracy = Evaluation.accuracy(model, digits.test());
        assertTrue(accuracy >= REQUIRED, "seed " + seed + ": test accuracy " + accuracy);
    }
}
