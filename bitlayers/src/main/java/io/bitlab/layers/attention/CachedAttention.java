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
    /** Queries at a time, which bounds the memory of the scores. */
    private static final int BLOCK = 32;
    private static final double MULTIPLY_ADDS_PER_NANO = 15;

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
        int toPage = (first + rows - 1) / PAGE + 1;
        int columns = (toPage - fromPage) * PAGE;
        float[] scores = Workspace.floats(heads * rows * columns);
        float[] scratch = cache.scratch();
        double multiplies = 2.0 * heads * rows * columns * d;
        Parallel.current().forRange(cache.heads(), 1, (long) (multiplies / MULTIPLY_ADDS_PER_NANO), (from, to) -> {
            for (int group = from; group < to; group++) {
                group(group, row, rows, fromPage, toPage, scores, scratch);
            }
        });
    }

    private void group(int group, int row, int rows, int fromPage, int toPage, float[] scores, float[] scratch) {
        int columns = (toPage - fromPage) * PAGE;
        int end = cache.length() + row + rows;
        int scoresAt = group * perGroup * rows * columns;
        for (int page = fromPage; page < toPage; page++) {
            float[] keys = cache.keys(layer, page, group, scratch);
            int column = (page - fromPage) * PAGE;
            forHeads(rows, (head, queries, step) -> math.gemmPart(queries, PAGE, d, q, at(group, row, head), step, 1,
                    keys, cache.at(group), PAGE, scores, scoresAt + head * rows * columns + column, columns, false));
        }
        for (int i = 0; i < perGroup * rows; i++) {
            softmax(scores, scoresAt + i * columns, columns, end - rows + i % rows, fromPage * PAGE);
        }
        for (int page = fromPage; page < toPage; page++) {
            float[] values = cache.values(layer, page, group, scratch);
            int column = (page - fromPage) * PAGE;
            int seen = Math.min(PAGE, end - page * PAGE);
            boolean more = page > fromPage;
            forHeads(rows, (head, queries, step) -> math.gemmPart(queries, d, seen, scores,
                    scoresAt + head * rows * columns + column, columns, 1, values, cache.at(group), d, y,
                    at(group, row, head), step, more));
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
    private void softmax(float[] scores, int at, int columns, int position, int firstColumn) {
        int first = mask.from(position) - firstColumn;
        int last = position + 1 - firstColumn;
        Arrays.fill(scores, at, at + first, 0f);
        Arrays.fill(scores, at + last, at + columns, 0f);
        for (int j = at + first; j < at + last; j++) {
            scores[j] *= scale;
        }
        math.softmax(scores, at + first, scores, at + first, last - first);
    }
}
