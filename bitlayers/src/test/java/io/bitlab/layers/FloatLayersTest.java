package io.bitlab.layers;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.bitlab.core.tensor.Tensor;
import java.util.Arrays;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class FloatLayersTest {

    @Test
    void linearMultipliesAndAdds() {
        Linear layer = new Linear(3, 2);
        System.arraycopy(new float[] {1, 2, 3, -1, 0, 0.5f}, 0, layer.weight().data(), 0, 6);
        System.arraycopy(new float[] {10, 20}, 0, layer.namedParameters().get("bias").data(), 0, 2);
        Tensor y = layer.forward(Tensor.of(new float[] {1, 1, 1, 2, 0, -2}, 2, 1, 3));
        assertArrayEquals(new int[] {2, 1, 2}, y.shape());
        assertArrayEquals(new float[] {16, 19.5f, 6, 17}, y.toArray());
        Exception e = assertThrows(IllegalArgumentException.class, () -> layer.forward(Tensor.zeros(4)));
        assertEquals("Linear(3 -> 2): input [4] has 4 features in its last dimension, expected 3", e.getMessage());
    }

    @Test
    void linearWithoutBias() {
        Linear layer = new Linear(3, 2, false, Initializer.ONES);
        assertArrayEquals(new float[] {6, 6}, layer.forward(Tensor.of(new float[] {1, 2, 3}, 3)).toArray());
        assertEquals(6, layer.parameterCount());
    }

    @Test
    void reluCutsOffWhatIsNegative() {
        assertArrayEquals(new float[] {0, 0, 2},
                new ReLU().forward(Tensor.of(new float[] {-1, 0, 2}, 3)).toArray());
    }

    @Test
    void anEmptySequentialIsTheIdentity() {
        Tensor x = Tensor.zeros(2);
        assertSame(x, new Sequential().forward(x));
    }

    @Test
    void sequentialAppliesItsLayersInOrder() {
        Linear add = new Linear(1, 1, true, Initializer.ONES);
        add.namedParameters().get("bias").data()[0] = -3;
        Tensor x = Tensor.of(new float[] {1, 5}, 2, 1);
        assertArrayEquals(new float[] {0, 2}, new Sequential(add, new ReLU()).forward(x).toArray());
        assertArrayEquals(new float[] {-2, 2}, new Sequential(new ReLU(), add).forward(x).toArray());
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 15, 16, 17, 64, 251})
    void rmsNormDividesByTheRootOfTheMeanSquare(int features) {
        RMSNorm norm = new RMSNorm(features, 1e-3f);
        Tensor weight = norm.namedParameters().get("weight");
        System.arraycopy(Tensor.randn(3, features).data(), 0, weight.data(), 0, features);
        Tensor x = Tensor.randn(4, 2, 3, features);
        Tensor y = norm.forward(x);
        assertArrayEquals(x.shape(), y.shape());
        for (int row = 0; row < 6; row++) {
            double squares = 0;
            for (int i = 0; i < features; i++) {
                double value = x.data()[row * features + i];
                squares += value * value;
            }
            double root = Math.sqrt(squares / features + 1e-3f);
            for (int i = 0; i < features; i++) {
                double expected = weight.data()[i] * (double) x.data()[row * features + i] / root;
                assertEquals(expected, y.data()[row * features + i], 1e-6 * Math.max(1, Math.abs(expected)),
                        features + " features, row " + row + ", " + i);
            }
        }
    }

    @Test
    void rmsNormRefusesWhatItCanNotDo() {
        assertThrows(IllegalArgumentException.class, () -> new RMSNorm(0));
        for (float eps : new float[] {0f, -1f, Float.NaN}) {
            Exception e = assertThrows(IllegalArgumentException.class, () -> new RMSNorm(3, eps));
            assertEquals("RMSNorm(3, eps " + eps + "): at least 1 feature and a positive eps are needed",
                    e.getMessage());
        }
        Exception e = assertThrows(IllegalArgumentException.class, () -> new RMSNorm(3).forward(Tensor.zeros(2, 4)));
        assertEquals("RMSNorm(3): input [2, 4] has 4 features in its last dimension, expected 3", e.getMessage());
    }

    // ---------------------------------------------------------------- dropout

    @Test
    void dropoutIsTheIdentityOutsideTraining() {
        Tensor x = Tensor.randn(1, 50);
        Dropout dropout = new Dropout(0.5f);
        dropout.eval();
        assertSame(x, dropout.forward(x));
        dropout.deploy();
        assertSame(x, dropout.forward(x));
        assertSame(x, new Dropout(0f).forward(x));
    }

    @ParameterizedTest
    @ValueSource(floats = {0.1f, 0.5f, 0.9f})
    void dropoutZeroesItsShareAndKeepsTheMean(float probability) {
        int n = 100_000;
        Tensor x = Tensor.full(1f, n);
        x.requiresGrad(true);
        Tensor y = new Dropout(probability).forward(x);
        long zeros = IntStream.range(0, n).filter(i -> y.data()[i] == 0f).count();
        double deviation = Math.sqrt(n * (double) probability * (1 - probability));
        assertEquals(n * (double) probability, zeros, 5 * deviation);
        float kept = 1f / (1f - probability);
        assertEquals(n - zeros, IntStream.range(0, n).filter(i -> y.data()[i] == kept).count(), "all others are equal");
        y.sum().backward();
        assertArrayEquals(y.toArray(), x.grad().toArray(), "the gradient has the same mask");
    }

    @Test
    void dropoutMasksFollowFromSeedPathAndPosition() {
        Tensor x = Tensor.full(1f, 200);
        Sequential net = new Sequential(new Dropout(0.5f), new Dropout(0.5f));
        net.initialize(3);
        float[] first = net.children().get("0").forward(x).toArray();
        float[] second = net.children().get("0").forward(x).toArray();
        float[] other = net.children().get("1").forward(x).toArray();
        assertFalse(Arrays.equals(first, second), "the position moves on");
        assertFalse(Arrays.equals(first, other), "each path has its own stream");
        net.initialize(3);
        assertArrayEquals(first, net.children().get("0").forward(x).toArray(), "initialize starts again");
        net.initialize(4);
        assertFalse(Arrays.equals(first, net.children().get("0").forward(x).toArray()));
        Sequential fresh = new Sequential(new Dropout(0.5f));
        float[] never = fresh.forward(x).toArray();
        fresh.initialize(0);
        assertArrayEquals(never, fresh.forward(x).toArray(), "seed 0 if never initialised");
    }

    @Test
    void evaluationDrawsNothing() {
        Tensor x = Tensor.full(1f, 200);
        Dropout dropout = new Dropout(0.5f);
        dropout.initialize(3);
        dropout.forward(x);
        float[] second = dropout.forward(x).toArray();
        dropout.initialize(3);
        dropout.forward(x);
        dropout.eval().forward(x);
        assertArrayEquals(second, dropout.train().forward(x).toArray());
    }

    @ParameterizedTest
    @ValueSource(floats = {-0.1f, 1f, Float.NaN})
    void dropoutRefusesWhatIsNoProbability(float probability) {
        Exception e = assertThrows(IllegalArgumentException.class, () -> new Dropout(probability));
        assertEquals("Dropout: probability " + probability + " is not in [0, 1)", e.getMessage());
    }

    @Test
    void layersWithoutParametersRecordNothingForAnInputThatAsksForNothing() {
        Tensor y = new Sequential(new ReLU(), new Dropout(0.5f)).forward(Tensor.randn(1, 4));
        assertFalse(y.needsGrad());
        assertNull(y.grad());
    }
}
