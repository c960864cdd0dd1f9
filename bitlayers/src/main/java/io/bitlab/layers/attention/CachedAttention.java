package io.bitlab.layers.attention;

import io.bitlab.core.math.FloatMath;
import io.bitlab.core.memory.Workspace;
import io.bitlab.core.ops.AttentionMask;
import io.bitlab.core.parallel.Parallel;
import java.util.Arrays;

/**
 * Attention of new positions to a cache. It computes what {@link io.bitlab.core.ops.Attention} computes for a whole
 * sequence, in the same order, so with the same bits: sums over the features, softmax over the visible positions, sums
 * over the positions.
 */
final class CachedAttention {

    private static final int PAGE = KvPages.PAGE;
    private static final int KEY_SLICE = KvPages.KEY_SLICE;
    /** Queries at a time; bounds the memory of the scores. */
    private static final int BLOCK = 32;
    private static final double MULTIPLY_ADDS_PER_NANO = 15;
    private static final double SOFTMAX_NANOS = 2.5;

    private final FloatMath math = FloatMath.get();
    private final KvPages pages;
    private final int length;
    private final int layer;
    private final float[] q;
    private final float[] y;
    private final int firstRow;
    private final AttentionMask mask;
    private final int heads;
    private final int groupSize; // query heads that share a key and value head
    private final int d;
    private final float scale;

    /**
     * Prepares the attention of one layer.
     *
     * @param q queries {@code [rows, heads * d]} after rotary embedding, whose keys and values are in the cache
     * @param y the result, of the same shape; the sequence's rows are overwritten
     * @param firstRow the row of the first new position
     */
    CachedAttention(KvCache cache, int layer, float[] q, int heads, float[] y, int firstRow) {
        this.pages = cache.pages();
        this.length = cache.length();
        this.layer = layer;
        this.q = q;
        this.y = y;
        this.firstRow = firstRow;
        this.mask = cache.mask();
        this.heads = heads;
        this.groupSize = heads / pages.heads();
        this.d = pages.headDim();
        this.scale = (float) (1 / Math.sqrt(d));
    }

    /** Computes the results of the given number of positions. */
    void attend(int positions) {
        for (int from = 0; from < positions; from += BLOCK) {
            attend(from, Math.min(BLOCK, positions - from));
        }
    }

    private void attend(int row, int rows) {
        int first = length + row;
        int fromPage = mask.from(first) / PAGE;
        int pageCount = (first + rows - 1) / PAGE + 1 - fromPage;
        int columns = pageCount * PAGE;
        float[] values = Workspace.floats(heads * rows * columns);
        Scores scores = rows == 1 ? new Scores(row, rows, fromPage, columns, values, groupSize, groupSize, d)
                : new Scores(row, rows, fromPage, columns, values, 1, rows, heads * d);
        Parallel parallel = Parallel.current();
        float[] scratch = pages.scratch(parallel.threads());
        int scratchLength = pages.scratchLength();
        long nanos = (long) ((double) heads * rows * columns * d / MULTIPLY_ADDS_PER_NANO);
        // Small parts, so that all threads finish at the same time.
        parallel.forRange(pages.heads() * pageCount, 1, nanos, (thread, from, to) -> {
            for (int part = from; part < to; part++) {
                multiplyKeys(scores, part / pageCount, part % pageCount, scratch, thread * scratchLength);
            }
        });
        parallel.forRange(heads * rows, 1, (long) (SOFTMAX_NANOS * heads * rows * columns), (from, to) -> {
            for (int i = from; i < to; i++) {
                softmax(scores, i * columns, first + i % rows);
            }
        });
        int slices = d / pages.valueSlice();
        parallel.forRange(pages.heads() * slices, 1, nanos, (thread, from, to) -> {
            for (int part = from; part < to; part++) {
                multiplyValues(scores, part / slices, part % slices, scratch, thread * scratchLength);
            }
        });
    }

    /**
     * Scores, then probabilities, of some positions: {@code [head, row, column]} with the columns of whole pages. A
     * product takes the queries of one head, {@code step} apart; for a single position those of a whole group, whose
     * queries are then adjacent rows.
     */
    private record Scores(int row, int rows, int fromPage, int columns, float[] values, int heads, int queries,
            int step) {

        int at(int head, int page) {
            return head * rows * columns + page * PAGE;
        }
    }

    /** Computes the scores of one group's heads for a page, counted from the first visible page. */
    private void multiplyKeys(Scores s, int group, int page, float[] scratch, int scratchAt) {
        for (int part = 0; part < PAGE / KEY_SLICE; part++) {
            float[] keys = pages.keys(layer, s.fromPage + page, group, part, scratch, scratchAt);
            int keysAt = keys == scratch ? scratchAt : pages.keysAt(group, part);
            int column = part * KEY_SLICE;
            for (int head = 0; head < groupSize; head += s.heads) {
                math.gemmPart(s.queries, KEY_SLICE, d, q, at(group, s.row, head), s.step, 1, keys, keysAt, KEY_SLICE,
                        s.values, s.at(group * groupSize + head, page) + column, s.columns, false);
            }
        }
    }

    /** Computes a slice of the features of the results of one group's heads. */
    private void multiplyValues(Scores s, int group, int slice, float[] scratch, int scratchAt) {
        int end = length + s.row + s.rows;
        int features = pages.valueSlice();
        for (int page = 0; page < s.columns / PAGE; page++) {
            float[] values = pages.values(layer, s.fromPage + page, group, slice, scratch, scratchAt);
            int valuesAt = values == scratch ? scratchAt : pages.valuesAt(group, slice);
            int visible = Math.min(PAGE, end - (s.fromPage + page) * PAGE);
            for (int head = 0; head < groupSize; head += s.heads) {
                math.gemmPart(s.queries, features, visible, s.values, s.at(group * groupSize + head, page), s.columns,
                        1, values, valuesAt, features, y, at(group, s.row, head) + slice * features, s.step, page > 0);
            }
        }
    }

    private int at(int group, int row, int head) {
        return ((firstRow + row) * heads + group * groupSize + head) * d;
    }

    /** Turns the scores of the query at a position into probabilities; 0 where it doesn't see. */
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
