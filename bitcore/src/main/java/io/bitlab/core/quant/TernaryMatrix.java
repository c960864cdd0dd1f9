package io.bitlab.core.quant;

import io.bitlab.core.internal.MatrixShape;
import io.bitlab.core.memory.Workspace;
import io.bitlab.core.parallel.Parallel;
import java.util.Arrays;
import java.util.Locale;

/**
 * A weight matrix of trits (-1, 0, +1) times scales: {@code W[o, i] = trit(o, i) * scale(o, block of i)}.
 *
 * <p>This is the canonical form: what quantising yields, what files hold, and what a kernel packs from and unpacks to.
 * Five trits stand in a byte, {@code t0 + 3 t1 + 9 t2 + 27 t3 + 81 t4} with {@code t = trit + 1}; each row is padded
 * to whole bytes with the trit 0. That is 1.6 bits a weight, where 1.58 would be the least possible.
 *
 * <p>There is one scale for the matrix, one a row (output channel), or one for each block of columns of each row, as
 * GGUF files have them. Scales are finite; files may hold negative ones and zeros.
 *
 * <p><b>Thread safety:</b> immutable.
 */
public final class TernaryMatrix {
    /**
     * The most input features that a matrix may have: 16,777,215. With more, the sum of a row times int8 activations
     * could overflow the 32 bits that every kernel adds up in.
     */
    public static final int MAX_IN_FEATURES = Integer.MAX_VALUE / 128;

    private volatile byte[] packed; // null until it is asked for, if the matrix was made from trits...
    private volatile byte[] unpacked; // ...which are kept so long
    private final float[] scales;
    private final int outFeatures;
    private final int inFeatures;
    private final int blockColumns;

    /** Keeps the arrays, one of the first two is null; the caller has checked them. */
    private TernaryMatrix(byte[] packed, byte[] unpacked, int out, int in, float[] scales, int blockColumns) {
        this.packed = packed;
        this.unpacked = unpacked;
        this.scales = scales;
        this.outFeatures = out;
        this.inFeatures = in;
        this.blockColumns = blockColumns;
    }

    /**
     * Packs trits with one scale, or one a row.
     *
     * @param trits {@code [out, in]}, row-major, each -1, 0 or 1; not modified
     * @param out output features, at least 1
     * @param in input features, 1 to {@link #MAX_IN_FEATURES}
     * @param scales 1 or {@code out} finite values; copied
     * @return the matrix
     * @throws IllegalArgumentException if a size, a trit or a scale is not as said; the message names it
     */
    public static TernaryMatrix of(byte[] trits, int out, int in, float[] scales) {
        float[] checked = checkRowScales(out, in, scales);
        byte[] packed = Base3.pack(title(out, in), trits, out, in);
        return new TernaryMatrix(packed, null, out, in, checked, in);
    }

    /**
     * A matrix that is packed when the packed form is first asked for. In training it never is: a kernel's layout is
     * made from the trits, and at the next step there is another matrix.
     *
     * @param trits as in {@link #of}; kept, not checked
     * @param scales as in {@link #of}; kept, not checked
     */
    static TernaryMatrix ofRounded(byte[] trits, int out, int in, float[] scales) {
        checkSizes(title(out, in), out, in);
        return new TernaryMatrix(null, trits, out, in, scales, in);
    }

    /**
     * Packs trits with a scale for each block of columns.
     *
     * @param trits {@code [out, in]}, row-major, each -1, 0 or 1; not modified
     * @param out output features, at least 1
     * @param in input features, 1 to {@link #MAX_IN_FEATURES}
     * @param scales {@code [out, ceil(in / blockColumns)]}, row-major, finite; copied
     * @param blockColumns columns that share a scale, at least 1; the last block of a row may be shorter
     * @return the matrix
     * @throws IllegalArgumentException if a size, a trit or a scale is not as said; the message names it
     */
    public static TernaryMatrix ofBlocks(byte[] trits, int out, int in, float[] scales, int blockColumns) {
        float[] checked = checkBlockScales(out, in, scales, blockColumns);
        byte[] packed = Base3.pack(title(out, in), trits, out, in);
        return new TernaryMatrix(packed, null, out, in, checked, Math.min(blockColumns, in));
    }

    /**
     * A matrix from bytes that were packed before, with one scale or one a row.
     *
     * @param packed {@code [out, ceil(in / 5)]} as {@link #packed()} returns it; copied
     * @param out output features, at least 1
     * @param in input features, 1 to {@link #MAX_IN_FEATURES}
     * @param scales 1 or {@code out} finite values; copied
     * @return the matrix
     * @throws IllegalArgumentException if a size or scale is not as said, a byte is 243 or more, or a padding trit is
     *     not 0; the message names it
     */
    public static TernaryMatrix fromPacked(byte[] packed, int out, int in, float[] scales) {
        float[] checked = checkRowScales(out, in, scales);
        byte[] bytes = Base3.checkedCopy(title(out, in), packed, out, in);
        return new TernaryMatrix(bytes, null, out, in, checked, in);
    }

