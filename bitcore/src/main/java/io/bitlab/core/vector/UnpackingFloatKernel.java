package io.bitlab.core.vector;

import io.bitlab.core.math.Fma;
import io.bitlab.core.memory.Workspace;
import io.bitlab.core.quant.FloatActivations;
import java.util.Arrays;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * A {@link FloatKernel} at 128 or 256 bits, which are too narrow for fast lookups of pair sums: for a batch, the
 * weights of a tile are unpacked to floats once for all rows, and multiplied.
 *
 * <p>A product with -1, 0 or 1 is exact, so {@code fma(w0, a0, w1*a1)} has the bits of {@code w0*a0 + w1*a1}. Without
 * hardware FMA, batches are computed row by row.
 */
abstract class UnpackingFloatKernel extends FloatKernel {

    private static final VectorSpecies<Float> F = FloatVector.SPECIES_PREFERRED;
    private static final int VL = F.length();
    private static final int SLOT_PAIRS = PairWeights.SLOT_PAIRS;

    /** Rows of a tile: with two vectors of outputs, 8 sums, 4 weights and 2 activations fit 16 registers. */
    private static final int TILE_ROWS = 4;
    /** Slots at a time: 64 pairs of four vectors are 8 KB at 128 bits and 16 KB at 256, half of a first-level cache. */
    private static final int SLOTS = 8;
    /** Rows at a time: their sums take 4 KB at 128 bits and 8 KB at 256. */
    private static final int MOST_ROWS = 64;

    /**
     * Creates a kernel for the vectors of this machine, see {@link FloatKernel}.
     *
     * @param pairCodes see {@link PairWeights}
     */
    UnpackingFloatKernel(String name, int priority, int tableLength, int[] pairCodes, double nanosPerWeight) {
        super(name, priority, VL, tableLength, pairCodes, nanosPerWeight);
    }

    /**
     * Converts one slot of a vector of rows to floats.
     *
     * @param codes the lanes, at {@code from}; not modified
     * @param panel overwritten: for each pair, {@code step} apart from {@code to} on, a vector of first weights and one
     *     of second weights
     */
    abstract void unpack(int[] codes, int from, float[] panel, int to, int step);

    @Override
    final boolean readsTables(int rows) {
        return unpackedRows(rows) == 0;
    }

    /** The number of first rows of a batch that are multiplied with unpacked weights; the others use tables. */
    static int unpackedRows(int rows) {
        return Fma.isHardware() ? rows - rows % TILE_ROWS : 0;
    }

    @Override
    final void computeRows(PairWeights w, PairSumTables x, float[] bias, float[] y, int fromOut, int toOut) {
        int unpacked = unpackedRows(x.rows());
        if (unpacked > 0) {
            computeUnpacked(w, x.activations(), unpacked, y, fromOut, toOut);
            addBias(bias, y, w.outFeatures(), 0, unpacked, fromOut, toOut);
        }
        computeByTables(w, x, unpacked, bias, y, fromOut, toOut);
    }

    /** Computes the first rows, without the bias. */
    private void computeUnpacked(PairWeights w, FloatActivations x, int rows, float[] y, int fromOut, int toOut) {
        float[] sums = Workspace.floats(Math.min(rows, MOST_ROWS) * TILE_VECTORS * VL);
        float[] panel = Workspace.floats(SLOTS * SLOT_PAIRS * 2 * TILE_VECTORS * VL);
        for (int o = fromOut; o < toOut; o += w.tileVectors(o) * VL) {
            for (int row = 0; row < rows; row += MOST_ROWS) {
                tile(w, o, x, row, Math.min(rows - row, MOST_ROWS), panel, sums, y);
            }
        }
    }

    /** Computes the results without the bias of some rows for the tile that begins at output {@code o}. */
    private void tile(PairWeights w, int o, FloatActivations x, int firstRow, int rows, float[] panel, float[] sums,
            float[] y) {
        int width = w.tileVectors(o) * VL;
        for (int block = 0; block < w.blocks(); block++) {
            Arrays.fill(sums, 0, rows * width, 0f);
            int codes = o * w.slots() + block * w.blockSlots() * width;
            int columns = Math.min(w.blockColumns(), x.columns() - block * w.blockColumns());
            for (int slot = 0; 2 * SLOT_PAIRS * slot < columns; slot += SLOTS) {
                int slots = Math.min(SLOTS, w.blockSlots() - slot);
                for (int i = 0; i < slots; i++) {
                    for (int v = 0; v < width; v += VL) {
                        unpack(w.codes(), codes + (slot + i) * width + v, panel,
                                i * SLOT_PAIRS * 2 * width + 2 * v, 2 * width);
                    }
                }
                int column = 2 * SLOT_PAIRS * slot;
                addPanel(panel, width, x, firstRow, rows, block * w.blockColumns() + column,
                        Math.min(columns - column, 2 * SLOT_PAIRS * slots), sums);
            }
            for (int row = 0; row < rows; row++) {
                weigh(w, block, o, width, sums, row * width, y, (firstRow + row) * w.outFeatures() + o);
            }
        }
    }

    /** Adds the products of the columns that a panel holds. */
    private static void addPanel(float[] panel, int width, FloatActivations x, int firstRow, int rows, int column,
            int columns, float[] sums) {
        float[] values = x.values();
        int stride = x.columns();
        float[] last = Workspace.floats(2 * TILE_ROWS); // a last odd column is paired with 0
        for (int row = 0; row < rows; row += TILE_ROWS) {
            int at = (firstRow + row) * stride + column;
            addRows(panel, 0, columns / 2, width, values, at, stride, sums, row * width);
            if (columns % 2 == 1) {
                for (int i = 0; i < TILE_ROWS; i++) {
                    last[2 * i] = values[at + i * stride + columns - 1];
                    last[2 * i + 1] = 0f;
                }
                addRows(panel, columns / 2 * 2 * width, 1, width, last, 0, 2, sums, row * width);
            }
        }
    }

