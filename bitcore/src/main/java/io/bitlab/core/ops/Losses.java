package io.bitlab.core.ops;

import io.bitlab.core.math.Elementary;
import io.bitlab.core.math.FloatMath;
import io.bitlab.core.memory.Workspace;
import io.bitlab.core.tensor.Autograd;
import io.bitlab.core.tensor.Backward;
import io.bitlab.core.tensor.Tensor;
import java.util.Arrays;

/**
 * Loss functions. Each returns a scalar, the mean over rows or elements, summed in the order of {@link FloatMath#sum}.
 * NaN and infinity are not refused: they show in the loss.
 *
 * {@snippet class="io.bitlab.core.snippets.OpsSnippets" region="losses"}
 */
public final class Losses {

    private Losses() {
    }

    /**
     * Mean cross-entropy of class logits. The loss of a row is {@code -Σ q·logSoftmax(logits)} with
     * {@code q = (1 - s)·onehot(label) + s / classes}, s being the label smoothing (Szegedy et al., 2016, section 7).
     * Without smoothing this is {@code -logSoftmax(logits)[label]}. The gradient is {@code (softmax - q) / n} for the n
     * rows that are not ignored.
     *
     * @param logits {@code [..., classes]}
     * @param labels the true class of each row, the leading axes flattened
     * @param labelSmoothing s, from 0 to 1
     * @param ignoreIndex label of the rows to ignore; they don't count in the mean either
     * @return a scalar; 0 if all rows are ignored
     * @throws IllegalArgumentException if shapes don't agree, a label is not a class, or the smoothing is out of
     *     range
     */
    public static Tensor crossEntropy(Tensor logits, int[] labels, float labelSmoothing, int ignoreIndex) {
        if (!(labelSmoothing >= 0f && labelSmoothing <= 1f)) {
            throw new IllegalArgumentException("crossEntropy: label smoothing " + labelSmoothing + " is not in [0, 1]");
        }
        int classes = requireLabels(logits, labels, ignoreIndex);
        float[] logProbability = logSoftmax(logits, 1f);
        int[] target = labels.clone(); // the caller may overwrite the array before backward
        float[] losses = Workspace.floats(labels.length);
        int counted = 0;
        for (int row = 0; row < labels.length; row++) {
            if (labels[row] == ignoreIndex) {
                continue;
            }
            float loss = -(1f - labelSmoothing) * logProbability[row * classes + labels[row]];
            if (labelSmoothing > 0f) { // without smoothing, a class masked by -infinity must not give 0 * infinity
                loss -= labelSmoothing / classes * FloatMath.get().sum(logProbability, row * classes, classes);
            }
            losses[counted++] = loss;
        }
        int rows = Math.max(1, counted);
        return mean("crossEntropy", losses, counted, rows, g -> {
            float[] dx = logits.gradBuffer();
            float share = g[0] / rows;
            float background = labelSmoothing / classes;
            for (int i = 0; i < dx.length; i++) {
                int label = target[i / classes];
                if (label != ignoreIndex) {
                    float q = label == i % classes ? 1f - labelSmoothing + background : background;
                    dx[i] += share * (Elementary.exp(logProbability[i]) - q);
                }
            }
        }, logits);
    }

    private static int requireLabels(Tensor logits, int[] labels, int ignoreIndex) {
        int classes = logits.rank() == 0 ? 1 : logits.length(-1);
        int rows = logits.size() / classes;
        if (logits.rank() == 0 || rows != labels.length) {
            throw new IllegalArgumentException("crossEntropy: logits " + Arrays.toString(logits.shape()) + " for "
                    + labels.length + " labels; expected "
                    + (logits.rank() > 2 ? rows + " labels, one for each row of classes" : "[labels, classes]"));
        }
        for (int row = 0; row < rows; row++) {
            if ((labels[row] < 0 || labels[row] >= classes) && labels[row] != ignoreIndex) {
                throw new IllegalArgumentException("crossEntropy: label " + labels[row] + " of row " + row
                        + " is not one of the " + classes + " classes 0 to " + (classes - 1));
            }
        }
        return classes;
    }

    /**
     * Mean squared error, {@code mean((prediction - target)²)}. The gradient of the prediction is
     * {@code 2 (prediction - target) / size}, that of the target its negative.
     *
     * @param prediction any tensor
     * @param target a tensor of the same shape; not broadcast, because {@code [n]} against {@code [n, 1]} would
     *     silently compare all pairs
     * @return a scalar
     * @throws IllegalArgumentException if the shapes differ
     */
    public static Tensor meanSquaredError(Tensor prediction, Tensor target) {
        requireSameShape("meanSquaredError: prediction", prediction, "target", target);
        float[] difference = Workspace.floats(prediction.size());
        float[] square = Workspace.floats(difference.length);
        for (int i = 0; i < difference.length; i++) {
            difference[i] = prediction.data()[i] - target.data()[i];
            square[i] = difference[i] * difference[i];
        }
        return mean("meanSquaredError", square, square.length, square.length, g -> {
            float share = 2f * g[0] / difference.length;
            addScaled(share, difference, prediction);
            addScaled(-share, difference, target);
        }, prediction, target);
    }

