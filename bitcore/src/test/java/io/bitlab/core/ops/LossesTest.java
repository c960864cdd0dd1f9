package io.bitlab.core.ops;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.bitlab.core.tensor.Tensor;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Each loss and its gradients against its formula in double; far from the middle; and what it refuses. */
class LossesTest {

    private static final int NOTHING_IGNORED = -100;

    private static List<int[]> logits() {
        return List.of(new int[] {5}, new int[] {1, 1}, new int[] {1, 5}, new int[] {7, 3}, new int[] {37, 10},
                new int[] {2, 3, 17}, new int[] {2, 1, 3, 4});
    }

    private static void refused(String message, Executable action) {
        assertEquals(message, assertThrows(IllegalArgumentException.class, action).getMessage());
    }

    private static DoubleArray scalar(double value) {
        return new DoubleArray(new double[] {value});
    }

    /** {@code log softmax(x / temperature)} of all rows. */
    private static double[] logSoftmax(DoubleArray x, double temperature) {
        int classes = x.length(x.shape().length - 1);
        double[] y = new double[x.values().length];
        for (int from = 0; from < y.length; from += classes) {
            double sum = 0;
            for (int i = from; i < from + classes; i++) {
                sum += StrictMath.exp(x.values()[i] / temperature);
            }
            for (int i = from; i < from + classes; i++) {
                y[i] = x.values()[i] / temperature - StrictMath.log(sum);
            }
        }
        return y;
    }

    private static DoubleArray crossEntropy(DoubleArray x, int[] labels, double smoothing, int ignored) {
        int classes = x.values().length / labels.length;
        double[] logP = logSoftmax(x, 1);
        double sum = 0;
        int counted = 0;
        for (int i = 0; i < logP.length; i++) {
            int label = labels[i / classes];
            if (label != ignored) {
                double q = (label == i % classes ? 1 - smoothing : 0) + smoothing / classes;
                sum -= q * logP[i];
                counted += i % classes == 0 ? 1 : 0;
            }
        }
        return scalar(sum / counted);
    }

    @ParameterizedTest
    @MethodSource("logits")
    void crossEntropy(int[] shape) {
        Tensor x = Tensor.randn(5, shape);
        int classes = x.length(-1);
        int[] labels = IntStream.range(0, x.size() / classes).map(i -> (3 * i + 1) % classes).toArray();
        GradientCheck.check("crossEntropy", 5, t -> Losses.crossEntropy(t[0], labels, 0f, NOTHING_IGNORED),
                d -> crossEntropy(d[0], labels, 0, NOTHING_IGNORED), x);
        GradientCheck.check("crossEntropy, smoothed", 6, t -> Losses.crossEntropy(t[0], labels, 0.25f, NOTHING_IGNORED),
                d -> crossEntropy(d[0], labels, 0.25, NOTHING_IGNORED), x);
        if (labels.length > 1) {
            labels[labels.length / 2] = -7;
            GradientCheck.check("crossEntropy, smoothed, one row ignored", 7,
                    t -> Losses.crossEntropy(t[0], labels, 0.25f, -7), d -> crossEntropy(d[0], labels, 0.25, -7), x);
        }
    }

    @Test
    void crossEntropyOfConfidentLogitsStaysFinite() {
        Tensor logits = Tensor.of(new float[] {1000, 0, 0, 1000}, 2, 2).requiresGrad(true);
        Tensor loss = Losses.crossEntropy(logits, new int[] {0, 0}, 0f, NOTHING_IGNORED);
        assertEquals(500f, loss.item());
        loss.backward();
        assertArrayEquals(new float[] {0, 0, -0.5f, 0.5f}, logits.grad().data());
    }

    @Test
    void crossEntropyTakesMaskedClassesAndIgnoredRows() {
        float masked = Float.NEGATIVE_INFINITY;
        Tensor logits = Tensor.of(new float[] {0, masked, 0, 5, 6, 7}, 2, 3).requiresGrad(true);
        Tensor loss = Losses.crossEntropy(logits, new int[] {2, 1}, 0f, 1); // a valid class may be the ignored one
        loss.backward();
        assertEquals((float) StrictMath.log(2), loss.item(), 1e-7f);
        assertArrayEquals(new float[] {0.5f, 0, -0.5f, 0, 0, 0}, logits.grad().data(), 1e-7f);
    }

