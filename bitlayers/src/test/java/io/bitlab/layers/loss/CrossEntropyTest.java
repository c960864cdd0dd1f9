package io.bitlab.layers.loss;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.bitlab.core.tensor.Tensor;
import org.junit.jupiter.api.Test;

class CrossEntropyTest {

    private final CrossEntropy loss = new CrossEntropy();

    @Test
    void isTheMeanOfTheNegativeLogProbabilities() {
        int n = 7;
        int classes = 5;
        int[] labels = {0, 4, 2, 2, 1, 3, 0};
        Tensor logits = Tensor.randn(3, n, classes).mul(3f).detach().requiresGrad(true);
        double expected = 0;
        double[] gradient = new double[n * classes];
        for (int row = 0; row < n; row++) {
            double sum = 0;
            for (int c = 0; c < classes; c++) {
                sum += Math.exp(logits.at(row, c));
            }
            expected -= (logits.at(row, labels[row]) - Math.log(sum)) / n;
            for (int c = 0; c < classes; c++) {
                gradient[row * classes + c] =
                        (Math.exp(logits.at(row, c)) / sum - (c == labels[row] ? 1 : 0)) / n;
            }
        }
        Tensor value = loss.forward(logits, labels);
        assertEquals(0, value.rank());
        assertEquals(expected, value.item(), 1e-6);
        value.backward();
        for (int i = 0; i < gradient.length; i++) {
            assertEquals(gradient[i], logits.grad().data()[i], 1e-7, "element " + i);
        }
    }

    @Test
    void isSafeForLargeLogits() {
        Tensor logits = Tensor.of(new float[] {1000, -1000, -1000, 1000}, 2, 2);
        assertEquals(0f, loss.forward(logits, new int[] {0, 1}).item());
        assertEquals(2000f, loss.forward(logits, new int[] {1, 0}).item());
    }

    @Test
    void uniformLogitsGiveTheLogOfTheClasses() {
        assertEquals(Math.log(10), loss.forward(Tensor.zeros(4, 10), new int[] {0, 3, 9, 5}).item(), 1e-6);
    }

    @Test
    void refusesLabelsThatAreNoClass() {
        for (int bad : new int[] {-1, 3, Integer.MAX_VALUE}) {
            Exception e = assertThrows(IllegalArgumentException.class,
                    () -> loss.forward(Tensor.zeros(2, 3), new int[] {0, bad}));
            assertEquals("crossEntropy: label " + bad + " of row 1 is not one of the 3 classes 0 to 2",
                    e.getMessage());
        }
    }

    @Test
    void refusesShapesThatDoNotAgree() {
        for (Tensor logits : new Tensor[] {Tensor.zeros(3, 3), Tensor.zeros(2)}) {
            Exception e = assertThrows(IllegalArgumentException.class, () -> loss.forward(logits, new int[2]));
            assertTrue(e.getMessage().endsWith(" for 2 labels; expected [labels, classes]"), e.getMessage());
        }
    }
}