    /**
     * Mean binary cross-entropy of independent yes-or-no logits: {@code -t·log σ(x) - (1 - t)·log(1 - σ(x))}, computed
     * as {@code max(x, 0) - x·t + log(1 + exp(-|x|))}, which neither overflows nor rounds small losses to 0. The
     * gradients are {@code (σ(x) - t) / size} and {@code -x / size}.
     *
     * @param logits any tensor
     * @param target probabilities in [0, 1], of the same shape
     * @return a scalar
     * @throws IllegalArgumentException if the shapes differ, or a target is NaN or outside [0, 1]
     */
    public static Tensor binaryCrossEntropy(Tensor logits, Tensor target) {
        requireSameShape("binaryCrossEntropy: logits", logits, "target", target);
        float[] x = logits.data();
        float[] t = target.data();
        float[] losses = Workspace.floats(x.length);
        for (int i = 0; i < x.length; i++) {
            if (!(t[i] >= 0f && t[i] <= 1f)) {
                throw new IllegalArgumentException("binaryCrossEntropy: target " + t[i] + " of element " + i
                        + " is not a probability in [0, 1]");
            }
            losses[i] = Math.max(x[i], 0f) - x[i] * t[i] + logOnePlus(Elementary.exp(-Math.abs(x[i])));
        }
        return mean("binaryCrossEntropy", losses, losses.length, losses.length, g -> {
            float share = g[0] / x.length;
            if (logits.needsGrad()) {
                float[] dx = logits.gradBuffer();
                for (int i = 0; i < x.length; i++) {
                    dx[i] += share * (Elementary.sigmoid(x[i]) - t[i]);
                }
            }
            addScaled(-share, x, target);
        }, logits, target);
    }

    /** {@code log(1 + e)}, also accurate for small e: corrects the logarithm for the rounding of the sum (Kahan). */
    private static float logOnePlus(float e) {
        float sum = 1f + e;
        return sum == 1f ? e : Elementary.log(sum) * (e / (sum - 1f));
    }

    /**
     * The Kullback-Leibler divergence of a student's class distribution from a teacher's, for distillation (Hinton,
     * Vinyals and Dean, <i>Distilling the Knowledge in a Neural Network</i>, 2015): with
     * {@code p = softmax(teacher / T)} and {@code q = softmax(student / T)}, {@code T² · mean over rows of
     * Σ p·(log p - log q)}. The factor T² keeps the magnitude of the gradients independent of T. A class with p = 0
     * contributes 0, even if q = 0.
     *
     * <p>The student's gradient is {@code T (q - p) / rows}; the teacher's, if it requires one,
     * {@code T p (log p - log q - KL of the row) / rows}.
     *
     * @param student logits {@code [..., classes]}
     * @param teacher logits of the same shape
     * @param temperature T, positive
     * @return a scalar
     * @throws IllegalArgumentException if the shapes differ or are scalars, or the temperature is not positive
     */
    public static Tensor klDivergence(Tensor student, Tensor teacher, float temperature) {
        requireSameShape("klDivergence: student", student, "teacher", teacher);
        if (student.rank() == 0 || !(temperature > 0f && temperature < Float.POSITIVE_INFINITY)) {
            throw new IllegalArgumentException("klDivergence: logits " + Arrays.toString(student.shape())
                    + " at temperature " + temperature + "; expected [..., classes] and a positive temperature");
        }
        int classes = student.length(-1);
        int rows = student.size() / classes;
        float[] logQ = logSoftmax(student, temperature);
        float[] logP = logSoftmax(teacher, temperature);
        float[] terms = Workspace.floats(classes);
        float[] divergence = Workspace.floats(rows);
        float[] losses = Workspace.floats(rows);
        for (int row = 0; row < rows; row++) {
            for (int c = 0; c < classes; c++) {
                int i = row * classes + c;
                float p = Elementary.exp(logP[i]);
                terms[c] = p == 0f ? 0f : p * (logP[i] - logQ[i]);
            }
            divergence[row] = FloatMath.get().sum(terms, 0, classes);
            losses[row] = temperature * temperature * divergence[row];
        }
        return mean("klDivergence", losses, rows, rows, g -> {
            float share = g[0] * temperature / rows;
            float[] dStudent = student.needsGrad() ? student.gradBuffer() : null;
            float[] dTeacher = teacher.needsGrad() ? teacher.gradBuffer() : null;
            for (int i = 0; i < logP.length; i++) {
                float p = Elementary.exp(logP[i]);
                if (dStudent != null) {
                    dStudent[i] += share * (Elementary.exp(logQ[i]) - p);
                }
                if (dTeacher != null && p != 0f) {
                    dTeacher[i] += share * p * (logP[i] - logQ[i] - divergence[i / classes]);
                }
            }
        }, student, teacher);
    }

    private static float[] logSoftmax(Tensor logits, float temperature) {
        return Autograd.noGrad(() -> {
            Tensor tempered = temperature == 1f ? logits : logits.div(Tensor.scalar(temperature));
            return tempered.logSoftmax(-1);
        }).data();
    }

    private static void requireSameShape(String name, Tensor x, String targetName, Tensor target) {
        if (!Arrays.equals(x.shape(), target.shape())) {
            throw new IllegalArgumentException(name + " " + Arrays.toString(x.shape()) + " and " + targetName + " "
                    + Arrays.toString(target.shape()) + " differ in shape; reshape one of them");
        }
    }

    private static void addScaled(float factor, float[] values, Tensor to) {
        if (to.needsGrad()) {
            float[] gradient = to.gradBuffer();
            for (int i = 0; i < gradient.length; i++) {
                gradient[i] += factor * values[i];
            }
        }
    }

    private static Tensor mean(String operation, float[] losses, int length, int divisor, Backward backward,
            Tensor... inputs) {
        float[] mean = Workspace.floats(1);
        mean[0] = FloatMath.get().sum(losses, 0, length) / divisor;
        return Autograd.result(operation, mean, new int[0], backward, inputs);
    }
}
