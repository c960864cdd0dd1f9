package io.bitlab.models.train;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.bitlab.core.tensor.Tensor;
import io.bitlab.layers.Layer;
import io.bitlab.models.AutoBitModel;
import io.bitlab.models.mlp.BitMlp;
import io.bitlab.models.mlp.BitMlpConfig;
import java.util.Arrays;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class EvaluationTest {

    /** Gives its features back as logits. */
    private static final class Identity extends Layer {
        private int largestBatch;

        @Override
        public Tensor forward(Tensor x) {
            largestBatch = Math.max(largestBatch, x.length(0));
            return x.mul(1f);
        }
    }

    @Test
    void findsTheLargestLogitOfEachSampleInBatches() {
        int n = 1000;
        float[] features = new float[3 * n];
        int[] expected = new int[n];
        int[] labels = new int[n];
        for (int i = 0; i < n; i++) {
            expected[i] = i * 7 % 3;
            features[3 * i + expected[i]] = 1;
            labels[i] = i % 4 == 0 ? (expected[i] + 1) % 3 : expected[i];
        }
        Identity model = new Identity();
        Dataset data = Dataset.of(features, labels);
        assertArrayEquals(expected, Evaluation.predictions(model, data));
        assertEquals(0.75, Evaluation.accuracy(model, data));
        assertTrue(model.largestBatch > 1 && model.largestBatch < n, "batches of " + model.largestBatch);
    }

    @Test
    void labelsThatTheModelHasNoClassForAreRefused() {
        int[] labels = new int[600];
        labels[555] = 3;
        Dataset data = Dataset.of(new float[1800], labels);
        assertEquals(
                "Evaluation.accuracy: the data has the label 3 at sample 555, but the model knows the classes 0 to 2; "
                        + "give the model an output for each class, or correct the label",
                assertThrows(IllegalArgumentException.class, () -> Evaluation.accuracy(new Identity(), data))
                        .getMessage());
        assertEquals(600, Evaluation.predictions(new Identity(), data).length, "nothing is compared with the labels");
    }

    @Test
    void aModelThatMakesNoRowForEachSampleIsRefused() {
        Layer pooled = new Layer() {
            @Override
            public Tensor forward(Tensor x) {
                return x.reshape(1, x.size());
            }
        };
        assertTrue(assertThrows(IllegalArgumentException.class,
                () -> Evaluation.predictions(pooled, Dataset.of(new float[12], new int[4]))).getMessage()
                .contains("made [1, 12] of 4 samples"));
    }

    @Test
    void decisionsAreThoseOfTheModelAlone() {
        BitMlp model = AutoBitModel.fromConfig(
                BitMlpConfig.builder().inChannels(5).hiddenDim(9).outChannels(4).build(), 3);
        Dataset data = Dataset.of(Tensor.randn(1, 400, 5).data(), new int[400]);
        int[] found = Evaluation.predictions(model, data);
        int[] alone = IntStream.range(0, 400).map(i -> model.forward(data.batch(i)).argmax()[0]).toArray();
        assertArrayEquals(alone, found);
        model.eval();
        assertArrayEquals(found, Evaluation.predictions(model, data));
        model.deploy();
        assertArrayEquals(found, Evaluation.predictions(model, data));
    }

    @Test
    void changesNoParameterAndRecordsNothing() {
        BitMlp model = AutoBitModel.fromConfig(BitMlpConfig.builder().inChannels(5).outChannels(4).build(), 3);
        float[][] before = model.parameters().stream().map(Tensor::toArray).toArray(float[][]::new);
        Evaluation.accuracy(model, Dataset.of(Tensor.randn(1, 40, 5).data(), new int[40]));
        assertEquals(Layer.Mode.TRAIN, model.mode());
        float[][] after = model.parameters().stream().map(Tensor::toArray).toArray(float[][]::new);
        assertTrue(Arrays.deepEquals(before, after));
        model.parameters().forEach(parameter -> assertNull(parameter.grad()));
    }
}
