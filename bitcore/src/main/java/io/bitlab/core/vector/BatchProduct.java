package io.bitlab.core.vector;

import io.bitlab.core.memory.Workspace;
import java.util.Arrays;

/**
 * The product of some bands of weights with a batch of int8 activations, by tables of sums in memory: what the kernels
 * do for batches in vectors of 128 and 256 bits, where no instruction looks up sums of 16 bits. For the tables see
 * {@link BatchTables}.
 *
 * <p>It goes through the columns 32 at a time. The weights of these columns become positions in tables; then the
 * tables of one tile of activations after another are made, and all these weight rows add up their entries. Sums stay
 * in 16 bits until the magnitudes of the activations say that they could overflow. They are then transposed, since the
 * results of a row of activations are adjacent, and added to the results.
 */
final class BatchProduct {

    /** With fewer rows of activations, tables are made for too little. */
    static final int LEAST_ROWS = 10;

    /** How a kernel packs its weights. */
    interface QuartetCodes {

        /**
         * The positions of a slot of some rows of weights.
         *
         * @param vectors vectors of rows
         * @param w packed weights
         * @param at index of the slot
         * @param distance between the two streams of the slot, where it has two
         * @param positions {@code [quartet, MOST_ROWS]}: those of the slot's quartets are filled
         * @param quartet the slot's first quartet
         * @param row the first of these rows, among those that share tables
         */
        void positions(int vectors, short[] w, int at, int distance, short[] positions, int quartet, int row);

        /** The index, among the positions of a vector, of those of a row. */
        int place(int row);
    }

    private static final int TILE_ROWS = TransposedActivations.TILE_ROWS;

    /** The most tiles that share positions; a second-level cache holds their sums, 164 KB at most. */
    private static final int TILES = 4;

    /** Weight rows whose sums are transposed at a time. */
    private static final int TRANSPOSED_ROWS = 64;

    private final StripedWeights w;
    private final QuartetCodes codes;
    private final TransposedActivations x;
    private final float[] y;
    private final int from;
    private final int count;
    private final int rows; // with those that fill up the last vector
    private final int quartets; // of a slot

    private final short[] tables = Workspace.shorts(BatchTables.SIZE);
    private final short[] positions;
    private final short[] sums;
    private final short[] magnitudes = Workspace.shorts(TILES * TILE_ROWS);
    private final int[] place = new int[TRANSPOSED_ROWS]; // of a weight row among the sums
    private final float[] resultRow = Workspace.floats(TRANSPOSED_ROWS); // sums that are transposed
    private final float[] results; // the sums of a block of scales: y, or [row of activations][weight row]

    /**
     * Prepares the product.
     *
     * @param y results; those of the activations' rows are overwritten
     * @param from the first weight row: the first of a vector
     * @param to after the last
     */
    BatchProduct(StripedWeights w, QuartetCodes codes, TransposedActivations x, float[] y, int from, int to) {
        this.w = w;
        this.codes = codes;
        this.x = x;
        this.y = y;
        this.from = from;
        count = to - from;
        rows = Math.ceilDiv(count, w.rowsOfVector()) * w.rowsOfVector();
        quartets = w.slotColumns() / BatchTables.QUARTET_COLUMNS;
        int tiles = Math.min(TILES, x.tiles());
        positions = Workspace.shorts(BatchTables.QUARTETS * BatchTables.MOST_ROWS);
        sums = Workspace.shorts(tiles * TILE_ROWS * rows);
        results = w.blocks() == 1 ? y : Workspace.floats(tiles * TILE_ROWS * count);
        for (int i = 0; i < TRANSPOSED_ROWS; i++) {
            int inVector = i % w.rowsOfVector();
            place[i] = (i - inVector + codes.place(inVector)) * TILE_ROWS;
        }
    }

    /** Leaves the sums in {@code y}; if there are several blocks, times their weight scales. To be called once. */
    void compute() {
        Arrays.fill(sums, (short) 0);
        Arrays.fill(magnitudes, (short) 0);
        for (int tile = 0; tile < x.tiles(); tile += TILES) {
            for (int block = 0; block < w.blocks(); block++) {
                addBlock(block, tile, Math.min(x.tiles(), tile + TILES));
            }
        }
        Workspace.giveBack(sums); // which a workspace would otherwise keep for each product until its reset
        Workspace.giveBack(positions);
        Workspace.giveBack(tables);
        Workspace.giveBack(magnitudes);
        Workspace.giveBack(resultRow);
        if (w.blocks() > 1) {
            Workspace.giveBack(results);
        }
    }

