package io.bitlab.core.ops;

import io.bitlab.core.math.FloatMath;
import io.bitlab.core.memory.Workspace;
import io.bitlab.core.parallel.Parallel;
import io.bitlab.core.tensor.Autograd;
import io.bitlab.core.tensor.Shape;
import io.bitlab.core.tensor.Tensor;
import java.util.Arrays;

/**
 * Grouped-query attention (Vaswani et al., <i>Attention Is All You Need</i>, 2017; Ainslie et al., <i>GQA</i>, 2023).
 *
 * <p>For query i of head h, which uses key and value head {@code h / (heads / keyValueHeads)}:
 * {@code s_j = (q_i · k_j) / sqrt(d)}, {@code p = softmax(s)} over the positions j that the mask allows, and
 * {@code y_i = sum_j p_j v_j}.
 *
 * {@snippet class="io.bitlab.core.snippets.OpsSnippets" region="attention"}
 *
 * <p>Both products are chains as in {@link FloatMath#gemm}, over the features of a head and over the positions, in
 * ascending order. A result therefore depends neither on the rest of the batch nor on whether its keys come from a
 * cache.
 */
public final class Attention {

    /** Queries per block. Rows of scores are padded to a multiple of it, so that vector loops have no remainder. */
    private static final int BLOCK = 32;
    private static final double MULTIPLY_ADDS_PER_NANO = 20;

    private Attention() {
    }

    /**
     * Scaled dot-product attention over whole sequences.
     *
     * @param q queries {@code [batch, length, heads * d]}
     * @param k keys {@code [batch, length, keyValueHeads * d]}
     * @param v values, of the same shape as the keys
     * @param heads number of query heads
     * @param keyValueHeads number of key and value heads; divides {@code heads}
     * @param mask which keys each query attends to
     * @return {@code [batch, length, heads * d]}
     * @throws IllegalArgumentException if the shapes don't fit together
     */
    public static Tensor attend(Tensor q, Tensor k, Tensor v, int heads, int keyValueHeads, AttentionMask mask) {
        requireShapes(q, k, v, heads, keyValueHeads);
        mask.check(q.length(0), q.length(1));
        Run run = new Run(q, k, v, heads, keyValueHeads, mask);
        run.forward();
        return Autograd.result("attention", run.y, q.shape(), run::backward, q, k, v);
    }

    private static void requireShapes(Tensor q, Tensor k, Tensor v, int heads, int keyValueHeads) {
        boolean fits = q.rank() == 3 && k.rank() == 3 && Arrays.equals(k.shape(), v.shape())
                && heads >= 1 && keyValueHeads >= 1 && heads % keyValueHeads == 0
                && q.length(0) == k.length(0) && q.length(1) == k.length(1) && q.length(2) % heads == 0
                && q.length(2) / heads * keyValueHeads == k.length(2);
        if (!fits) {
            throw new IllegalArgumentException("attention: queries " + Arrays.toString(q.shape()) + " of " + heads
                    + " heads, keys " + Arrays.toString(k.shape()) + " and values " + Arrays.toString(v.shape())
                    + " of " + keyValueHeads + " heads; expected queries [batch, length, heads * d], keys and values "
                    + "[batch, length, keyValueHeads * d], and keyValueHeads to divide heads");
        }
    }

    /** One attention: its sizes, its operands, and the probabilities that the backward needs. */
    private static final class Run {
        private final FloatMath math = FloatMath.get();
        private final Tensor q;
        private final Tensor k;
        private final Tensor v;
        private final AttentionMask mask;
        private final int batch;
        private final int length;
        private final int padded; // length of a row of scores
        private final int heads;
        private final int groups; // of query heads that share a key and value head
        private final int d;
        private final float scale;
        private final float[] y;
        private final boolean recorded; // for a backward
        private final float[] p; // [batch, heads, length, padded]; not recorded, [batch, groups, BLOCK, padded]

        Run(Tensor q, Tensor k, Tensor v, int heads, int groups, AttentionMask mask) {
            this.q = q;
            this.k = k;
            this.v = v;
            this.mask = mask;
            this.heads = heads;
            this.groups = groups;
            batch = q.length(0);
            length = q.length(1);
            padded = Math.ceilDiv(length, BLOCK) * BLOCK;
            d = q.length(2) / heads;
            scale = (float) (1 / Math.sqrt(d));
            y = Workspace.floats(q.size());
            recorded = Autograd.isRecording() && (q.needsGrad() || k.needsGrad() || v.needsGrad());
            p = Workspace.floats(recorded ? Shape.size("attention", batch, heads, length, padded)
                    : Shape.size("attention", batch, groups, BLOCK, padded));
        }

        void forward() {
            float[] keys = transposed(k.data());
            float[] queries = q.data();
            float[] values = v.data();
            forEachBlock(2, (block, at) -> {
                math.gemmPart(block.rows, block.columns, d, queries, at.query, heads * d, 1, keys, at.transposed,
                        padded, p, at.scores, padded, false);
                for (int r = 0; r < block.rows; r++) {
                    softmax(block, r, at.scores + r * padded - block.from);
                }
                math.gemmPart(block.rows, d, block.seen, p, at.scores, padded, 1, values, at.key, groups * d, y,
                        at.query, heads * d, false);
            });
        }

