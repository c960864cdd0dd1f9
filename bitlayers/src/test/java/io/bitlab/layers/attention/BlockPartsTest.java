package io.bitlab.layers.attention;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.bitlab.core.BitQuantConfig;
import io.bitlab.core.math.ActivationFunction;
import io.bitlab.core.ops.AttentionMask;
import io.bitlab.core.ops.RotaryEmbedding;
import io.bitlab.core.ops.RotaryEmbedding.Pairing;
import io.bitlab.core.tensor.Tensor;
import io.bitlab.layers.BitLinear;
import io.bitlab.layers.Layer;
import io.bitlab.layers.Linear;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Attention and feed-forward with float projections, against their definitions in double. */
class BlockPartsTest {

    private static final int HIDDEN = 12;
    private static final int LENGTH = 7;

    private static double[][] rows(Tensor x, int rows) {
        double[][] values = new double[rows][x.size() / rows];
        for (int i = 0; i < x.size(); i++) {
            values[i / values[0].length][i % values[0].length] = x.data()[i];
        }
        return values;
    }

    private static double[][] project(double[][] x, Map<String, Tensor> parameters, String name) {
        double[][] w = rows(parameters.get(name + ".weight"), parameters.get(name + ".weight").length(0));
        double[][] y = new double[x.length][w.length];
        for (int i = 0; i < x.length; i++) {
            for (int o = 0; o < w.length; o++) {
                for (int c = 0; c < x[i].length; c++) {
                    y[i][o] += x[i][c] * w[o][c];
                }
            }
        }
        return y;
    }

    private static void normalize(double[][] x) {
        for (double[] row : x) {
            double squares = 0;
            for (double value : row) {
                squares += value * value;
            }
            for (int i = 0; i < row.length; i++) {
                row[i] /= Math.sqrt(squares / row.length + 1e-5);
            }
        }
    }

    private static void turn(double[][] x, int d) {
        for (int position = 0; position < x.length; position++) {
            for (int head = 0; head < x[position].length; head += d) {
                for (int i = 0; i < d / 2; i++) {
                    double angle = position * Math.pow(10_000, -2.0 * i / d);
                    double a = x[position][head + i];
                    double b = x[position][head + i + d / 2];
                    x[position][head + i] = a * Math.cos(angle) - b * Math.sin(angle);
                    x[position][head + i + d / 2] = b * Math.cos(angle) + a * Math.sin(angle);
                }
            }
        }
    }

    @Test
    void attentionIsItsDefinition() {
        int heads = 4;
        int d = 6;
        SelfAttention attention = SelfAttention.builder(HIDDEN, heads).keyValueHeads(2).headDim(d).subNorm(1e-5f)
                .rope(new RotaryEmbedding(d, 10_000f, Pairing.HALVES, 3)).quantConfig(null).build();
        attention.initialize(3);
        Tensor x = Tensor.randn(2, 1, LENGTH, HIDDEN);
        Map<String, Tensor> p = attention.namedParameters();
        double[][] q = project(rows(x, LENGTH), p, "q_proj");
        double[][] k = project(rows(x, LENGTH), p, "k_proj");
        double[][] v = project(rows(x, LENGTH), p, "v_proj");
        turn(q, d);
        turn(k, d);
        double[][] mixed = new double[LENGTH][heads * d];
        for (int i = 0; i < LENGTH; i++) {
            for (int head = 0; head < heads; head++) {
                int group = head / 2;
                double[] weights = new double[i + 1];
                double sum = 0;
                for (int j = 0; j <= i; j++) {
                    double score = 0;
                    for (int f = 0; f < d; f++) {
                        score += q[i][head * d + f] * k[j][group * d + f];
                    }
                    weights[j] = Math.exp(score / Math.sqrt(d));
                    sum += weights[j];
                }
                for (int j = 0; j <= i; j++) {
                    for (int f = 0; f < d; f++) {
                        mixed[i][head * d + f] += weights[j] / sum * v[j][group * d + f];
                    }
                }
            }
        }
        normalize(mixed);
        assertNear(project(mixed, p, "o_proj"), attention.forward(x));
    }