    private void addBlock(int block, int firstTile, int endTile) {
        int firstRow = firstTile * TILE_ROWS;
        int endRow = Math.min(x.heldRows(), endTile * TILE_ROWS);
        for (int row = firstRow; row < endRow; row++) {
            int at = sumsAt(row, firstRow);
            Arrays.fill(results, at, at + count, 0);
        }
        int slots = BatchTables.QUARTETS / quartets;
        for (int stripe = w.firstStripe(block); stripe < w.firstStripe(block + 1); stripe++) {
            for (int slot = 0; slot < w.slots(stripe); slot += slots) {
                findPositions(stripe, slot, Math.min(slots, w.slots(stripe) - slot));
                int column = (w.firstGroup(stripe) + slot) * w.slotColumns();
                for (int tile = firstTile; tile < endTile; tile++) {
                    addTile(tile, firstTile, column);
                }
            }
        }
        for (int tile = firstTile; tile < endTile; tile++) {
            flush(tile, firstTile);
        }
        if (w.blocks() > 1) {
            weigh(block, firstRow, endRow);
        }
    }

    private void findPositions(int stripe, int slot, int slots) {
        for (int quartet = slots * quartets; quartet < BatchTables.QUARTETS; quartet++) {
            BatchTables.ofNothing(positions, quartet);
        }
        int adjacent;
        for (int o = 0; o < rows; o += adjacent) {
            adjacent = Math.min(w.adjacentRows(from + o), rows - o);
            int step = w.step(from + o);
            int distance = w.distance(stripe, from + o);
            int at = w.position(stripe, from + o) + slot * step;
            int vectors = adjacent / w.rowsOfVector();
            for (int i = 0; i < slots; i++, at += step) {
                codes.positions(vectors, w.packed(), at, distance, positions, i * quartets, o);
            }
        }
    }

    private void addTile(int tile, int firstTile, int column) {
        int first = (tile - firstTile) * TILE_ROWS;
        BatchTables.fill(x.transposed(), x.at(tile, column), tables, magnitudes, first);
        BatchTables.add(tables, positions, rows, sums, first * rows);
        for (int i = first; i < first + TILE_ROWS; i++) {
            if (magnitudes[i] > BatchTables.LARGEST_BEFORE) {
                flush(tile, firstTile);
                return;
            }
        }
    }

    /** Adds the sums of a tile to the results, and sets them to 0. */
    private void flush(int tile, int firstTile) {
        int first = (tile - firstTile) * TILE_ROWS;
        int tileRows = Math.min(TILE_ROWS, x.heldRows() - tile * TILE_ROWS);
        for (int o = 0; o < count; o += TRANSPOSED_ROWS) {
            int some = Math.min(TRANSPOSED_ROWS, count - o);
            for (int r = 0; r < tileRows; r++) {
                int at = first * rows + o * TILE_ROWS + r;
                for (int i = 0; i < some; i++) {
                    resultRow[i] = sums[at + place[i]];
                }
                BatchTables.addTo(results, sumsAt(tile * TILE_ROWS + r, firstTile * TILE_ROWS) + o, resultRow,
                        some);
            }
        }
        Arrays.fill(sums, first * rows, (first + TILE_ROWS) * rows, (short) 0);
        Arrays.fill(magnitudes, first, first + TILE_ROWS, (short) 0);
    }

    private void weigh(int block, int firstRow, int endRow) {
        for (int row = firstRow; row < endRow; row++) {
            int at = resultsAt(row);
            if (block == 0) {
                ScaleAndBias.weigh(results, sumsAt(row, firstRow), w.laneScales(), from, y, at, count);
            } else {
                ScaleAndBias.addWeighed(results, sumsAt(row, firstRow), w.laneScales(),
                        block * w.outFeatures() + from, y, at, count);
            }
        }
    }

    private int resultsAt(int row) {
        return (x.firstRow() + row) * w.outFeatures() + from;
    }

    private int sumsAt(int row, int firstRow) {
        return w.blocks() == 1 ? resultsAt(row) : (row - firstRow) * count;
    }
}