    /**
     * A matrix from bytes that were packed before, with a scale for each block of columns.
     *
     * @param packed {@code [out, ceil(in / 5)]} as {@link #packed()} returns it; copied
     * @param out output features, at least 1
     * @param in input features, 1 to {@link #MAX_IN_FEATURES}
     * @param scales {@code [out, ceil(in / blockColumns)]}, row-major, finite; copied
     * @param blockColumns columns that share a scale, at least 1; the last block of a row may be shorter
     * @return the matrix
     * @throws IllegalArgumentException if a size or scale is not as said, a byte is 243 or more, or a padding trit is
     *     not 0; the message names it
     */
    public static TernaryMatrix fromPacked(byte[] packed, int out, int in, float[] scales, int blockColumns) {
        float[] checked = checkBlockScales(out, in, scales, blockColumns);
        byte[] bytes = Base3.checkedCopy(title(out, in), packed, out, in);
        return new TernaryMatrix(bytes, null, out, in, checked, Math.min(blockColumns, in));
    }

    /**
     * What a row takes in the form of {@link #fromPacked}.
     *
     * @param columns trits of a row
     * @return {@code ceil(columns / 5)}
     */
    public static int packedRowBytes(int columns) {
        return Base3.rowBytes(columns);
    }

    /**
     * Packs a row for {@link #fromPacked}: five trits a byte, {@code t0 + 3 t1 + 9 t2 + 27 t3 + 81 t4} with
     * {@code t = trit + 1}.
     *
     * @param trits -1, 0 or 1, which is not checked; not modified
     * @param from index of the row's first trit
     * @param packed modified in {@link #packedRowBytes} bytes
     * @param at index of the first
     * @param columns how many trits; the rest of the last byte is padded with the trit 0
     * @throws IndexOutOfBoundsException if an array is too short
     */
    public static void packRow(byte[] trits, int from, byte[] packed, int at, int columns) {
        MatrixShape.checkRoom("TernaryMatrix.packRow", from, columns, trits.length);
        MatrixShape.checkRoom("TernaryMatrix.packRow", at, packedRowBytes(columns), packed.length);
        Base3.packRow(trits, from, packed, at, columns);
    }

    // ---------------------------------------------------------------- checks

    private static String title(int out, int in) {
        return "TernaryMatrix(" + out + " x " + in + ")";
    }

    private static void checkSizes(String title, int out, int in) {
        MatrixShape.checkPositive(title, out, in);
        if (in > MAX_IN_FEATURES) {
            throw new IllegalArgumentException(title + ": at most " + MAX_IN_FEATURES
                    + " input features are supported; with more, 32-bit sums could overflow");
        }
    }

    private static float[] checkRowScales(int out, int in, float[] scales) {
        String title = title(out, in);
        checkSizes(title, out, in);
        if (scales.length != 1 && scales.length != out) {
            throw new IllegalArgumentException(title + ": got " + scales.length
                    + " scales, expected 1 for the matrix or " + out + ", one a row");
        }
        MatrixShape.checkScales(title, scales);
        return scales.clone();
    }

    private static float[] checkBlockScales(int out, int in, float[] scales, int blockColumns) {
        String title = title(out, in);
        checkSizes(title, out, in);
        if (blockColumns < 1) {
            throw new IllegalArgumentException(title + ": blockColumns is " + blockColumns + ", expected at least 1");
        }
        int blocks = Math.ceilDiv(in, blockColumns);
        if (scales.length != (long) out * blocks) {
            throw new IllegalArgumentException(title + ": got " + scales.length + " scales, expected " + out + " x "
                    + blocks + ", one for each block of " + blockColumns + " columns of each row");
        }
        MatrixShape.checkScales(title, scales);
        return scales.clone();
    }

    private int unpackedLength() {
        long length = (long) outFeatures * inFeatures;
        if (length > Base3.MAX_ARRAY) {
            throw new IllegalStateException(title(outFeatures, inFeatures) + ": its " + length
                    + " weights don't fit one array of at most " + Base3.MAX_ARRAY
                    + "; read it row by row with unpackRow");
        }
        return (int) length;
    }

    // ---------------------------------------------------------------- reading

    /**
     * How many rows the matrix has.
     *
     * @return output features
     */
    public int outFeatures() {
        return outFeatures;
    }