        /** Turns the scores of one query into probabilities; those of masked columns in its block become 0. */
        private void softmax(Block block, int r, int row) {
            int first = row + mask.from(block.i + r);
            int last = Math.max(first, row + mask.to(block.sequence, block.i + r, length));
            int end = row + block.from + block.columns;
            Arrays.fill(p, row + block.from, Math.min(first, end), 0f);
            Arrays.fill(p, Math.min(last, end), end, 0f);
            for (int j = first; j < last; j++) {
                p[j] *= scale;
            }
            if (first < last) { // otherwise a query in the padding, whose window holds padding only
                math.softmax(p, first, p, first, last - first);
            }
        }

        void backward(float[] g) {
            float[] values = transposed(v.data());
            float[] dq = q.needsGrad() ? q.gradBuffer() : null;
            float[] dk = k.needsGrad() ? k.gradBuffer() : null;
            float[] dv = v.needsGrad() ? v.gradBuffer() : null;
            float[] scratch = Workspace.floats(Shape.size("attention", batch, groups, BLOCK, padded));
            forEachBlock(5, (block, at) -> {
                int ds = (block.sequence * groups + block.group) * BLOCK * padded;
                math.gemmPart(block.rows, block.columns, d, g, at.query, heads * d, 1, values, at.transposed, padded,
                        scratch, ds, padded, false);
                for (int r = 0; r < block.rows; r++) {
                    softmaxGradient(at.scores + r * padded, scratch, ds + r * padded, block.seen);
                }
                if (dq != null) {
                    math.gemmPart(block.rows, d, block.seen, scratch, ds, padded, 1, k.data(), at.key, groups * d, dq,
                            at.query, heads * d, true);
                }
                if (dk != null) {
                    math.gemmPart(block.seen, d, block.rows, scratch, ds, 1, padded, q.data(), at.query, heads * d, dk,
                            at.key, groups * d, true);
                }
                if (dv != null) {
                    math.gemmPart(block.seen, d, block.rows, p, at.scores, 1, padded, g, at.query, heads * d, dv,
                            at.key, groups * d, true);
                }
            });
        }

        /** {@code ds = p * (dp - dot(dp, p)) * scale}, in place of dp. */
        private void softmaxGradient(int at, float[] ds, int dsAt, int columns) {
            float dot = math.dot(ds, dsAt, p, at, columns);
            for (int j = 0; j < columns; j++) {
                ds[dsAt + j] = p[at + j] * (ds[dsAt + j] - dot) * scale;
            }
        }

        /** Keys or values transposed to {@code [batch, groups, d, padded]}, with zeros in the padding. */
        private float[] transposed(float[] x) {
            float[] result = Workspace.floats(Shape.size("attention", batch, groups, d, padded));
            Parallel.current().forRange(batch * groups, 1, x.length, (from, to) -> {
                for (int item = from; item < to; item++) {
                    int source = keyAt(item / groups, 0, item % groups);
                    int target = item * d * padded;
                    for (int f = 0; f < d; f++) {
                        for (int j = 0; j < length; j++) {
                            result[target + f * padded + j] = x[source + j * groups * d + f];
                        }
                        Arrays.fill(result, target + f * padded + length, target + (f + 1) * padded, 0f);
                    }
                }
            });
            return result;
        }

        /**
         * Consecutive queries of one head, and the keys that they attend to.
         *
         * @param i position of the first query
         * @param rows number of queries
         * @param from first column of their scores, a multiple of BLOCK
         * @param columns number of columns, a multiple of BLOCK
         * @param seen number of columns that are positions of the sequence, not padding
         */
        private record Block(int sequence, int group, int i, int rows, int from, int columns, int seen) {
        }

        /** Offsets of a block: of its queries and results, its keys and values, the same transposed, its scores. */
        private record Offsets(int query, int key, int transposed, int scores) {
        }

        private interface Body {
            void run(Block block, Offsets at);
        }

        /** Runs the body for all blocks. Blocks that share keys run on one thread, in order. */
        private void forEachBlock(int products, Body body) {
            double multiplies = (double) batch * heads * length * padded * d * products;
            Parallel.current().forRange(batch * groups, 1, (long) (multiplies / MULTIPLY_ADDS_PER_NANO),
                    (first, last) -> {
                        for (int item = first; item < last; item++) {
                            forEachBlock(item / groups, item % groups, body);
                        }
                    });
        }

        private void forEachBlock(int sequence, int group, Body body) {
            int perGroup = heads / groups;
            for (int h = group * perGroup; h < (group + 1) * perGroup; h++) {
                for (int i = 0; i < length; i += BLOCK) {
                    int rows = Math.min(BLOCK, length - i);
                    int from = mask.from(i) / BLOCK * BLOCK;
                    int to = Math.ceilDiv(mask.to(sequence, i + rows - 1, length), BLOCK) * BLOCK;
                    int columns = Math.max(BLOCK, to - from);
                    body.run(new Block(sequence, group, i, rows, from, columns, Math.min(columns, length - from)),
                            new Offsets((sequence * length + i) * heads * d + h * d, keyAt(sequence, from, group),
                                    (sequence * groups + group) * d * padded + from,
                                    (recorded ? (sequence * heads + h) * length + i
                                            : (sequence * groups + group) * BLOCK) * padded + from));
                }
            }
        }

        private int keyAt(int sequence, int j, int group) {
            return (sequence * length + j) * groups * d + group * d;
        }
    }
}