    @Test
    void crossEntropyOfIgnoredRowsOnlyIsZero() {
        Tensor logits = Tensor.randn(1, 2, 3).requiresGrad(true);
        Tensor loss = Losses.crossEntropy(logits, new int[] {-100, -100}, 0.1f, -100);
        loss.backward();
        assertEquals(0f, loss.item());
        assertArrayEquals(new float[6], logits.grad().data());
    }

    @Test
    void crossEntropyKeepsItsLabels() {
        int[] labels = {0, 1};
        Tensor logits = Tensor.zeros(2, 2).requiresGrad(true);
        Tensor loss = Losses.crossEntropy(logits, labels, 0f, NOTHING_IGNORED);
        Arrays.fill(labels, 1);
        loss.backward();
        assertArrayEquals(new float[] {-0.25f, 0.25f, 0.25f, -0.25f}, logits.grad().data());
    }

    @Test
    void crossEntropyRefusesWhatDoesNotFit() {
        Tensor logits = Tensor.zeros(3, 4);
        refused("crossEntropy: logits [3, 4] for 2 labels; expected [labels, classes]",
                () -> Losses.crossEntropy(logits, new int[] {0, 1}, 0f, -100));
        refused("crossEntropy: logits [4] for 4 labels; expected [labels, classes]",
                () -> Losses.crossEntropy(Tensor.zeros(4), new int[4], 0f, -100));
        refused("crossEntropy: logits [] for 1 labels; expected [labels, classes]",
                () -> Losses.crossEntropy(Tensor.scalar(1f), new int[1], 0f, -100));
        refused("crossEntropy: logits [2, 3, 4] for 2 labels; expected 6 labels, one for each row of classes",
                () -> Losses.crossEntropy(Tensor.zeros(2, 3, 4), new int[2], 0f, -100));
        refused("crossEntropy: label 4 of row 1 is not one of the 4 classes 0 to 3",
                () -> Losses.crossEntropy(logits, new int[] {3, 4, 0}, 0f, -100));
        refused("crossEntropy: label -1 of row 0 is not one of the 4 classes 0 to 3",
                () -> Losses.crossEntropy(logits, new int[] {-1, 0, 0}, 0f, -100));
        for (float smoothing : new float[] {-0.1f, 1.1f, Float.NaN}) {
            refused("crossEntropy: label smoothing " + smoothing + " is not in [0, 1]",
                    () -> Losses.crossEntropy(logits, new int[3], smoothing, -100));
        }
    }

    private static List<int[]> shapes() {
        return List.of(new int[0], new int[] {1}, new int[] {17}, new int[] {3, 5}, new int[] {2, 3, 4});
    }

    @ParameterizedTest
    @MethodSource("shapes")
    void meanSquaredError(int[] shape) {
        GradientCheck.check("meanSquaredError", 1, x -> Losses.meanSquaredError(x[0], x[1]), x -> {
            double sum = 0;
            for (int i = 0; i < x[0].values().length; i++) {
                double difference = x[0].values()[i] - x[1].values()[i];
                sum += difference * difference;
            }
            return scalar(sum / x[0].values().length);
        }, Tensor.randn(1, shape), Tensor.randn(2, shape));
    }

    @ParameterizedTest
    @MethodSource("shapes")
    void binaryCrossEntropy(int[] shape) {
        Tensor target = Tensor.randn(3, shape).sigmoid();
        GradientCheck.check("binaryCrossEntropy", 2, x -> Losses.binaryCrossEntropy(x[0], x[1]), x -> {
            double sum = 0;
            for (int i = 0; i < x[0].values().length; i++) {
                double p = 1 / (1 + StrictMath.exp(-x[0].values()[i]));
                double t = x[1].values()[i];
                sum -= t * StrictMath.log(p) + (1 - t) * StrictMath.log(1 - p);
            }
            return scalar(sum / x[0].values().length);
        }, Tensor.randn(2, shape), target);
    }