    private static void assertNear(double[][] expected, Tensor found) {
        for (int i = 0; i < found.size(); i++) {
            int width = expected[0].length;
            assertEquals(expected[i / width][i % width], found.data()[i], 1e-5, "element " + i);
        }
    }

    @Test
    void feedForwardIsItsDefinition() {
        FeedForward gated = FeedForward.builder(HIDDEN, 20).activation(ActivationFunction.SILU, true).subNorm(1e-5f)
                .quantConfig(null).build();
        gated.initialize(4);
        Tensor x = Tensor.randn(2, 3, HIDDEN);
        Map<String, Tensor> p = gated.namedParameters();
        double[][] gate = project(rows(x, 3), p, "gate_proj");
        double[][] up = project(rows(x, 3), p, "up_proj");
        for (int i = 0; i < 3; i++) {
            for (int j = 0; j < 20; j++) {
                up[i][j] *= gate[i][j] / (1 + Math.exp(-gate[i][j]));
            }
        }
        normalize(up);
        assertNear(project(up, p, "down_proj"), gated.forward(x));

        FeedForward plain =
                FeedForward.builder(HIDDEN, 20).activation(ActivationFunction.SQUARED_RELU, false).quantConfig(null)
                        .build();
        plain.initialize(4);
        double[][] opened = project(rows(x, 3), plain.namedParameters(), "up_proj");
        for (double[] row : opened) {
            for (int j = 0; j < row.length; j++) {
                row[j] = Math.pow(Math.max(0, row[j]), 2);
            }
        }
        assertNear(project(opened, plain.namedParameters(), "down_proj"), plain.forward(x));
        assertEquals("FeedForward(12 -> 20, SQUARED_RELU)", plain.toString().lines().findFirst().orElseThrow()
                .replaceAll("  .*", ""));
    }

    @Test
    void layersOfOneInputHaveTheSameBitsTogether() {
        BitLinear a = BitLinear.builder(100, 300).build();
        BitLinear b = BitLinear.builder(100, 17).bias(false).build();
        BitLinear c = BitLinear.builder(100, 40).build();
        Linear other = new Linear(100, 5);
        for (int rows : new int[] {1, 3, 40}) {
            Tensor x = Tensor.randn(rows, rows, 100);
            for (Layer layer : new Layer[] {a, b, c, other}) {
                layer.train();
            }
            Tensor[] trained = BitLinear.forwardAll(x, a, b, c, other);
            for (Layer layer : new Layer[] {a, b, c, other}) {
                layer.eval();
            }
            Tensor[] together = BitLinear.forwardAll(x, a, b, c);
            Layer[] layers = {a, b, c};
            for (int i = 0; i < 3; i++) {
                assertArrayEquals(trained[i].toArray(), together[i].toArray(), rows + " rows, layer " + i);
                assertArrayEquals(layers[i].forward(x).toArray(), together[i].toArray());
                assertArrayEquals(layers[i].forward(x).shape(), together[i].shape());
            }
            assertArrayEquals(other.forward(x).toArray(), BitLinear.forwardAll(x, a, other)[1].toArray());
        }
        Exception e = assertThrows(IllegalStateException.class,
                () -> BitLinear.forwardAll(Tensor.randn(1, 2, 100).requiresGrad(true), a, b)[0].sum().backward());
        assertTrue(e.getMessage().contains("is in evaluation and records no gradients"), e.getMessage());
    }

