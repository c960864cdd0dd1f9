package io.bitlab.models.detection;

import io.bitlab.core.math.Elementary;
import io.bitlab.core.math.FloatMath;
import io.bitlab.core.memory.Workspace;
import io.bitlab.core.tensor.Autograd;
import io.bitlab.core.tensor.Tensor;
import java.util.Arrays;

/**
 * The losses of object detectors. Sums are in the order of {@link FloatMath#sum}. NaN and infinity are not refused:
 * they show in the loss.
 *
 * {@snippet class="io.bitlab.models.snippets.DetectionSnippets" region="losses"}
 */
public final class DetectionLosses {

    /** Logits of distances beyond these don't change the distance any more: 1/55 and 55 times the usual one. */
    private static final float LARGEST_LOGIT = 4f;

    private DetectionLosses() {
    }

    /**
     * Focal loss of independent yes-or-no logits (T.-Y. Lin et al., <i>Focal Loss for Dense Object Detection</i>, 2017,
     * equation 5): {@code -α (1 - p)^γ log p} for the class of a row, {@code -(1 - α) p^γ log (1 - p)} for all
     * others, p being the sigmoid of the logit. Easy answers, of which there are thousands in each image, count little.
     *
     * @param logits {@code [rows, classes]}
     * @param labels the class of each row; -1 for none of them, less for rows that don't count
     * @param alpha the weight of the class, in [0, 1]; 0.25 is usual
     * @param gamma how little easy answers count, at least 1; 2 is usual
     * @param divisor by what the sum is divided, positive: usually the number of rows with a class
     * @return a scalar
     * @throws IllegalArgumentException if the shapes don't agree, a label is not a class, or a number is out of range
     */
    public static Tensor focal(Tensor logits, int[] labels, float alpha, float gamma, float divisor) {
        if (logits.rank() != 2 || logits.length(0) != labels.length) {
            throw new IllegalArgumentException("focal: logits " + Arrays.toString(logits.shape()) + " for "
                    + labels.length + " labels, expected [" + labels.length + ", classes]");
        }
        if (!(alpha >= 0f && alpha <= 1f) || !(gamma >= 1f) || !(divisor > 0f)) {
            throw new IllegalArgumentException("focal: alpha " + alpha + ", gamma " + gamma + ", divisor " + divisor
                    + "; expected 0 to 1, at least 1, and more than 0");
        }
        int classes = logits.length(1);
        for (int row = 0; row < labels.length; row++) {
            if (labels[row] >= classes) {
                throw new IllegalArgumentException("focal: label " + labels[row] + " of row " + row
                        + " is not one of the " + classes + " classes 0 to " + (classes - 1));
            }
        }
        float[] x = logits.data();
        int[] target = labels.clone(); // the caller may overwrite the array before backward
        float[] losses = Workspace.zeros(x.length);
        float[] slopes = Workspace.zeros(x.length);
        for (int i = 0; i < x.length; i++) {
            int label = target[i / classes];
            if (label >= -1) {
                // both cases in one: z is the logit of the right answer
                boolean right = label == i % classes;
                float z = right ? x[i] : -x[i];
                float weight = right ? alpha : 1f - alpha;
                float wrong = Elementary.sigmoid(-z);
                float log = -softplus(-z); // of the probability of the right answer
                float power = power(wrong, gamma - 1f);
                losses[i] = -weight * power * wrong * log;
                float slope = weight * power * wrong * (gamma * (1f - wrong) * log - wrong);
                slopes[i] = right ? slope : -slope;
            }
        }
        float sum = FloatMath.get().sum(losses, 0, losses.length);
        return Autograd.result("focal", new float[] {sum / divisor}, new int[0], g -> FloatMath.get().axpy(
                g[0] / divisor, slopes, 0, logits.gradBuffer(), 0, slopes.length), logits);
    }

    private static float power(float base, float exponent) {
        return exponent == 1f ? base : exponent == 0f ? 1f : (float) StrictMath.pow(base, exponent);
    }

    /** {@code log(1 + exp(x))}. */
    private static float softplus(float x) {
        double e = Elementary.exp(-Math.abs(x));
        return Math.max(x, 0f) + (float) StrictMath.log1p(e);
    }

