package io.bitlab.models.train;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.bitlab.core.quant.NonFiniteException;
import io.bitlab.layers.BitLinear;
import io.bitlab.layers.Layer;
import io.bitlab.layers.Sequential;
import io.bitlab.layers.optim.AdamW;
import org.junit.jupiter.api.Test;

/** Layers with int8 activations refuse numbers that are not finite; in a training, that is divergence too. */
class DivergenceTest {

    private static Layer network() {
        return new Sequential(BitLinear.builder(2, 4).build(), BitLinear.builder(4, 2).build()).initialize(1);
    }

    private static Dataset data(int bad) {
        float[] features = new float[16];
        features[bad] = Float.NaN;
        return Dataset.of(features, new int[8]);
    }

    private static Trainer.Builder trainer(Layer model) {
        return Trainer.builder(model, new AdamW(model.parameters(), 0.1f)).batchSize(4);
    }

    @Test
    void inATrainingStep() {
        Layer model = network();
        DivergedException e = assertThrows(DivergedException.class, () -> trainer(model).build().fit(data(13), null));
        assertTrue(e.getMessage().matches("Trainer: the loss can't be computed in epoch 1, step [12];"
                + " BitLinear\\(2 -> 4\\) '0': the input in row [0-3], column 1 is NaN.*"), e.getMessage());
        assertInstanceOf(NonFiniteException.class, e.getCause());
    }

    @Test
    void inAShard() {
        Layer model = network();
        DivergedException e = assertThrows(DivergedException.class,
                () -> trainer(model).gradientExchange(GradientExchange.inOneJvm(2)).build().fit(data(13), null));
        assertTrue(e.getMessage().contains("the forward stops with: BitLinear(2 -> 4) '0': the input"), e.getMessage());
    }

    @Test
    void inAValidation() {
        Layer model = network();
        Dataset good = Dataset.of(new float[16], new int[8]);
        DivergedException e =
                assertThrows(DivergedException.class, () -> trainer(model).build().fit(good, data(13)));
        assertTrue(e.getMessage().startsWith("Trainer: the validation after epoch 1 stops with: BitLinear(2 -> 4)"),
                e.getMessage());
        assertEquals(Layer.Mode.TRAIN, model.mode());
    }
}
