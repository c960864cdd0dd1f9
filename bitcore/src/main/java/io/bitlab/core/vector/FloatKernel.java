package io.bitlab.core.vector;

import io.bitlab.core.ActivationDtype;
import io.bitlab.core.BitQuantConfig;
import io.bitlab.core.kernel.PackedWeights;
import io.bitlab.core.kernel.PreparedActivations;
import io.bitlab.core.kernel.TernaryKernel;
import io.bitlab.core.memory.Workspace;
import io.bitlab.core.quant.Activations;
import io.bitlab.core.quant.FloatActivations;
import io.bitlab.core.quant.TernaryMatrix;
import java.util.Optional;

/**
 * A kernel for float activations at one vector width. Subclasses define how a pair of weights is encoded and how the
 * sums of a tile are formed.
 *
 * <p>Each lane is an output feature and adds its pair sums {@code w0*a0 + w1*a1} in column order, so every width gives
 * the bits that {@link TernaryKernel} defines. A sum begins at +0 and can't become -0 (in round-to-nearest only -0 + -0
 * is -0), so the sign of a zero pair sum makes no difference: a width may negate a pair sum where the scalar kernel
 * adds negated terms.
 */
abstract class FloatKernel implements TernaryKernel {

    /** Activation rows that share the unpacking of weights. */
    static final int TOKENS = 4;

    static final int TILE_VECTORS = PairWeights.TILE_VECTORS;

    /** At most 1 MB of tables is prepared: more would have to be read from slower memory, and could be gigabytes. */
    private static final long MOST_TABLE_INTS = 1 << 18;

    private final String name;
    private final int priority;
    private final int lanes;
    private final int tableLength;
    private final int[] pairCodes;
    private final double nanosPerWeight;

    /**
     * Creates a kernel.
     *
     * @param lanes rows in a vector
     * @param tableLength ints of the table of a pair of columns
     * @param pairCodes see {@link PairWeights}
     */
    FloatKernel(String name, int priority, int lanes, int tableLength, int[] pairCodes, double nanosPerWeight) {
        this.name = name;
        this.priority = priority;
        this.lanes = lanes;
        this.tableLength = tableLength;
        this.pairCodes = pairCodes;
        this.nanosPerWeight = nanosPerWeight;
    }

    // ---------------------------------------------------------------- what a width defines

    /**
     * Makes the tables of adjacent pairs of activations.
     *
     * @param x {@code 2 * pairs} values, from {@code from} on; not modified
     * @param tables receives {@code pairs * tableLength} values, from {@code to} on
     */
    abstract void tables(float[] x, int from, int pairs, int[] tables, int to);

    /**
     * Sums over whole slots for a tile of four vectors and one row of activations.
     *
     * @param codes the lanes, from {@code from} on; not modified
     * @param slots number of slots
     * @param tables tables of the row, from {@code table} on; not modified
     * @param sums receives the sums
     */
    abstract void sumTile(int[] codes, int from, int slots, int[] tables, int table, float[] sums);

    /** As {@link #sumTile}, for a tile of one vector. */
    abstract void sumVector(int[] codes, int from, int slots, int[] tables, int table, float[] sums);

    /**
     * Sums over whole slots for two of the four vectors of a tile and {@value #TOKENS} rows of activations, if that is
     * faster at this width.
     *
     * @param codes the lanes, from {@code from} on; not modified
     * @param slots number of slots
     * @param tables tables of the rows, from {@code table} on, {@code stride} apart; not modified
     * @param sums receives the sums of vector v and row t at {@code to + (t * TILE_VECTORS + v) * lanes}
     * @return false if this width does it row by row, and nothing was done
     */
    boolean sumTokens(int[] codes, int from, int slots, int[] tables, int table, int stride, float[] sums, int to) {
        return false;
    }

    /**
     * Adds the first pairs of a slot for one vector of rows.
     *
     * @param codes the lanes, at {@code from}; not modified
     * @param pairs number of pairs, at least 1
     * @param tables tables of the pairs, from {@code table} on; not modified
     * @param sums increased: one vector at {@code to}
     */
    abstract void addPairs(int[] codes, int from, int pairs, int[] tables, int table, float[] sums, int to);

