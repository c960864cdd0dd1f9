package io.bitlab.core.ops;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.bitlab.core.tensor.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class NormsTest {

    private static final float EPS = 1e-3f;

    private static DoubleArray layerNorm(DoubleArray x, DoubleArray weight, DoubleArray bias) {
        int features = weight.length(0);
        return DoubleArray.build(x.shape(), i -> {
            int last = i.length - 1;
            double mean = 0;
            for (int j = 0; j < features; j++) {
                mean += x.at(DoubleArray.with(i, last, j)) / features;
            }
            double variance = 0;
            for (int j = 0; j < features; j++) {
                double off = x.at(DoubleArray.with(i, last, j)) - mean;
                variance += off * off / features;
            }
            return weight.at(i[last]) * (x.at(i) - mean) / Math.sqrt(variance + EPS)
                    + (bias == null ? 0 : bias.at(i[last]));
        });
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 15, 16, 17, 33})
    void normalisesRows(int features) {
        for (int[] leading : new int[][] {{}, {1}, {5}, {2, 3}}) {
            int[] shape = DoubleArray.insert(leading, leading.length, features);
            Tensor x = Tensor.randn(features, shape).mul(3).add(2); // a mean that must be taken off
            Tensor weight = Tensor.randn(features + 1, features);
            Tensor bias = Tensor.randn(features + 2, features);
            GradientCheck.check("layerNorm", features,
                    t -> Norms.layerNorm(t[0], t[1], t[2], EPS, "test"), t -> layerNorm(t[0], t[1], t[2]), x, weight,
                    bias);
            GradientCheck.check("layerNorm without bias", features,
                    t -> Norms.layerNorm(t[0], t[1], null, EPS, "test"), t -> layerNorm(t[0], t[1], null), x, weight);
        }
    }

    @Test
    void aConstantRowBecomesTheBias() {
        Tensor y = Norms.layerNorm(Tensor.full(7, 2, 3), Tensor.full(5, 3), Tensor.full(0.25f, 3), EPS, "test");
        for (float value : y.data()) {
            assertEquals(0.25f, value);
        }
    }

    @Test
    void refusesOtherNumbersOfFeatures() {
        Tensor weight = Tensor.zeros(4);
        Exception e = assertThrows(IllegalArgumentException.class,
                () -> Norms.layerNorm(Tensor.zeros(2, 3), weight, null, EPS, "LayerNorm(4) 'block.norm'"));
        assertEquals("LayerNorm(4) 'block.norm': input [2, 3] has 3 features in its last dimension, expected 4",
                e.getMessage());
        e = assertThrows(IllegalArgumentException.class,
                () -> Norms.layerNorm(Tensor.zeros(2, 4), weight, Tensor.zeros(3), EPS, "LayerNorm(4)"));
        assertEquals("LayerNorm(4): bias [3] for 4 features", e.getMessage());
    }
}