    @Test
    void binaryCrossEntropyKeepsItsDigitsFarFromTheMiddle() {
        for (float x : new float[] {0f, 0.001f, 1f, 5f, 12f, 16.5f, 20f, 80f, 1e4f}) {
            double expected = StrictMath.log1p(StrictMath.exp(-x));
            for (boolean yes : new boolean[] {true, false}) {
                Tensor logit = Tensor.of(new float[] {yes ? x : -x}, 1).requiresGrad(true);
                Tensor loss = Losses.binaryCrossEntropy(logit, Tensor.full(yes ? 1f : 0f, 1));
                assertEquals(expected, loss.item(), 1e-6 * expected + Float.MIN_VALUE, "right by " + x);
                Tensor wrong = Losses.binaryCrossEntropy(logit, Tensor.full(yes ? 0f : 1f, 1));
                assertEquals(expected + x, wrong.item(), 1e-6 * (expected + x), "wrong by " + x);
                wrong.backward();
                assertEquals((yes ? 1 : -1) / (1 + StrictMath.exp(-x)), logit.grad().item(), 1e-6, "gradient at " + x);
            }
        }
    }

    private static DoubleArray klDivergence(DoubleArray student, DoubleArray teacher, double temperature) {
        double[] logQ = logSoftmax(student, temperature);
        double[] logP = logSoftmax(teacher, temperature);
        double sum = 0;
        for (int i = 0; i < logP.length; i++) {
            sum += StrictMath.exp(logP[i]) * (logP[i] - logQ[i]);
        }
        int rows = logP.length / student.length(student.shape().length - 1);
        return scalar(temperature * temperature * sum / rows);
    }

    @ParameterizedTest
    @MethodSource("logits")
    void klDivergence(int[] shape) {
        for (float temperature : new float[] {1f, 2.5f, 0.75f}) {
            GradientCheck.check("klDivergence at " + temperature, 8,
                    x -> Losses.klDivergence(x[0], x[1], temperature), x -> klDivergence(x[0], x[1], temperature),
                    Tensor.randn(8, shape), Tensor.randn(9, shape));
        }
    }

    @Test
    void klDivergenceOfEqualLogitsIsZeroAndMaskedClassesAddNothing() {
        float masked = Float.NEGATIVE_INFINITY;
        Tensor student = Tensor.of(new float[] {1, masked, 3}, 1, 3).requiresGrad(true);
        Tensor teacher = Tensor.of(new float[] {1, masked, 3}, 1, 3).requiresGrad(true);
        Tensor same = Losses.klDivergence(student, teacher, 2f);
        same.backward();
        assertEquals(0f, same.item());
        assertArrayEquals(new float[3], student.grad().data());
        assertArrayEquals(new float[3], teacher.grad().data());
        assertTrue(Losses.klDivergence(Tensor.of(new float[] {1, 2, 3}, 1, 3), teacher, 2f).item() > 0f);
    }

    @Test
    void refusesShapesThatDiffer() {
        Tensor row = Tensor.zeros(1, 3);
        Tensor column = Tensor.zeros(3, 1);
        refused("meanSquaredError: prediction [1, 3] and target [3, 1] differ in shape; reshape one of them",
                () -> Losses.meanSquaredError(row, column));
        refused("binaryCrossEntropy: logits [1, 3] and target [3, 1] differ in shape; reshape one of them",
                () -> Losses.binaryCrossEntropy(row, column));
        refused("klDivergence: student [1, 3] and teacher [3, 1] differ in shape; reshape one of them",
                () -> Losses.klDivergence(row, column, 1f));
    }

    @Test
    void refusesTargetsAndTemperaturesOutsideTheirRange() {
        for (float target : new float[] {-0.5f, 1.5f, Float.NaN}) {
            refused("binaryCrossEntropy: target " + target + " of element 1 is not a probability in [0, 1]",
                    () -> Losses.binaryCrossEntropy(Tensor.zeros(2), Tensor.of(new float[] {1, target}, 2)));
        }
        for (float temperature : new float[] {0f, -1f, Float.NaN, Float.POSITIVE_INFINITY}) {
            refused("klDivergence: logits [1, 3] at temperature " + temperature
                    + "; expected [..., classes] and a positive temperature",
                    () -> Losses.klDivergence(Tensor.zeros(1, 3), Tensor.zeros(1, 3), temperature));
        }
        refused("klDivergence: logits [] at temperature 1.0; expected [..., classes] and a positive temperature",
                () -> Losses.klDivergence(Tensor.scalar(1f), Tensor.scalar(1f), 1f));
    }
}
