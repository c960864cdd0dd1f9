package io.bitlab.core.vector;

import io.bitlab.core.memory.Workspace;
import io.bitlab.core.parallel.Parallel;
import java.util.Arrays;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * The float matrix product {@code C = A·B} in the widest vectors of this machine.
 *
 * <p>B is copied into panels, two vectors wide and k rows high, so that the inner loop reads one stream. A tile of six
 * rows of C times one panel stays in twelve registers throughout the loop over k; each of its elements is one chain of
 * multiply-adds over k, ascending, whatever the tile, the panel or the thread that computes it.
 */
final class VectorGemm {

    private static final VectorSpecies<Float> F = FloatVector.SPECIES_PREFERRED;
    private static final int VL = F.length();
    private static final int PANEL = 2 * VL;
    /** Rows of C in a tile: 12 accumulators, 2 vectors of B and 1 of A fit 16 registers. */
    private static final int TILE = 6;
    /** Columns of A at a time: this much of a panel leaves room in the first-level cache (24 of 32 KB at 512 bits). */
    private static final int DEPTH = 192;
    /** Rows of A at a time: with DEPTH, a block that stays in the second-level cache. */
    private static final int ROWS = 16 * TILE;
    /** Below this many rows, copying B costs more than reading it in place. */
    private static final int ROWS_WORTH_PACKING = 2 * TILE;
    /** Below this many rows, copying a few columns into whole vectors costs more than computing them one by one. */
    private static final int ROWS_WORTH_WIDENING = 4;
    private static final double MULTIPLY_ADDS_PER_NANO = 40;

    private final int n;
    private final int k;
    private final Operand a;
    private final Operand b;
    private final float[] c;
    private final int cOffset;
    /** Number of panels that are read from B itself. */
    private final int inPlace;
    private final float[] packed;
    /** The last panel's columns of C if C is too narrow for whole vectors there; otherwise null. */
    private final float[] edge;

    private VectorGemm(int n, int k, Operand a, Operand b, float[] c, int cOffset, int inPlace, float[] packed,
            float[] edge) {
        this.n = n;
        this.k = k;
        this.a = a;
        this.b = b;
        this.c = c;
        this.cOffset = cOffset;
        this.inPlace = inPlace;
        this.packed = packed;
        this.edge = edge;
    }

    /** A matrix in an array: element (i, j) is at {@code offset + i * row + j * column}. */
    record Operand(float[] values, int offset, int row, int column) {
    }

    /** {@code C[m,n] = A[m,k]·B[k,n]}, or added to C; C is dense from {@code cOffset}. */
    static void multiply(int m, int n, int k, Operand a, Operand b, float[] c, int cOffset, boolean accumulate) {
        if (!accumulate) {
            Arrays.fill(c, cOffset, cOffset + m * n, 0f);
        }
        int panels = Math.ceilDiv(n, PANEL);
        // A panel that is read in place must be whole and dense; the others are packed.
        int inPlace = b.column == 1 && m < ROWS_WORTH_PACKING ? n / PANEL : 0;
        float[] packed = Workspace.floats(Math.multiplyExact(panels - inPlace, Math.multiplyExact(k, PANEL)));
        float[] edge = panels * PANEL == n ? null : Workspace.floats(Math.multiplyExact(m, PANEL));
        VectorGemm product = new VectorGemm(n, k, a, b, c, cOffset, inPlace, packed, edge);
        long nanos = (long) ((double) m * n * k / MULTIPLY_ADDS_PER_NANO);
        Parallel parallel = Parallel.current();
        if (panels >= parallel.threads() || m < 2 * TILE) {
            parallel.forRange(panels, 1, nanos, (from, to) -> {
                product.pack(from, to);
                product.compute(from, to, 0, m);
            });
        } else {
            product.pack(0, panels);
            parallel.forRange(m, TILE, nanos, (from, to) -> product.compute(0, panels, from, to));
        }
        Workspace.giveBack(packed);
        if (edge != null) {
            Workspace.giveBack(edge);
        }
    }

