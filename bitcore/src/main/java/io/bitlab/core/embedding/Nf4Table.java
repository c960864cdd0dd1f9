package io.bitlab.core.embedding;

import io.bitlab.core.math.Fma;
import io.bitlab.core.memory.Workspace;
import io.bitlab.core.parallel.Parallel;
import java.util.Arrays;

/**
 * The codes and scales of a {@link EmbeddingTable} of NF4, and the product with them.
 *
 * <p>A product is a sum of lookups. For each activation there is a table of its 16 products with the levels, as whole
 * numbers of 16 bits: in units of such a size that the sum over the {@value EmbeddingLoops#GROUP} columns that share a
 * scale can't overflow. So one permutation multiplies 32 rows. The unit is the sum of the group's absolute activations,
 * divided by {@value #MOST}: the error of these roundings is a thousandth of a group's typical sum, where that of NF4
 * itself is a tenth.
 *
 * <p>Rows stand in bands of {@value #BAND_ROWS}; of these, group of columns after group, and of a group block after
 * block of {@value EmbeddingLoops#ROWS} rows: {@code [band][group][block][4 columns][row]}. So the tables of a group, 4
 * KB, are made once for a band, and each thread reads codes and scales in one stream.
 */
final class Nf4Table {

    /** Quantiles of the normal distribution, 0 among them (Dettmers et al., QLoRA, appendix E). */
    private static final float[] LEVELS = {-1.0f, -0.6961928009986877f, -0.5250730514526367f, -0.39491748809814453f,
        -0.28444138169288635f, -0.18477343022823334f, -0.09105003625154495f, 0.0f, 0.07958029955625534f,
        0.16093020141124725f, 0.24611230194568634f, 0.33791524171829224f, 0.44070982933044434f, 0.5626170039176941f,
        0.7229568362236023f, 1.0f};

    /** Parts of [-1, 1] in a unit: narrower than half the distance of any two levels. */
    private static final int CELLS = 128;

    /** The highest level, of all but the last, that is not above a cell's lower bound. */
    private static final byte[] LOWER_LEVEL = new byte[2 * CELLS + 1];

    static {
        for (int cell = 1; cell < LOWER_LEVEL.length; cell++) {
            int level = LOWER_LEVEL[cell - 1];
            boolean higher = level + 2 < LEVELS.length && LEVELS[level + 1] <= (float) cell / CELLS - 1;
            LOWER_LEVEL[cell] = (byte) (higher ? level + 1 : level);
        }
    }

    private static final int BLOCK = EmbeddingLoops.ROWS;
    private static final int BAND_ROWS = 8 * BLOCK;
    private static final int GROUP = EmbeddingLoops.GROUP;
    private static final int IN_SHORT = EmbeddingLoops.IN_SHORT;

    /** A sum of products in units: 64 roundings of a half fit between this and the highest number of 16 bits. */
    private static final float MOST = 32_700;
    private static final double VALUES_PER_NANO = 50;

    private final EmbeddingLoops loops;
    private final int rows;
    private final int columns;
    private final short[] codes; // [band][group][block][4 columns][BLOCK]
    private final float[] scales; // [band][group][row]

    Nf4Table(EmbeddingLoops loops, int rows, int columns) {
        this.loops = loops;
        this.rows = rows;
        this.columns = columns;
        codes = new short[Math.multiplyExact(paddedRows(), shorts(columns))];
        scales = new float[Math.multiplyExact(paddedRows(), groups())];
    }

    int groups() {
        return Math.ceilDiv(columns, GROUP);
    }

    long bytes() {
        return (long) codes.length * Short.BYTES + (long) scales.length * Float.BYTES;
    }

    private int paddedRows() {
        return Math.ceilDiv(rows, BLOCK) * BLOCK;
    }

    private int bandRows(int band) {
        return Math.min(BAND_ROWS, paddedRows() - band * BAND_ROWS);
    }

    private static int shorts(int columns) {
        return Math.ceilDiv(columns, IN_SHORT);
    }

    private int columnsOf(int group) {
        return Math.min(GROUP, columns - group * GROUP);
    }

    /** Where the codes of a block of rows begin, of one group of columns. */
    private int codesAt(int row, int group) {
        int band = row / BAND_ROWS;
        return band * BAND_ROWS * shorts(columns) + bandRows(band) * shorts(group * GROUP)
                + row % BAND_ROWS / BLOCK * BLOCK * shorts(columnsOf(group));
    }

    /**
     * The index of a code's four bits: that of its short times {@value EmbeddingLoops#IN_SHORT}, plus which of the
     * four.
     */
    private long codeAt(int row, int column) {
        int line = codesAt(row, column / GROUP) + column % GROUP / IN_SHORT * BLOCK;
        return (long) line * IN_SHORT + loops.nf4Place(row % BLOCK, column % IN_SHORT);
    }