    /** Whether all of so many rows are multiplied with tables, which are then prepared once for all layers. */
    boolean readsTables(int rows) {
        return true;
    }

    /** Computes all rows of a batch. A width that multiplies some rows faster without tables overrides this. */
    void computeRows(PairWeights w, PairSumTables x, float[] bias, float[] y, int fromOut, int toOut) {
        computeByTables(w, x, 0, bias, y, fromOut, toOut);
    }

    // ---------------------------------------------------------------- the kernel

    @Override
    public final String name() {
        return name;
    }

    @Override
    public final boolean isVectorized() {
        return true;
    }

    @Override
    public final int priority() {
        return priority;
    }

    @Override
    public final Optional<String> refusal(BitQuantConfig config, int out, int in) {
        return config.activationDtype() == ActivationDtype.FLOAT32
                ? Optional.empty()
                : Optional.of("reads float32 activations only: configure them with ActivationDtype.FLOAT32");
    }

    @Override
    public final int rowAlignment() {
        return TILE_VECTORS * lanes;
    }

    @Override
    public final double nanosPerWeight() {
        return nanosPerWeight;
    }

    @Override
    public final PackedWeights pack(TernaryMatrix weights) {
        return new PairWeights(this, weights, lanes, pairCodes);
    }

    @Override
    public final PreparedActivations prepare(Activations activations) {
        if (!(activations instanceof FloatActivations x)) {
            throw new IllegalArgumentException(
                    "Kernel '" + name + "' reads float32 activations, got " + activations + "; don't quantise them");
        }
        long length = (long) x.rows() * rowTables(x.columns(), x.columns());
        if (!readsTables(x.rows()) || length > MOST_TABLE_INTS) {
            return new PairSumTables(this, x, null);
        }
        int[] tables = Workspace.ints((int) length);
        tables(x, 0, x.rows(), x.columns(), tables);
        return new PairSumTables(this, x, tables);
    }

    /**
     * Makes the tables of some rows of activations, {@code [rows, blocks, pairs of a block, tableLength]}. With one
     * block, or blocks of an even width, this is {@code [rows, pairs, tableLength]} for any width of the blocks.
     */
    private void tables(FloatActivations x, int firstRow, int rows, int blockColumns, int[] tables) {
        int columns = x.columns();
        float[] last = Workspace.floats(2);
        int to = 0;
        for (int row = firstRow; row < firstRow + rows; row++) {
            for (int from = 0; from < columns; from += blockColumns) {
                int count = Math.min(blockColumns, columns - from);
                tables(x.values(), row * columns + from, count / 2, tables, to);
                to += count / 2 * tableLength;
                if (count % 2 == 1) { // paired with 0
                    last[0] = x.values()[row * columns + from + count - 1];
                    last[1] = 0;
                    tables(last, 0, 1, tables, to);
                    to += tableLength;
                }
            }
        }
    }

    /** Ints of the tables of one row of activations. */
    private int rowTables(int columns, int blockColumns) {
        int pairs = columns / blockColumns * Math.ceilDiv(blockColumns, 2)
                + Math.ceilDiv(columns % blockColumns, 2);
        return pairs * tableLength;
    }

    @Override
    public final void compute(
            PackedWeights weights, PreparedActivations activations, float[] bias, float[] y, int fromOut, int toOut) {
        computeRows((PairWeights) weights, (PairSumTables) activations, bias, y, fromOut, toOut);
    }

