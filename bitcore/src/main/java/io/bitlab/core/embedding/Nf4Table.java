package io.bitlab.core.embedding;

import io.bitlab.core.embedding.loops.EmbeddingLoops;
import io.bitlab.core.memory.Workspace;
import io.bitlab.core.parallel.Parallel;
import java.util.Arrays;

/**
 * Codes of four bits, each one of sixteen levels, and one scale per {@value EmbeddingLoops#GROUP} columns of a row.
 *
 * <p>A product is a sum of lookups: each activation is multiplied once with the 16 levels, and one permutation then
 * picks the products of 32 rows. The products are 16-bit integers, in a unit so large that the sum over a group, the
 * {@value EmbeddingLoops#GROUP} columns that share a scale, can't overflow: the sum of the group's absolute activations
 * divided by {@value #MAX_SUM}. This rounding costs a thousandth of a group's typical sum; NF4 itself costs a tenth.
 *
 * <p>The layout is {@code [band][group][block]}, with bands of {@value #BAND_ROWS} rows, and blocks of {@value
 * EmbeddingLoops#ROWS} in the order of {@link EmbeddingLoops#nf4Place}. The products of a group, 4 KB, are therefore
 * computed once per band, and each thread reads codes and scales in one stream.
 */
final class Nf4Table extends QuantizedTable {

    /** Quantiles of the normal distribution, 0 among them (Dettmers et al., QLoRA, appendix E). */
    private static final float[] LEVELS = {-1.0f, -0.6961928009986877f, -0.5250730514526367f, -0.39491748809814453f,
        -0.28444138169288635f, -0.18477343022823334f, -0.09105003625154495f, 0.0f, 0.07958029955625534f,
        0.16093020141124725f, 0.24611230194568634f, 0.33791524171829224f, 0.44070982933044434f, 0.5626170039176941f,
        0.7229568362236023f, 1.0f};

    /** Cells per unit of [-1, 1]: narrower than half the distance between any two levels. */
    private static final int CELLS = 128;

    /** For each cell, the highest level but the last that is not above the cell's lower bound. */
    private static final byte[] LOWER_LEVEL = new byte[2 * CELLS + 1];

    static {
        for (int cell = 1; cell < LOWER_LEVEL.length; cell++) {
            int level = LOWER_LEVEL[cell - 1];
            boolean higher = level + 2 < LEVELS.length && LEVELS[level + 1] <= (float) cell / CELLS - 1;
            LOWER_LEVEL[cell] = (byte) (higher ? level + 1 : level);
        }
    }

    private static final EmbeddingLoops LOOPS = EmbeddingLoops.get();
    private static final int BLOCK = EmbeddingLoops.ROWS;
    private static final int BAND_ROWS = 8 * BLOCK;
    private static final int GROUP = EmbeddingLoops.GROUP;
    private static final int CODES_PER_SHORT = EmbeddingLoops.CODES_PER_SHORT;

    /** Largest exact sum of a group, in units: 64 roundings of one half fit between this and the largest short. */
    private static final float MAX_SUM = 32_700;
    private static final double VALUES_PER_NANO = 50;

    private final short[] codes; // [band][group][block][4 columns of each row]
    private final float[] scales; // [band][group][row]

    Nf4Table(int rows, int columns) {
        super(rows, columns);
        codes = new short[Math.multiplyExact(paddedRows(), shorts(columns))];
        scales = new float[Math.multiplyExact(paddedRows(), groups())];
    }

    @Override
    public EmbeddingFormat format() {
        return EmbeddingFormat.NF4;
    }

    @Override
    public long bytes() {
        return (long) codes.length * Short.BYTES + (long) scales.length * Float.BYTES;
    }

    @Override
    public int codeBytes() {
        return Math.ceilDiv(columns(), 2);
    }

    @Override
    public int scalesPerRow() {
        return groups();
    }

    // ---------------------------------------------------------------- layout

    private int groups() {
        return Math.ceilDiv(columns(), GROUP);
    }

    private int paddedRows() {
        return Math.ceilDiv(rows(), BLOCK) * BLOCK;
    }

    private int bandRows(int band) {
        return Math.min(BAND_ROWS, paddedRows() - band * BAND_ROWS);
    }

    private static int shorts(int columns) {
        return Math.ceilDiv(columns, CODES_PER_SHORT);
    }

    private int columnsOf(int group) {
        return Math.min(GROUP, columns() - group * GROUP);
    }