    /** {@link io.bitlab.core.math.FloatMath#gemmPart}: B is read in place. */
    static void multiplyPart(int m, int n, int k, float[] a, int aAt, int aRow, int aStep, float[] b, int bAt, int bRow,
            float[] c, int cAt, int cRow, boolean accumulate) {
        if (!accumulate) {
            for (int i = 0; i < m; i++) {
                Arrays.fill(c, cAt + i * cRow, cAt + i * cRow + n, 0f);
            }
        }
        int whole = n - n % PANEL;
        int sixes = m % TILE == 2 || m % TILE == 3 ? m / TILE - 1 : m / TILE; // 8 are two fours rather than 6 and 2
        for (int j = 0; j < whole; j += PANEL) {
            int i = 0;
            for (; GemmTile12.FITS && i + 2 * TILE <= m; i += 2 * TILE) {
                GemmTile12.tile12(a, aAt + i * aRow, aRow, aStep, b, bAt + j, bRow, k, c, cAt + i * cRow + j, cRow);
            }
            for (; i < sixes * TILE; i += TILE) {
                GemmTiles.tile6(a, aAt + i * aRow, aRow, aStep, b, bAt + j, bRow, k, c, cAt + i * cRow + j, cRow);
            }
            for (; i + 4 <= m; i += 4) {
                GemmTiles.tile4(a, aAt + i * aRow, aRow, aStep, b, bAt + j, bRow, k, c, cAt + i * cRow + j, cRow);
            }
            for (; i + 2 <= m; i += 2) {
                GemmTiles.tile2(a, aAt + i * aRow, aRow, aStep, b, bAt + j, bRow, k, c, cAt + i * cRow + j, cRow);
            }
            if (i < m) {
                GemmTiles.tile1(a, aAt + i * aRow, aStep, b, bAt + j, bRow, k, c, cAt + i * cRow + j);
            }
        }
        int next = whole;
        if (next + VL <= n) {
            half(m, k, a, aAt, aRow, aStep, b, bAt + next, bRow, c, cAt + next, cRow);
            next += VL;
        }
        int rest = n - next;
        if (rest > 0 && m >= ROWS_WORTH_WIDENING && !accumulate && n >= VL) {
            int last = n - VL; // some columns before the rest are computed once more, from 0, with the same bits
            for (int i = 0; i < m; i++) {
                Arrays.fill(c, cAt + i * cRow + last, cAt + i * cRow + next, 0f);
            }
            half(m, k, a, aAt, aRow, aStep, b, bAt + last, bRow, c, cAt + last, cRow);
        } else if (rest > 0 && m >= ROWS_WORTH_WIDENING) {
            float[] bEdge = new float[k * VL];
            float[] cEdge = new float[m * VL];
            copyColumns(b, bAt + next, bRow, bEdge, 0, VL, 0, k, rest);
            copyColumns(c, cAt + next, cRow, cEdge, 0, VL, 0, m, rest);
            half(m, k, a, aAt, aRow, aStep, bEdge, 0, VL, cEdge, 0, VL);
            copyColumns(cEdge, 0, VL, c, cAt + next, cRow, 0, m, rest);
        } else {
            for (int i = 0; rest > 0 && i < m; i++) {
                ragged(a, aAt + i * aRow, aStep, b, bAt + next, bRow, k, c, cAt + i * cRow + next, rest);
            }
        }
    }

    /** As many columns of C as a vector has. */
    private static void half(int m, int k, float[] a, int aAt, int aRow, int aStep, float[] b, int bAt, int bRow,
            float[] c, int cAt, int cRow) {
        int i = 0;
        for (; i + 8 <= m; i += 8) {
            GemmTiles.narrow8(a, aAt + i * aRow, aRow, aStep, b, bAt, bRow, k, c, cAt + i * cRow, cRow);
        }
        for (; i < m; i++) {
            GemmTiles.narrow1(a, aAt + i * aRow, aStep, b, bAt, bRow, k, c, cAt + i * cRow);
        }
    }

    /** One row of C, fewer columns than a vector. */
    private static void ragged(float[] a, int aAt, int aStep, float[] b, int bAt, int bRow, int k, float[] c, int cAt,
            int columns) {
        for (int j = 0; j < columns; j++) {
            float sum = c[cAt + j];
            for (int l = 0; l < k; l++) {
                sum = Math.fma(a[aAt + l * aStep], b[bAt + j + l * bRow], sum);
            }
            c[cAt + j] = sum;
        }
    }