    /**
     * Distances of edges from a point, of the logits that stand for them: {@code scale * exp(logit)}, the logit limited
     * to [-4, 4]. Beyond these the gradient is 0.
     *
     * @param logits {@code [rows, edges]}
     * @param scale the usual distance of each row, in pixels
     * @return distances in pixels, of the same shape
     * @throws IllegalArgumentException if there is not one scale for each row
     */
    public static Tensor distances(Tensor logits, float[] scale) {
        if (logits.rank() != 2 || logits.length(0) != scale.length) {
            throw new IllegalArgumentException("distances: logits " + Arrays.toString(logits.shape()) + " for "
                    + scale.length + " scales, expected [" + scale.length + ", edges]");
        }
        float[] x = logits.data();
        int edges = logits.length(1);
        float[] out = Workspace.floats(x.length);
        for (int i = 0; i < x.length; i++) {
            out[i] = distance(x[i], scale[i / edges]);
        }
        return Autograd.result("distances", out, logits.shape(), g -> {
            float[] dx = logits.gradBuffer();
            for (int i = 0; i < x.length; i++) {
                if (Math.abs(x[i]) <= LARGEST_LOGIT) {
                    dx[i] += g[i] * out[i];
                }
            }
        }, logits);
    }

    static float distance(float logit, float scale) {
        return scale * Elementary.exp(Math.clamp(logit, -LARGEST_LOGIT, LARGEST_LOGIT));
    }

    /**
     * Generalised intersection over union of boxes around the same points (H. Rezatofighi et al., <i>Generalized
     * Intersection over Union</i>, 2019, algorithm 1): the intersection over the union, less the share of the box
     * around both that neither of them covers. Differentiable in the first argument.
     *
     * @param edges {@code [boxes, 4]}: distances of the left, upper, right and lower edge from the box's point, all
     *     positive
     * @param target the same of the true boxes; a box that agrees has the measure 1
     * @return {@code [boxes]}, in (-1, 1]
     * @throws IllegalArgumentException if the shapes don't agree
     */
    public static Tensor giou(Tensor edges, Tensor target) {
        if (edges.rank() != 2 || edges.length(1) != 4 || !Arrays.equals(edges.shape(), target.shape())) {
            throw new IllegalArgumentException("giou: edges " + Arrays.toString(edges.shape()) + ", target "
                    + Arrays.toString(target.shape()) + "; expected [boxes, 4] twice");
        }
        int boxes = edges.length(0);
        float[] p = edges.data();
        float[] t = target.data();
        float[] out = Workspace.floats(boxes);
        for (int i = 0; i < boxes; i++) {
            out[i] = new Overlap(p, t, 4 * i).giou();
        }
        return Autograd.result("giou", out, new int[] {boxes}, g -> {
            float[] dp = edges.gradBuffer();
            for (int i = 0; i < boxes; i++) {
                new Overlap(p, t, 4 * i).addGradient(g[i], dp);
            }
        }, edges);
    }

    /** Two boxes around a point; the names end in Area for areas. */
    private static final class Overlap {
        private final float[] p;
        private final float[] t;
        private final int at;
        private final float width; // of the intersection
        private final float height;
        private final float hullWidth;
        private final float hullHeight;
        private final float unionArea;

        Overlap(float[] p, float[] t, int at) {
            this.p = p;
            this.t = t;
            this.at = at;
            width = Math.min(p[at], t[at]) + Math.min(p[at + 2], t[at + 2]);
            height = Math.min(p[at + 1], t[at + 1]) + Math.min(p[at + 3], t[at + 3]);
            hullWidth = Math.max(p[at], t[at]) + Math.max(p[at + 2], t[at + 2]);
            hullHeight = Math.max(p[at + 1], t[at + 1]) + Math.max(p[at + 3], t[at + 3]);
            unionArea = (p[at] + p[at + 2]) * (p[at + 1] + p[at + 3]) + (t[at] + t[at + 2]) * (t[at + 1] + t[at + 3])
                    - width * height;
        }

        float giou() {
            float hullArea = hullWidth * hullHeight;
            return width * height / unionArea - (hullArea - unionArea) / hullArea;
        }

        /** giou = I / U - 1 + U / H, with U = own area + true area - I. */
        void addGradient(float g, float[] dp) {
            float hullArea = hullWidth * hullHeight;
            float ofIntersection = 1f / unionArea;
            float ofUnion = 1f / hullArea - width * height / (unionArea * unionArea);
            float ofHull = -unionArea / (hullArea * hullArea);
            for (int edge = 0; edge < 4; edge++) {
                boolean horizontal = edge % 2 == 0;
                boolean inside = p[at + edge] < t[at + edge]; // moving it changes the intersection, not the hull
                float across = horizontal ? p[at + 1] + p[at + 3] : p[at] + p[at + 2]; // the own box's other side
                float intersection = inside ? horizontal ? height : width : 0f;
                float hull = inside ? 0f : horizontal ? hullHeight : hullWidth;
                dp[at + edge] += g * (ofIntersection * intersection + ofUnion * (across - intersection)
                        + ofHull * hull);
            }
        }
    }
}
