package io.bitlab.layers.loss;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.bitlab.core.tensor.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LossSettingsTest {

    private final Tensor logits = Tensor.randn(1, 3, 4);

    @Test
    void changedCrossEntropiesLeaveTheirOriginalAlone() {
        CrossEntropy plain = new CrossEntropy();
        float before = plain.forward(logits, new int[] {0, 1, -100}).item();
        plain.withLabelSmoothing(0.5f).withIgnoreIndex(0);
        assertEquals(before, plain.forward(logits, new int[] {0, 1, -100}).item());
    }

    @Test
    void crossEntropySettingsAddUp() {
        float one = new CrossEntropy().withIgnoreIndex(2).withLabelSmoothing(0.5f).forward(logits, new int[] {0, 1, 2})
                .item();
        float other = new CrossEntropy().withLabelSmoothing(0.5f).withIgnoreIndex(-100)
                .forward(logits, new int[] {0, 1, -100}).item();
        assertEquals(other, one);
    }

    @ParameterizedTest
    @ValueSource(floats = {-0.1f, 1.1f, Float.NaN})
    void refusesSmoothingOutOfRange(float smoothing) {
        CrossEntropy loss = new CrossEntropy();
        assertEquals("CrossEntropy: label smoothing " + smoothing + " is not in [0, 1]", assertThrows(
                IllegalArgumentException.class, () -> loss.withLabelSmoothing(smoothing)).getMessage());
    }

    @ParameterizedTest
    @ValueSource(floats = {0f, -2f, Float.NaN, Float.POSITIVE_INFINITY})
    void refusesTemperaturesOutOfRange(float temperature) {
        assertEquals("KLDivergence: temperature " + temperature + " is not positive and finite", assertThrows(
                IllegalArgumentException.class, () -> new KLDivergence(temperature)).getMessage());
    }

    @Test
    void klDivergenceHasTemperatureOneUnlessSet() {
        Tensor teacher = Tensor.randn(2, 3, 4);
        assertEquals(new KLDivergence(1f).forward(logits, teacher).item(),
                new KLDivergence().forward(logits, teacher).item());
    }
}