    /** Index of the first short of a block of rows in one group of columns. */
    private int codesAt(int row, int group) {
        int band = row / BAND_ROWS;
        return band * BAND_ROWS * shorts(columns()) + bandRows(band) * shorts(group * GROUP)
                + row % BAND_ROWS / BLOCK * BLOCK * shorts(columnsOf(group));
    }

    /** Index of a code's four bits, counted from the lowest of the first short. */
    private long codeAt(int row, int column) {
        int group = column / GROUP;
        return (long) codesAt(row, group) * CODES_PER_SHORT
                + LOOPS.nf4Place(row % BLOCK, column % GROUP, shorts(columnsOf(group)));
    }

    private int scaleAt(int row, int group) {
        int band = row / BAND_ROWS;
        return band * BAND_ROWS * groups() + bandRows(band) * group + row % BAND_ROWS;
    }

    private int code(int row, int column) {
        long at = codeAt(row, column);
        return codes[(int) (at / CODES_PER_SHORT)] >>> 4 * (int) (at % CODES_PER_SHORT) & 15;
    }

    private void setCode(int row, int column, int code) {
        long at = codeAt(row, column);
        int shift = 4 * (int) (at % CODES_PER_SHORT);
        int index = (int) (at / CODES_PER_SHORT);
        codes[index] = (short) (codes[index] & ~(15 << shift) | code << shift);
    }

    // ---------------------------------------------------------------- rows

    @Override
    void setRow(int row, float[] from, int at) {
        for (int g = 0; g < groups(); g++) {
            int first = g * GROUP;
            int end = Math.min(columns(), first + GROUP);
            float max = absMax(row, from, at + first, end - first);
            scales[scaleAt(row, g)] = max;
            for (int c = first; c < end; c++) {
                setCode(row, c, nearestLevel(max == 0f ? 0f : from[at + c] / max));
            }
        }
    }

    /** The level nearest to a value in [-1, 1]; the lower one of two at the same distance. */
    private static int nearestLevel(float x) {
        int lower = LOWER_LEVEL[(int) ((x + 1) * CELLS)];
        return LEVELS[lower + 1] - x < Math.abs(x - LEVELS[lower]) ? lower + 1 : lower;
    }

    @Override
    void copyRow(int row, float[] to, int at) {
        for (int c = 0; c < columns(); c++) {
            to[at + c] = LEVELS[code(row, c)] * scales[scaleAt(row, c / GROUP)];
        }
    }

    @Override
    void setCodes(int row, byte[] rowCodes, float[] rowScales) {
        for (int g = 0; g < groups(); g++) {
            scales[scaleAt(row, g)] = rowScales[g];
        }
        for (int c = 0; c < columns(); c++) {
            setCode(row, c, rowCodes[c / 2] >>> 4 * (c % 2) & 15);
        }
    }

    @Override
    void copyCodes(int row, byte[] rowCodes, float[] rowScales) {
        for (int g = 0; g < groups(); g++) {
            rowScales[g] = scales[scaleAt(row, g)];
        }
        Arrays.fill(rowCodes, (byte) 0);
        for (int c = 0; c < columns(); c++) {
            rowCodes[c / 2] |= (byte) (code(row, c) << 4 * (c % 2));
        }
    }

    // ---------------------------------------------------------------- products

    @Override
    void product(float[] x, int n, float[] y) {
        int rows = rows();
        int columns = columns();
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
            LOOPS.nf4Products(LEVELS, x, xAt + g * GROUP, columnsOf(g), unit == 0f ? 0f : 1 / unit, products,
                    productsAt);
            for (int r = 0; r < bandRows; r += BLOCK) {
                LOOPS.nf4(codes, codesAt(first + r, g), shorts, products, productsAt, scales, scaleAt(first + r, g),
                        unit, sums, sumsAt + r);
            }
        }
    }

    /** The unit of the products for each row and group of activations; 0 if these are all 0, or subnormal. */
    private float[] units(float[] x, int n) {
        float[] units = Workspace.floats(n * groups());
        for (int i = 0; i < units.length; i++) {
            int from = i / groups() * columns() + i % groups() * GROUP;
            float sum = 0f;
            for (int c = from; c < from + columnsOf(i % groups()); c++) {
                sum += Math.abs(x[c]);
            }
            float unit = sum / MAX_SUM;
            units[i] = unit < Float.MIN_NORMAL ? 0f : unit;
        }
        return units;
    }
}