    private static void addRows(float[] panel, int from, int pairs, int width, float[] x, int at, int stride,
            float[] sums, int to) {
        if (width == VL) {
            fourByOne(panel, from, pairs, x, at, stride, sums, to);
        } else {
            for (int v = 0; v < width; v += 2 * VL) {
                fourByTwo(panel, from + 2 * v, 2 * width, pairs, x, at, stride, sums, to + v, width);
            }
        }
    }

    /** Two vectors of outputs of four rows; one loop per method, see the tiles of {@link VectorGemm}. */
    private static void fourByTwo(float[] w, int from, int step, int pairs, float[] x, int at, int stride,
            float[] sums, int to, int width) {
        FloatVector s00 = FloatVector.fromArray(F, sums, to);
        FloatVector s01 = FloatVector.fromArray(F, sums, to + VL);
        FloatVector s10 = FloatVector.fromArray(F, sums, to + width);
        FloatVector s11 = FloatVector.fromArray(F, sums, to + width + VL);
        FloatVector s20 = FloatVector.fromArray(F, sums, to + 2 * width);
        FloatVector s21 = FloatVector.fromArray(F, sums, to + 2 * width + VL);
        FloatVector s30 = FloatVector.fromArray(F, sums, to + 3 * width);
        FloatVector s31 = FloatVector.fromArray(F, sums, to + 3 * width + VL);
        for (int p = 0, i = from, j = at; p < pairs; p++, i += step, j += 2) {
            FloatVector v0 = FloatVector.fromArray(F, w, i);
            FloatVector w0 = FloatVector.fromArray(F, w, i + VL);
            FloatVector v1 = FloatVector.fromArray(F, w, i + 2 * VL);
            FloatVector w1 = FloatVector.fromArray(F, w, i + 3 * VL);
            FloatVector a0 = FloatVector.broadcast(F, x[j]);
            FloatVector b0 = FloatVector.broadcast(F, x[j + 1]);
            s00 = s00.add(a0.fma(v0, b0.mul(w0)));
            s01 = s01.add(a0.fma(v1, b0.mul(w1)));
            FloatVector a1 = FloatVector.broadcast(F, x[j + stride]);
            FloatVector b1 = FloatVector.broadcast(F, x[j + stride + 1]);
            s10 = s10.add(a1.fma(v0, b1.mul(w0)));
            s11 = s11.add(a1.fma(v1, b1.mul(w1)));
            FloatVector a2 = FloatVector.broadcast(F, x[j + 2 * stride]);
            FloatVector b2 = FloatVector.broadcast(F, x[j + 2 * stride + 1]);
            s20 = s20.add(a2.fma(v0, b2.mul(w0)));
            s21 = s21.add(a2.fma(v1, b2.mul(w1)));
            FloatVector a3 = FloatVector.broadcast(F, x[j + 3 * stride]);
            FloatVector b3 = FloatVector.broadcast(F, x[j + 3 * stride + 1]);
            s30 = s30.add(a3.fma(v0, b3.mul(w0)));
            s31 = s31.add(a3.fma(v1, b3.mul(w1)));
        }
        s00.intoArray(sums, to);
        s01.intoArray(sums, to + VL);
        s10.intoArray(sums, to + width);
        s11.intoArray(sums, to + width + VL);
        s20.intoArray(sums, to + 2 * width);
        s21.intoArray(sums, to + 2 * width + VL);
        s30.intoArray(sums, to + 3 * width);
        s31.intoArray(sums, to + 3 * width + VL);
    }

    /** One vector of outputs of four rows. */
    private static void fourByOne(float[] w, int from, int pairs, float[] x, int at, int stride, float[] sums,
            int to) {
        FloatVector s0 = FloatVector.fromArray(F, sums, to);
        FloatVector s1 = FloatVector.fromArray(F, sums, to + VL);
        FloatVector s2 = FloatVector.fromArray(F, sums, to + 2 * VL);
        FloatVector s3 = FloatVector.fromArray(F, sums, to + 3 * VL);
        for (int p = 0, i = from, j = at; p < pairs; p++, i += 2 * VL, j += 2) {
            FloatVector v0 = FloatVector.fromArray(F, w, i);
            FloatVector w0 = FloatVector.fromArray(F, w, i + VL);
            FloatVector b0 = FloatVector.broadcast(F, x[j + 1]);
            s0 = s0.add(FloatVector.broadcast(F, x[j]).fma(v0, b0.mul(w0)));
            FloatVector b1 = FloatVector.broadcast(F, x[j + stride + 1]);
            s1 = s1.add(FloatVector.broadcast(F, x[j + stride]).fma(v0, b1.mul(w0)));
            FloatVector b2 = FloatVector.broadcast(F, x[j + 2 * stride + 1]);
            s2 = s2.add(FloatVector.broadcast(F, x[j + 2 * stride]).fma(v0, b2.mul(w0)));
            FloatVector b3 = FloatVector.broadcast(F, x[j + 3 * stride + 1]);
            s3 = s3.add(FloatVector.broadcast(F, x[j + 3 * stride]).fma(v0, b3.mul(w0)));
        }
        s0.intoArray(sums, to);
        s1.intoArray(sums, to + VL);
        s2.intoArray(sums, to + 2 * VL);
        s3.intoArray(sums, to + 3 * VL);
    }
}