    private int scaleAt(int row, int group) {
        int band = row / BAND_ROWS;
        return band * BAND_ROWS * groups() + bandRows(band) * group + row % BAND_ROWS;
    }

    // ---------------------------------------------------------------- one code

    float scale(int row, int group) {
        return scales[scaleAt(row, group)];
    }

    void setScale(int row, int group, float scale) {
        scales[scaleAt(row, group)] = scale;
    }

    int code(int row, int column) {
        long at = codeAt(row, column);
        return codes[(int) (at / IN_SHORT)] >>> 4 * (int) (at % IN_SHORT) & 15;
    }

    /** Sets a code that was 0. */
    void setCode(int row, int column, int code) {
        long at = codeAt(row, column);
        codes[(int) (at / IN_SHORT)] |= (short) (code << 4 * (int) (at % IN_SHORT));
    }

    float value(int row, int column) {
        return LEVELS[code(row, column)] * scale(row, column / GROUP);
    }

    /** The nearest level to a value in [-1, 1], the lower of two that are as near. */
    static int nearestLevel(float x) {
        int lower = LOWER_LEVEL[(int) ((x + 1) * CELLS)];
        return LEVELS[lower + 1] - x < Math.abs(x - LEVELS[lower]) ? lower + 1 : lower;
    }

    // ---------------------------------------------------------------- computing

    /** Sets a row that was 0; two codes a byte, the first in the lower half. */
    void setRow(int row, byte[] rowCodes, float[] rowScales) {
        for (int g = 0; g < groups(); g++) {
            setScale(row, g, rowScales[g]);
        }
        for (int c = 0; c < columns; c++) {
            setCode(row, c, rowCodes[c / 2] >>> 4 * (c % 2) & 15);
        }
    }

    /** Overwrites the arrays with a row, as {@link #setRow} takes it. */
    void copyRow(int row, byte[] rowCodes, float[] rowScales) {
        for (int g = 0; g < groups(); g++) {
            rowScales[g] = scale(row, g);
        }
        Arrays.fill(rowCodes, (byte) 0);
        for (int c = 0; c < columns; c++) {
            rowCodes[c / 2] |= (byte) (code(row, c) << 4 * (c % 2));
        }
    }

    /** See {@link EmbeddingTable#multiply}. */
    void multiply(float[] x, int n, float[] y) {
        float[] units = units(x, n);
        int threads = Parallel.current().threads();
        float[] sums = Workspace.floats(threads * BAND_ROWS);
        short[] products = Workspace.shorts(threads * GROUP * EmbeddingLoops.PRODUCTS);
        Parallel.current().forRange(rows, BAND_ROWS, (long) ((double) n * rows * columns / VALUES_PER_NANO),
                (thread, from, to) -> {
                    int sumsAt = thread * BAND_ROWS;
                    for (int first = from; first < to; first += BAND_ROWS) {
                        for (int i = 0; i < n; i++) {
                            Arrays.fill(sums, sumsAt, sumsAt + BAND_ROWS, 0f);
                            addBand(first, x, i * columns, units, i * groups(), products,
                                    thread * GROUP * EmbeddingLoops.PRODUCTS, sums, sumsAt);
                            System.arraycopy(sums, sumsAt, y, i * rows + first, Math.min(BAND_ROWS, rows - first));
                        }
                    }
                });
    }

    private void addBand(int first, float[] x, int xAt, float[] units, int unitsAt,
            short[] products, int productsAt, float[] sums, int sumsAt) {
        int bandRows = bandRows(first / BAND_ROWS);
        for (int g = 0; g < groups(); g++) {
            float unit = units[unitsAt + g];
            int shorts = shorts(columnsOf(g));
            loops.nf4Products(LEVELS, x, xAt + g * GROUP, columnsOf(g), unit == 0f ? 0f : 1 / unit, products,
                    productsAt);
            for (int r = 0; r < bandRows; r += BLOCK) {
                loops.nf4(codes, codesAt(first + r, g), shorts, products, productsAt, scales, scaleAt(first + r, g),
                        unit, sums, sumsAt + r);
            }
        }
    }

    /** For each group of columns of each row, what one stands for; 0 for activations that are all 0, or nearly. */
    private float[] units(float[] x, int n) {
        float[] units = Workspace.floats(n * groups());
        for (int i = 0; i < units.length; i++) {
            int from = i / groups() * columns + i % groups() * GROUP;
            float sum = 0f;
            for (int c = from; c < from + columnsOf(i % groups()); c++) {
                sum += Math.abs(x[c]);
            }
            float unit = sum / MOST;
            units[i] = unit < Float.MIN_NORMAL ? 0f : unit;
        }
        return units;
    }
}