    /** Computes the rows from {@code firstRow} on. */
    final void computeByTables(
            PairWeights w, PairSumTables x, int firstRow, float[] bias, float[] y, int fromOut, int toOut) {
        boolean pairsFit = w.blocks() == 1 || w.blockColumns() % 2 == 0;
        boolean ready = x.tables() != null && pairsFit;
        int stride = rowTables(x.columns(), w.blockColumns());
        int[] tables = ready ? x.tables() : Workspace.ints(Math.min(TOKENS, x.rows()) * stride);
        float[] sums = Workspace.floats(TOKENS * TILE_VECTORS * lanes);
        for (int row = firstRow; row < x.rows(); row += TOKENS) {
            int rows = Math.min(TOKENS, x.rows() - row);
            if (!ready) {
                tables(x.activations(), row, rows, w.blockColumns(), tables);
            }
            for (int o = fromOut; o < toOut; o += w.tileVectors(o) * lanes) {
                tile(w, o, tables, ready ? row * stride : 0, stride, row, rows, sums, y);
            }
            addBias(bias, y, w.outFeatures(), row, row + rows, fromOut, toOut);
        }
    }

    /** Computes the results without the bias of the tile that begins at output {@code o}. */
    private void tile(PairWeights w, int o, int[] tables, int table, int stride, int firstRow, int rows, float[] sums,
            float[] y) {
        int width = w.tileVectors(o) * lanes;
        int at = table;
        for (int block = 0; block < w.blocks(); block++) {
            int from = o * w.slots() + block * w.blockSlots() * width;
            int slots = w.pairs(block) / PairWeights.SLOT_PAIRS;
            boolean together = rows == TOKENS && width > lanes
                    && sumTokens(w.codes(), from, slots, tables, at, stride, sums, 0)
                    && sumTokens(w.codes(), from + 2 * lanes, slots, tables, at, stride, sums, 2 * lanes);
            for (int row = 0; row < rows; row++) {
                int to = together ? row * width : 0;
                if (!together) {
                    sumRow(w, block, from, width, tables, at + row * stride, sums);
                }
                addRest(w, block, from, width, tables, at + row * stride, sums, to);
                weigh(w, block, o, width, sums, to, y, (firstRow + row) * w.outFeatures() + o);
            }
            at += w.pairs(block) * tableLength;
        }
    }

    /** The sums over the whole slots of a block for one row of activations. */
    private void sumRow(PairWeights w, int block, int from, int width, int[] tables, int table, float[] sums) {
        int slots = w.pairs(block) / PairWeights.SLOT_PAIRS;
        if (width > lanes) {
            sumTile(w.codes(), from, slots, tables, table, sums);
        } else {
            sumVector(w.codes(), from, slots, tables, table, sums);
        }
    }

    /** Adds the pairs of a block after its last whole slot. */
    private void addRest(
            PairWeights w, int block, int from, int width, int[] tables, int table, float[] sums, int to) {
        int slots = w.pairs(block) / PairWeights.SLOT_PAIRS;
        int rest = w.pairs(block) % PairWeights.SLOT_PAIRS;
        for (int v = 0; rest > 0 && v < width; v += lanes) {
            addPairs(w.codes(), from + slots * width + v, rest, tables,
                    table + slots * PairWeights.SLOT_PAIRS * tableLength, sums, to + v);
        }
    }

    /** Adds the sums of a block times their scales to the results; the first block overwrites them. */
    static void weigh(
            PairWeights w, int block, int o, int width, float[] sums, int from, float[] y, int to) {
        int count = Math.min(width, w.outFeatures() - o);
        int scale = block * w.outFeatures() + o;
        if (block == 0) {
            ScaleAndBias.weigh(sums, from, w.laneScales(), scale, y, to, count);
        } else {
            ScaleAndBias.addWeighed(sums, from, w.laneScales(), scale, y, to, count);
        }
    }

    static void addBias(float[] bias, float[] y, int out, int fromRow, int toRow, int fromOut, int toOut) {
        for (int row = fromRow; row < toRow; row++) {
            int at = row * out;
            if (bias == null) {
                for (int o = fromOut; o < toOut; o++) {
                    y[at + o] += 0f; // turns -0 into +0, as a bias of zero would
                }
            } else {
                for (int o = fromOut; o < toOut; o++) {
                    y[at + o] += bias[o];
                }
            }
        }
    }
}
