package io.bitlab.layers.attention;

import io.bitlab.core.math.FloatMath;
import io.bitlab.core.memory.Workspace;
import io.bitlab.core.ops.AttentionMask;
import io.bitlab.core.parallel.Parallel;
import java.util.Arrays;

/**
 * Attention of new positions to a cache; what {@link io.bitlab.core.ops.Attention} computes for the whole sequence, in
 * the same order: chains over the features, softmax over what a query sees, chains over the positions.
 */
final class CachedAttention {

    private static final int PAGE = KvCache.PAGE;
    private static final int KEY_SLICE = KvCache.KEY_SLICE;
    /** Queries at a time, which bounds the memory of the scores. */
    private static final int BLOCK = 32;
    private static final double MULTIPLY_ADDS_PER_NANO = 15;
    private static final double SOFTMAX_NANOS = 2.5;

    private final FloatMath math = FloatMath.get();
    private final KvCache cache;
    private final int layer;
    private final float[] q;
    private final float[] y;
    private final AttentionMask mask;
    private final int heads;
    private final int perGroup;
    private final int d;
    private final float scale;

    /**
     * One layer's attention.
     *
     * @param q turned queries {@code [positions, heads * d]}, of positions whose keys and values were written
     * @param y the result, of the same shape; overwritten
     */
    CachedAttention(KvCache cache, int layer, float[] q, int heads, float[] y) {
        this.cache = cache;
        this.layer = layer;
        this.q = q;
        this.y = y;
        this.mask = cache.mask();
        this.heads = heads;
        this.perGroup = heads / cache.heads();
        this.d = cache.headDim();
        this.scale = (float) (1 / Math.sqrt(d));
    }

    /** Computes the results of so many positions. */
    void attend(int positions) {
        for (int from = 0; from < positions; from += BLOCK) {
            attend(from, Math.min(BLOCK, positions - from));
        }
    }

    private void attend(int row, int rows) {
        int first = cache.length() + row;
        int fromPage = mask.from(first) / PAGE;
        int pages = (first + rows - 1) / PAGE + 1 - fromPage;
        Scores scores = new Scores(row, rows, fromPage, pages * PAGE, Workspace.floats(heads * rows * pages * PAGE));
        Parallel parallel = Parallel.current();
        float[] scratch = cache.scratch(parallel.threads());
        int length = cache.scratchLength();
        long nanos = (long) ((double) heads * rows * pages * PAGE * d / MULTIPLY_ADDS_PER_NANO);
        // Small parts, so that threads finish together.
        parallel.forRange(cache.heads() * pages, 1, nanos, (thread, from, to) -> {
            for (int part = from; part < to; part++) {
                multiplyKeys(scores, part / pages, part % pages, scratch, thread * length);
            }
        });
        parallel.forRange(heads * rows, 1, (long) (SOFTMAX_NANOS * heads * rows * scores.columns), (from, to) -> {
            for (int i = from; i < to; i++) {
                softmax(scores, i * scores.columns, first + i % rows);
            }
        });
        int slices = d / cache.slice();
        parallel.forRange(cache.heads() * slices, 1, nanos, (thread, from, to) -> {
            for (int part = from; part < to; part++) {
                multiplyValues(scores, part / slices, part % slices, scratch, thread * length);
            }
        });
    }

    /** Scores, then probabilities, of some queries: {@code [head, row, column]}, the columns those of whole pages. */
    private record Scores(int row, int rows, int fromPage, int columns, float[] values) {
        int at(int head, int page) {
            return head * rows * columns + page * PAGE;
        }
    }

    /** Scores of one group's heads for a page, counted from the first that is seen. */
    private void multiplyKeys(Scores s, int group, int page, float[] scratch, int scratchAt) {
        for (int part = 0; part < PAGE / KEY_SLICE; part++) {
            float[] keys = cache.keys(layer, s.fromPage + page, group, part, scratch, scratchAt);
            int keysAt = keys == scratch ? scratchAt : cache.keysAt(group, part);
            int column = part * KEY_SLICE;
            forHeads(s.rows,
                    (head, queries, step) -> math.gemmPart(queries, KEY_SLICE, d, q, at(group, s.row, head), step,
                            1, keys, keysAt, KEY_SLICE, s.values, s.at(group * perGroup + head, page) + column,
                            s.columns, false));
        }
    }

    /** A slice of the features of the results of one group's heads. */
    private void multiplyValues(Scores s, int group, int slice, float[] scratch, int scratchAt) {
        int end = cache.length() + s.row + s.rows;
        int features = cache.slice();
        for (int page = 0; page < s.columns / PAGE; page++) {
            float[] values = cache.values(layer, s.fromPage + page, group, slice, scratch, scratchAt);
            int valuesAt = values == scratch ? scratchAt : cache.valuesAt(group, slice);
            int seen = Math.min(PAGE, end - (s.fromPage + page) * PAGE);
            int column = page;
            forHeads(s.rows, (head, queries, step) -> math.gemmPart(queries, features, seen, s.values,
                    s.at(group * perGroup + head, column), s.columns, 1, values, valuesAt, features, y,
                    at(group, s.row, head) + slice * features, step, column > 0));
        }
    }

    private int at(int group, int row, int head) {
        return (row * heads + group * perGroup + head) * d;
    }

    private interface Product {
        void of(int head, int queries, int step);
    }

    /** One product for all heads of a group where there is one position: their queries are rows side by side. */
    private void forHeads(int rows, Product product) {
        if (rows == 1) {
            product.of(0, perGroup, d);
            return;
        }
        for (int head = 0; head < perGroup; head++) {
            product.of(head, rows, heads * d);
        }
    }

    /** Turns the scores of the query at a position into probabilities; 0 for what it doesn't see. */
    private void softmax(Scores s, int at, int position) {
        float[] p = s.values;
        int first = mask.from(position) - s.fromPage * PAGE;
        int last = position + 1 - s.fromPage * PAGE;
        Arrays.fill(p, at, at + first, 0f);
        Arrays.fill(p, at + last, at + s.columns, 0f);
        for (int j = at + first; j < at + last; j++) {
            p[j] *= scale;
        }
        math.softmax(p, at + first, p, at + first, last - first);
    }
}
