package io.bitlab.models.transformer;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.bitlab.core.tensor.Tensor;
import io.bitlab.layers.optim.AdamW;
import io.bitlab.models.AutoBitModel;
import io.bitlab.models.train.Dataset;
import io.bitlab.models.train.Evaluation;
import io.bitlab.models.train.Trainer;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BitSequenceClassifierTest {

    private static final BitSequenceClassifierConfig CONFIG = new BitSequenceClassifierConfig(
            BitTransformerConfig.builder(12, 32, 2, 4).maxPositionEmbeddings(16).initializerRange(0.2f).build(), 2);

    @Test
    void paddingMakesNoDifference() {
        BitSequenceClassifier model = AutoBitModel.fromConfig(CONFIG, 1);
        model.eval();
        float[] alone = model.forward(Tensor.of(new float[] {1, 2, 3}, 1, 3)).toArray();
        float[] padded = model.forward(Tensor.of(new float[] {1, 2, 3, -1, -1, 4, 5, 6, 7, 8}, 2, 5)).toArray();
        assertArrayEquals(alone, Arrays.copyOf(padded, 2), 1e-6f);
        Exception e = assertThrows(IllegalArgumentException.class,
                () -> model.forward(Tensor.of(new float[] {1, 2, -1, -1}, 2, 2)));
        assertEquals("BitSequenceClassifier: sequence 1 has no tokens, only padding", e.getMessage());
        e = assertThrows(IllegalArgumentException.class, () -> model.forward(Tensor.of(new float[] {1, 12}, 1, 2)));
        assertTrue(e.getMessage().contains("id 12 at position 1 is not one of 0 to 11"), e.getMessage());
    }

    /** Whether the first token comes again: no position knows it by itself. */
    @Test
    void learnsWhatOnlyAttentionCanTell(@TempDir Path folder) throws Exception {
        int samples = 480;
        int length = 5;
        float[] features = new float[samples * length];
        int[] labels = new int[samples];
        Random random = new Random(4);
        for (int s = 0; s < samples; s++) {
            int used = 3 + random.nextInt(3);
            int first = random.nextInt(4);
            labels[s] = random.nextInt(2);
            int again = labels[s] == 1 ? 1 + random.nextInt(used - 1) : -1;
            for (int i = 0; i < length; i++) {
                int other = (first + 1 + random.nextInt(3)) % 4;
                features[s * length + i] = i >= used ? -1 : i == 0 || i == again ? first : other;
            }
        }
        Dataset data = Dataset.of(features, labels);
        BitSequenceClassifier model = AutoBitModel.fromConfig(CONFIG, 1);
        Trainer.builder(model, new AdamW(model.parameters(), 5e-3f)).epochs(20).seed(3).build().fit(data, null);
        model.eval();
        double accuracy = Evaluation.accuracy(model, data);
        assertTrue(accuracy > 0.9, "accuracy " + accuracy);
        model.deploy();
        AutoBitModel.save(model, folder);
        BitSequenceClassifier again = AutoBitModel.load(folder, BitSequenceClassifier.class);
        assertEquals(CONFIG, again.config());
        assertArrayEquals(Evaluation.predictions(model, data), Evaluation.predictions(again, data));
    }

    @Test
    void refusesNoLabels() {
        Exception e = assertThrows(IllegalArgumentException.class,
                () -> new BitSequenceClassifierConfig(CONFIG.encoder(), 0));
        assertEquals("BitSequenceClassifierConfig: num_labels is 0, expected at least 1", e.getMessage());
    }
}
