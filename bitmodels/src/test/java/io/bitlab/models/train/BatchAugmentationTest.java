package io.bitlab.models.train;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.bitlab.core.math.CounterRandom;
import io.bitlab.core.tensor.Tensor;
import io.bitlab.layers.Layer;
import io.bitlab.layers.Linear;
import io.bitlab.models.train.BatchAugmentation.Mix;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class BatchAugmentationTest {

    private static Tensor copy(Tensor x) {
        return Tensor.of(x.toArray(), x.shape());
    }

    @Test
    void mixupBlendsWithThePartner() {
        Tensor before = Tensor.randn(1, 5, 3);
        Tensor after = copy(before);
        Mix mix = BatchAugmentation.mixup(1).apply(after, new CounterRandom(4, 0));
        for (int i = 0; i < 5; i++) {
            for (int j = 0; j < 3; j++) {
                float expected = mix.share() * before.at(i, j) + (1 - mix.share()) * before.at(mix.partners()[i], j);
                assertEquals(expected, after.at(i, j));
            }
        }
    }

    /** Every pixel is that of the image or of its partner, in all channels alike, and the label follows the area. */
    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
    void cutmixPastesABox(long seed) {
        Tensor before = Tensor.randn(1, 4, 2, 6, 5);
        Tensor after = copy(before);
        Mix mix = BatchAugmentation.cutmix(1).apply(after, new CounterRandom(seed, 0));
        for (int i = 0; i < 4; i++) {
            int pasted = 0;
            for (int y = 0; y < 6; y++) {
                for (int x = 0; x < 5; x++) {
                    int from = after.at(i, 0, y, x) == before.at(i, 0, y, x) ? i : mix.partners()[i];
                    assertEquals(before.at(from, 0, y, x), after.at(i, 0, y, x));
                    assertEquals(before.at(from, 1, y, x), after.at(i, 1, y, x));
                    pasted += from == i ? 0 : 1;
                }
            }
            assertTrue(mix.partners()[i] == i || Math.abs(mix.share() - (1 - pasted / 30f)) < 1e-6f,
                    pasted + " pixels, " + mix);
        }
    }

    @ParameterizedTest
    @ValueSource(doubles = {0.1, 0.2, 1, 2, 4})
    void theShareIsBetaDistributed(double alpha) {
        CounterRandom random = new CounterRandom(5, 0);
        int n = 5_000;
        double sum = 0;
        double squares = 0;
        for (int i = 0; i < n; i++) {
            double x = SampleMixing.beta(alpha, random);
            assertTrue(x >= 0 && x <= 1);
            sum += x;
            squares += (x - 0.5) * (x - 0.5);
        }
        assertEquals(0.5, sum / n, 0.02);
        assertEquals(1 / (4 * (2 * alpha + 1)), squares / n, 0.01, "variance of Beta(alpha, alpha)");
    }

    /** Against the cross-entropy with soft labels, computed with doubles. */
    @Test
    void theLossOfTwoLabelsIsThatOfSoftLabels() {
        Tensor logits = Tensor.randn(3, 4, 5);
        int[] labels = {0, 1, 2, 3};
        int[] others = {4, 1, 0, 2};
        float share = 0.3f;
        for (float smoothing : new float[] {0f, 0.1f}) {
            double expected = 0;
            for (int i = 0; i < 4; i++) {
                double sum = 0;
                for (int c = 0; c < 5; c++) {
                    sum += Math.exp(logits.at(i, c));
                }
                for (int c = 0; c < 5; c++) {
                    double target = (c == labels[i] ? share : 0) + (c == others[i] ? 1 - share : 0);
                    target = (1 - smoothing) * target + smoothing / 5;
                    expected -= target * (logits.at(i, c) - Math.log(sum)) / 4;
                }
            }
            float loss = Objectives.crossEntropy(smoothing).loss(logits, logits, labels, others, share).item();
            assertEquals(expected, loss, 1e-5);
        }
    }

    @Test
    void theTeacherOfMixedSamplesAnswersOnce() {
        int[] asked = new int[1];
        Layer teacher = new Linear(3, 2).initialize(1);
        teacher.observe((_, _) -> asked[0]++);
        Objective objective = Objectives.distillation(teacher, 2f, 0.4f);
        Tensor x = Tensor.randn(1, 2, 3);
        Tensor logits = Tensor.randn(2, 2, 2);
        float a = objective.loss(logits, x, new int[] {0, 1}).item();
        float b = objective.loss(logits, x, new int[] {1, 1}).item();
        asked[0] = 0;
        float mixed = objective.loss(logits, x, new int[] {0, 1}, new int[] {1, 1}, 0.25f).item();
        assertEquals(1, asked[0]);
        assertEquals(0.25f * a + 0.75f * b, mixed, 1e-5f);
    }

    @Test
    void refusesWhatItCannotMix() {
        assertThrows(IllegalArgumentException.class, () -> BatchAugmentation.mixup(0));
        assertThrows(IllegalArgumentException.class, () -> BatchAugmentation.cutmix(Double.NaN));
        assertTrue(assertThrows(IllegalArgumentException.class,
                () -> BatchAugmentation.cutmix(1).apply(Tensor.zeros(2, 3), new CounterRandom(1, 0))).getMessage()
                .contains("a batch of shape [2, 3] has no images"));
        assertThrows(IllegalArgumentException.class, () -> new Mix(new int[] {0}, 1.5f));
    }

    @Test
    void theSameRandomNumbersMixAlike() {
        for (BatchAugmentation mixing : new BatchAugmentation[] {BatchAugmentation.mixup(0.3),
            BatchAugmentation.cutmix(1).or(BatchAugmentation.mixup(1))}) {
            Tensor a = Tensor.randn(1, 4, 3, 4, 4);
            Tensor b = copy(a);
            Mix first = mixing.apply(a, new CounterRandom(7, 1));
            Mix second = mixing.apply(b, new CounterRandom(7, 1));
            assertArrayEquals(a.data(), b.data());
            assertArrayEquals(first.partners(), second.partners());
            assertEquals(first.share(), second.share());
        }
    }
}