    @Test
    void gradientsOfLayersOfOneInputHaveTheSameBitsTogether() {
        BitLinear a = BitLinear.builder(100, 300).build();
        BitLinear b = BitLinear.builder(100, 17).bias(false).build();
        Tensor x = Tensor.randn(1, 40, 100).requiresGrad(true);
        Tensor[] together = BitLinear.forwardAll(x, a, b);
        together[0].sum().add(together[1].sum()).backward();
        float[] dx = x.grad().toArray();
        float[] dw = a.weight().grad().toArray();
        for (Tensor tensor : new Tensor[] {x, a.weight(), b.weight()}) {
            tensor.zeroGrad();
        }
        a.forward(x).sum().add(b.forward(x).sum()).backward();
        assertArrayEquals(x.grad().toArray(), dx);
        assertArrayEquals(a.weight().grad().toArray(), dw);
        b.quantStrength(0.5f); // then each quantises its own input
        assertArrayEquals(b.forward(x).toArray(), BitLinear.forwardAll(x, a, b)[1].toArray());
    }

    /** Without positions, permuted inputs give permuted outputs; with them they don't. */
    @Test
    void withoutRopeTheOrderMakesNoDifference() {
        SelfAttention attention = SelfAttention.builder(HIDDEN, 4).withoutRope().quantConfig(null).build();
        SelfAttention odd = SelfAttention.builder(9, 3).withoutRope().build(); // heads of 3 features
        assertArrayEquals(new int[] {1, LENGTH, 9},
                odd.forward(Tensor.randn(1, 1, LENGTH, 9), AttentionMask.FULL).shape());
        Tensor x = Tensor.randn(2, 1, LENGTH, HIDDEN);
        int[] order = {3, 0, 6, 1, 2, 5, 4};
        float[] expected = attention.forward(x, AttentionMask.FULL).gather(1, order).toArray();
        assertArrayEquals(expected, attention.forward(x.gather(1, order), AttentionMask.FULL).toArray(), 1e-5f);
        SelfAttention rotary = SelfAttention.builder(HIDDEN, 2).quantConfig(null).build();
        float[] rotated = rotary.forward(x, AttentionMask.FULL).gather(1, order).toArray();
        float[] other = rotary.forward(x.gather(1, order), AttentionMask.FULL).toArray();
        assertTrue(Math.abs(rotated[0] - other[0]) > 1e-4f, rotated[0] + " and " + other[0]);
    }

    @Test
    void refusesWhatDoesNotFit() {
        Exception e = assertThrows(IllegalArgumentException.class,
                () -> SelfAttention.builder(12, 4).keyValueHeads(3).build());
        assertEquals(
                "SelfAttention(12, 4 heads): 3 key and value heads of 3 features, expected a divisor of 4 and an even "
                        + "number of features",
                e.getMessage());
        e = assertThrows(IllegalArgumentException.class, () -> SelfAttention.builder(0, 4));
        assertEquals("SelfAttention(0, 4 heads): at least 1 feature and 1 head are needed", e.getMessage());
        e = assertThrows(IllegalArgumentException.class, () -> SelfAttention.builder(130, 4).build());
        assertEquals("SelfAttention(130, 4 heads): 130 features are not divisible by the heads; change one, or set"
                + " headDim", e.getMessage());
        SelfAttention.builder(130, 4).headDim(32).build();
        e = assertThrows(IllegalArgumentException.class, () -> SelfAttention.builder(256, 4)
                .rope(new RotaryEmbedding(32, 1e4f, RotaryEmbedding.Pairing.HALVES, 64)).build());
        assertEquals("SelfAttention(256, 4 heads): the rotary embedding is for heads of 32 features, expected 64",
                e.getMessage());
        assertThrows(IllegalArgumentException.class, () -> SelfAttention.builder(8, 2).subNorm(Float.NaN));
        assertThrows(IllegalArgumentException.class, () -> FeedForward.builder(8, 2).subNorm(-1e-5f));
        e = assertThrows(IllegalArgumentException.class, () -> FeedForward.builder(3, 0));
        assertEquals("FeedForward(3 -> 0): at least 1 feature of each is needed", e.getMessage());
        assertEquals(BitQuantConfig.defaults(),
                FeedForward.projection(2, 2, BitQuantConfig.defaults(), null) instanceof BitLinear layer
                        ? layer.quantConfig() : null);
    }
}