    /**
     * How many columns the matrix has.
     *
     * @return input features
     */
    public int inFeatures() {
        return inFeatures;
    }

    /**
     * The packed trits, without scales.
     *
     * @return a copy, {@code [out, ceil(in / 5)]}, row-major
     */
    public byte[] packed() {
        return packedForm().clone();
    }

    private byte[] packedForm() {
        byte[] kept = unpacked;
        if (kept != null) { // two threads may do this at once, with the same result
            packed = Base3.pack(title(outFeatures, inFeatures), kept, outFeatures, inFeatures);
            unpacked = null;
        }
        return packed;
    }

    /**
     * All scales.
     *
     * @return a copy: 1, {@code out}, or {@code out * blocks()} values, row-major
     */
    public float[] scales() {
        return scales.clone();
    }

    /**
     * The scale of some weights.
     *
     * @param row 0 to {@code outFeatures() - 1}
     * @param block 0 to {@code blocks() - 1}: the columns from {@code block * blockColumns()} on
     * @return what their trits are multiplied with
     * @throws IndexOutOfBoundsException if there is no such row or block
     */
    public float scale(int row, int block) {
        MatrixShape.checkRow("TernaryMatrix.scale", row, outFeatures);
        if (block < 0 || block >= blocks()) {
            throw new IndexOutOfBoundsException("TernaryMatrix.scale: there is no block " + block + ", expected 0 to "
                    + (blocks() - 1));
        }
        return scales.length == 1 ? scales[0] : scales[row * blocks() + block];
    }

    /**
     * How many neighbouring columns of a row share a scale.
     *
     * @return {@code inFeatures()} unless the matrix has a scale for each block
     */
    public int blockColumns() {
        return blockColumns;
    }

    /**
     * How many blocks of columns a row has.
     *
     * @return {@code ceil(inFeatures() / blockColumns())}; 1 unless the matrix has a scale for each block
     */
    public int blocks() {
        return Math.ceilDiv(inFeatures, blockColumns);
    }

    /**
     * Unpacks one row.
     *
     * @param row 0 to {@code outFeatures() - 1}
     * @param trits receives the {@code inFeatures()} trits, each -1, 0 or 1
     * @param offset where the first one goes
     * @throws IndexOutOfBoundsException if there is no such row, or the array is too short
     */
    public void unpackRow(int row, byte[] trits, int offset) {
        MatrixShape.checkRow("TernaryMatrix.unpackRow", row, outFeatures);
        MatrixShape.checkRoom("TernaryMatrix.unpackRow", offset, inFeatures, trits.length);
        byte[] kept = unpacked;
        if (kept != null) {
            System.arraycopy(kept, row * inFeatures, trits, offset, inFeatures);
        } else {
            Base3.unpackRow(packed, row * Base3.rowBytes(inFeatures), trits, offset, inFeatures);
        }
    }

    /**
     * Unpacks the matrix.
     *
     * @return {@code [out, in]}, row-major, each -1, 0 or 1
     * @throws IllegalStateException if they don't fit one array
     */
    public byte[] trits() {
        byte[] trits = new byte[unpackedLength()];
        for (int row = 0; row < outFeatures; row++) {
            unpackRow(row, trits, row * inFeatures);
        }
        return trits;
    }

    /**
     * The weights as floats.
     *
     * @return {@code [out, in]}, row-major, each {@code trit * scale}, in an array from the bound {@link Workspace}, if
     *     there is one
     * @throws IllegalStateException if they don't fit one array
     */
    public float[] dequantize() {
        float[] weights = Workspace.floats(unpackedLength());
        Parallel.current().forRange(outFeatures, 1, weights.length / 4, (from, to) -> {
            byte[] trits = new byte[inFeatures];
            for (int row = from; row < to; row++) {
                unpackRow(row, trits, 0);
                dequantizeRow(row, trits, weights);
            }
        });
        return weights;
    }

    private void dequantizeRow(int row, byte[] trits, float[] weights) {
        int at = row * inFeatures;
        for (int block = 0; block < blocks(); block++) {
            float scale = scale(row, block);
            int end = (int) Math.min(inFeatures, (block + 1L) * blockColumns);
            for (int column = block * blockColumns; column < end; column++) {
                weights[at + column] = trits[column] * scale;
            }
        }
    }

    // ---------------------------------------------------------------- parts