    private void pack(int fromPanel, int toPanel) {
        for (int p = Math.max(fromPanel, inPlace); p < toPanel; p++) {
            pack(b, k, n, p, packed, (p - inPlace) * k * PANEL);
        }
    }

    /**
     * Computes some panels' columns of some rows of C: each block of A stays in the second-level cache for all panels.
     */
    private void compute(int fromPanel, int toPanel, int fromRow, int toRow) {
        boolean ragged = toPanel * PANEL > n;
        int edgeColumn = cOffset + (toPanel - 1) * PANEL;
        if (ragged) {
            copyColumns(c, edgeColumn, n, edge, 0, PANEL, fromRow, toRow, n % PANEL);
        }
        for (int l = 0; l < k; l += DEPTH) {
            for (int i = fromRow; i < toRow; i += ROWS) {
                for (int p = fromPanel; p < toPanel; p++) {
                    boolean whole = (p + 1) * PANEL <= n;
                    tiles(p, l, i, Math.min(i + ROWS, toRow), whole ? c : edge, whole ? cOffset + p * PANEL : 0,
                            whole ? n : PANEL);
                }
            }
        }
        if (ragged) {
            copyColumns(edge, 0, PANEL, c, edgeColumn, n, fromRow, toRow, n % PANEL);
        }
    }

    private void tiles(int p, int l, int from, int to, float[] target, int targetAt, int targetRow) {
        boolean here = p < inPlace;
        float[] bValues = here ? b.values : packed;
        int bStep = here ? b.row : PANEL;
        int bAt = (here ? b.offset + p * PANEL : (p - inPlace) * k * PANEL) + l * bStep;
        int depth = Math.min(DEPTH, k - l);
        int aAt = a.offset + l * a.column;
        int i = from;
        for (; GemmTile12.FITS && i + 2 * TILE <= to; i += 2 * TILE) {
            GemmTile12.tile12(a.values, aAt + i * a.row, a.row, a.column, bValues, bAt, bStep, depth, target,
                    targetAt + i * targetRow, targetRow);
        }
        for (; i + TILE <= to; i += TILE) {
            GemmTiles.tile6(a.values, aAt + i * a.row, a.row, a.column, bValues, bAt, bStep, depth, target,
                    targetAt + i * targetRow, targetRow);
        }
        for (; i + 2 <= to; i += 2) {
            GemmTiles.tile2(a.values, aAt + i * a.row, a.row, a.column, bValues, bAt, bStep, depth, target,
                    targetAt + i * targetRow, targetRow);
        }
        if (i < to) {
            GemmTiles.tile1(a.values, aAt + i * a.row, a.column, bValues, bAt, bStep, depth, target,
                    targetAt + i * targetRow);
        }
    }

    /** Copies one panel of B; columns after the last become 0. */
    private static void pack(Operand b, int k, int n, int p, float[] packed, int at) {
        int j0 = p * PANEL;
        int columns = Math.min(PANEL, n - j0);
        int from = b.offset + j0 * b.column;
        if (b.column == 1) {
            for (int l = 0; l < k; l++) {
                System.arraycopy(b.values, from + l * b.row, packed, at + l * PANEL, columns);
                Arrays.fill(packed, at + l * PANEL + columns, at + (l + 1) * PANEL, 0f);
            }
            return;
        }
        if (columns < PANEL) {
            Arrays.fill(packed, at, at + k * PANEL, 0f);
        }
        // B is transposed, so its columns are dense. A few rows at a time keep the panel's lines in the cache.
        for (int l0 = 0; l0 < k; l0 += VL) {
            int l1 = Math.min(k, l0 + VL);
            for (int j = 0; j < columns; j++) {
                int column = from + j * b.column;
                for (int l = l0; l < l1; l++) {
                    packed[at + l * PANEL + j] = b.values[column + l * b.row];
                }
            }
        }
    }

    private static void copyColumns(float[] source, int sourceAt, int sourceRow, float[] target, int targetAt,
            int targetRow,
            int from, int to, int columns) {
        for (int i = from; i < to; i++) {
            System.arraycopy(source, sourceAt + i * sourceRow, target, targetAt + i * targetRow, columns);
        }
    }
}