    /**
     * Some rows as a matrix of their own.
     *
     * @param from first row
     * @param to row after the last
     * @return {@code [to - from, in]}, with the rows' scales
     * @throws IndexOutOfBoundsException if there are no such rows, or none between the bounds
     */
    public TernaryMatrix rows(int from, int to) {
        if (from < 0 || from >= to || to > outFeatures) {
            throw new IndexOutOfBoundsException(
                    "TernaryMatrix.rows: from " + from + " to " + to + ", expected at least "
                            + "one of the rows 0 to " + (outFeatures - 1));
        }
        int rowBytes = Base3.rowBytes(inFeatures);
        byte[] part = Arrays.copyOfRange(packedForm(), from * rowBytes, to * rowBytes);
        float[] partScales = scales.length == 1 ? scales : Arrays.copyOfRange(scales, from * blocks(), to * blocks());
        return new TernaryMatrix(part, null, to - from, inFeatures, partScales, blockColumns);
    }

    /**
     * Puts matrices below each other.
     *
     * @param parts at least one; all with the same columns and blocks
     * @return their rows in order, with a scale for each row or block
     * @throws IllegalArgumentException if there are no parts, or their columns or blocks differ
     */
    public static TernaryMatrix stack(TernaryMatrix... parts) {
        if (parts.length == 0) {
            throw new IllegalArgumentException("TernaryMatrix.stack: no matrices");
        }
        TernaryMatrix first = parts[0];
        int out = 0;
        for (TernaryMatrix part : parts) {
            if (part.inFeatures != first.inFeatures || part.blockColumns != first.blockColumns) {
                throw new IllegalArgumentException("TernaryMatrix.stack: " + first + " and " + part
                        + " differ in columns or blocks");
            }
            out = Math.addExact(out, part.outFeatures);
        }
        int rowBytes = Base3.rowBytes(first.inFeatures);
        byte[] packed = new byte[Math.multiplyExact(out, rowBytes)];
        float[] scales = new float[out * first.blocks()];
        int row = 0;
        for (TernaryMatrix part : parts) {
            byte[] bytes = part.packedForm();
            System.arraycopy(bytes, 0, packed, row * rowBytes, bytes.length);
            for (int i = 0; i < part.outFeatures * part.blocks(); i++) {
                scales[row * part.blocks() + i] = part.scale(i / part.blocks(), i % part.blocks());
            }
            row += part.outFeatures;
        }
        return new TernaryMatrix(packed, null, out, first.inFeatures, scales, first.blockColumns);
    }

    // ---------------------------------------------------------------- statistics

    /**
     * Which trits occur.
     *
     * @return some of -1, 0 and 1, ascending
     */
    public int[] distinctValues() {
        long[] counts = counts();
        int[] present = new int[3];
        int n = 0;
        for (int trit = -1; trit <= 1; trit++) {
            if (counts[trit + 1] > 0) {
                present[n++] = trit;
            }
        }
        return Arrays.copyOf(present, n);
    }

    /**
     * The share of weights that are zero.
     *
     * @return 0 to 1
     */
    public double zeroFraction() {
        return (double) counts()[1] / ((long) outFeatures * inFeatures);
    }

    /** How often -1, 0 and +1 occur. */
    private long[] counts() {
        long[] counts = new long[3];
        byte[] trits = new byte[inFeatures];
        for (int row = 0; row < outFeatures; row++) {
            unpackRow(row, trits, 0);
            for (byte trit : trits) {
                counts[trit + 1]++;
            }
        }
        return counts;
    }

    /**
     * Storage for each weight, padding included, scales not.
     *
     * @return bits a weight: 1.6 if the columns are a multiple of 5, else a little more
     */
    public double bitsPerWeight() {
        return 8.0 * Base3.rowBytes(inFeatures) / inFeatures;
    }

    /**
     * Storage of the matrix.
     *
     * @return bytes of the packed trits and of the scales (4 each)
     */
    public long bytes() {
        return (long) outFeatures * Base3.rowBytes(inFeatures) + (long) Float.BYTES * scales.length;
    }

    /**
     * Whether the other object is a matrix of the same shape with the same trits, scales and blocks.
     *
     * @param other any object
     */
    @Override
    public boolean equals(Object other) {
        return other instanceof TernaryMatrix m
                && outFeatures == m.outFeatures
                && inFeatures == m.inFeatures
                && blockColumns == m.blockColumns
                && Arrays.equals(scales, m.scales)
                && Arrays.equals(packedForm(), m.packedForm());
    }

    @Override
    public int hashCode() {
        return 31 * (31 * Arrays.hashCode(packedForm()) + Arrays.hashCode(scales)) + inFeatures;
    }

    @Override
    public String toString() {
        String scaled = blocks() > 1 ? "a scale for each " + blockColumns + " columns of a row"
                : scales.length > 1 ? "a scale a row"
                : "1 scale";
        return String.format(Locale.ROOT, "TernaryMatrix(%d x %d, %s, %.2f bits a weight)",
                outFeatures, inFeatures, scaled, bitsPerWeight());
    }
}
