package io.bitlab.core.quant;

import io.bitlab.core.internal.MatrixShape;
import io.bitlab.core.memory.Workspace;
import io.bitlab.core.parallel.Parallel;
import java.util.Arrays;
import java.util.Locale;
import java.util.stream.IntStream;

/**
 * A weight matrix of trits (-1, 0, +1) times scales: {@code W[o, i] = trit(o, i) * scale(o, block of i)}.
 *
 * {@snippet class="io.bitlab.core.snippets.QuantSnippets" region="matrix"}
 *
 * <p>This is the canonical form: quantisation yields it, files hold it, and kernels pack from it and unpack to it. A
 * byte holds five trits, {@code t0 + 3 t1 + 9 t2 + 27 t3 + 81 t4} with {@code t = trit + 1}; each row is padded to
 * whole bytes with the trit 0. That is 1.6 bits a weight, where 1.58 is the theoretical minimum.
 *
 * <p>There is one scale for the matrix, one for each row (output channel), or one for each block of columns of each
 * row, as in GGUF files. Scales are finite; files may hold negative ones and zeros.
 *
 * <p><b>Thread safety:</b> immutable.
 */
public final class TernaryMatrix {
    /**
     * The maximum number of input features: 16,777,215. With more, the sum of a row times int8 activations could
     * overflow the 32-bit sums of the kernels.
     */
    public static final int MAX_IN_FEATURES = Integer.MAX_VALUE / 128;

    private final int outFeatures;
    private final int inFeatures;
    private final TritRows trits;
    private final MatrixScales scales;

    /** Keeps the operands, which the caller has checked. */
    private TernaryMatrix(int out, int in, TritRows trits, MatrixScales scales) {
        this.outFeatures = out;
        this.inFeatures = in;
        this.trits = trits;
        this.scales = scales;
    }

    private static TernaryMatrix ofPacked(byte[] packed, int out, int in, MatrixScales scales) {
        return new TernaryMatrix(out, in, TritRows.ofPacked(packed, out, in), scales);
    }

    /**
     * Packs trits with one scale, or one for each row.
     *
     * @param trits {@code [out, in]}, row-major, each -1, 0 or 1; not modified
     * @param out output features, at least 1
     * @param in input features, 1 to {@link #MAX_IN_FEATURES}
     * @param scales 1 or {@code out} finite values; copied
     * @return the matrix
     * @throws IllegalArgumentException if a size, a trit or a scale is invalid; the message names it
     */
    public static TernaryMatrix of(byte[] trits, int out, int in, float[] scales) {
        String title = TritRows.checkedTitle(out, in);
        MatrixScales checked = MatrixScales.checkedRows(title, out, in, scales);
        return ofPacked(PackedTrits.pack(title, trits, out, in), out, in, checked);
    }

    /**
     * A matrix that is packed when the packed form is first read. In training it never is: a kernel's layout is made
     * from the trits, and the next step makes another matrix.
     *
     * @param trits as in {@link #of}; kept, not checked
     * @param scales as in {@link #of}; kept, not checked
     */
    static TernaryMatrix ofRounded(byte[] trits, int out, int in, float[] scales) {
        TritRows.checkedTitle(out, in);
        return new TernaryMatrix(out, in, TritRows.ofUnpacked(trits, out, in), MatrixScales.ofRows(scales, in));
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
     * @throws IllegalArgumentException if a size, a trit or a scale is invalid; the message names it
     */
    public static TernaryMatrix ofBlocks(byte[] trits, int out, int in, float[] scales, int blockColumns) {
        String title = TritRows.checkedTitle(out, in);
        MatrixScales checked = MatrixScales.checkedBlocks(title, out, in, scales, blockColumns);
        return ofPacked(PackedTrits.pack(title, trits, out, in), out, in, checked);
    }

    /**
     * A matrix from packed bytes, with one scale or one for each row.
     *
     * @param packed {@code [out, ceil(in / 5)]} as {@link #packed()} returns it; copied
     * @param out output features, at least 1
     * @param in input features, 1 to {@link #MAX_IN_FEATURES}
     * @param scales 1 or {@code out} finite values; copied
     * @return the matrix
     * @throws IllegalArgumentException if a size or scale is invalid, a byte is 243 or more, or a padding trit is not
     *     0; the message names it
     */
    public static TernaryMatrix fromPacked(byte[] packed, int out, int in, float[] scales) {
        String title = TritRows.checkedTitle(out, in);
        MatrixScales checked = MatrixScales.checkedRows(title, out, in, scales);
        return ofPacked(PackedTrits.checkedCopy(title, packed, out, in), out, in, checked);
    }

    /**
     * A matrix from packed bytes, with a scale for each block of columns.
     *
     * @param packed {@code [out, ceil(in / 5)]} as {@link #packed()} returns it; copied
     * @param out output features, at least 1
     * @param in input features, 1 to {@link #MAX_IN_FEATURES}
     * @param scales {@code [out, ceil(in / blockColumns)]}, row-major, finite; copied
     * @param blockColumns columns that share a scale, at least 1; the last block of a row may be shorter
     * @return the matrix
     * @throws IllegalArgumentException if a size or scale is invalid, a byte is 243 or more, or a padding trit is not
     *     0; the message names it
     */
    public static TernaryMatrix fromPacked(byte[] packed, int out, int in, float[] scales, int blockColumns) {
        String title = TritRows.checkedTitle(out, in);
        MatrixScales checked = MatrixScales.checkedBlocks(title, out, in, scales, blockColumns);
        return ofPacked(PackedTrits.checkedCopy(title, packed, out, in), out, in, checked);
    }

    /**
     * The number of bytes of a packed row.
     *
     * @param columns trits of a row
     * @return {@code ceil(columns / 5)}
     */
    public static int packedRowBytes(int columns) {
        return PackedTrits.rowBytes(columns);
    }

    /**
     * Packs a row for {@link #fromPacked}: five trits in a byte, {@code t0 + 3 t1 + 9 t2 + 27 t3 + 81 t4} with {@code t
     * = trit + 1}.
     *
     * @param trits each -1, 0 or 1, which is not checked; not modified
     * @param from index of the row's first trit
     * @param packed {@link #packedRowBytes} bytes are overwritten
     * @param at index of the first byte
     * @param columns number of trits; the rest of the last byte is padded with the trit 0
     * @throws IndexOutOfBoundsException if an array is too short
     */
    public static void packRow(byte[] trits, int from, byte[] packed, int at, int columns) {
        MatrixShape.checkRoom("TernaryMatrix.packRow", from, columns, trits.length);
        MatrixShape.checkRoom("TernaryMatrix.packRow", at, packedRowBytes(columns), packed.length);
        PackedTrits.packRow(trits, from, packed, at, columns);
    }

    // ---------------------------------------------------------------- reading

    /**
     * The number of rows.
     *
     * @return output features, at least 1
     */
    public int outFeatures() {
        return outFeatures;
    }

    /**
     * The number of columns.
     *
     * @return input features, at least 1
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
        return trits.packed().clone();
    }

    /**
     * All scales.
     *
     * @return a copy: 1, {@code out}, or {@code out * blocks()} values, row-major
     */
    public float[] scales() {
        return scales.values().clone();
    }

    /**
     * The scale of one block of one row.
     *
     * @param row 0 to {@code outFeatures() - 1}
     * @param block 0 to {@code blocks() - 1}; it begins at column {@code block * blockColumns()}
     * @return the factor of the block's trits
     * @throws IndexOutOfBoundsException if there is no such row or block
     */
    public float scale(int row, int block) {
        MatrixShape.checkRow("TernaryMatrix.scale", row, outFeatures);
        if (block < 0 || block >= blocks()) {
            throw new IndexOutOfBoundsException("TernaryMatrix.scale: there is no block " + block + ", expected 0 to "
                    + (blocks() - 1));
        }
        return scales.of(row, block);
    }

    /**
     * The number of adjacent columns of a row that share a scale.
     *
     * @return {@code inFeatures()} unless the matrix has a scale for each block
     */
    public int blockColumns() {
        return scales.blockColumns();
    }

    /**
     * The number of blocks of columns of a row.
     *
     * @return {@code ceil(inFeatures() / blockColumns())}; 1 unless the matrix has a scale for each block
     */
    public int blocks() {
        return scales.blocks();
    }

    /**
     * Unpacks one row.
     *
     * @param row 0 to {@code outFeatures() - 1}
     * @param trits receives the {@code inFeatures()} trits, each -1, 0 or 1
     * @param offset index of the first trit in the array
     * @throws IndexOutOfBoundsException if there is no such row, or the array is too short
     */
    public void unpackRow(int row, byte[] trits, int offset) {
        MatrixShape.checkRow("TernaryMatrix.unpackRow", row, outFeatures);
        MatrixShape.checkRoom("TernaryMatrix.unpackRow", offset, inFeatures, trits.length);
        this.trits.unpackRow(row, trits, offset);
    }

    /**
     * Unpacks the matrix.
     *
     * @return {@code [out, in]}, row-major, each -1, 0 or 1
     * @throws IllegalStateException if they don't fit one array
     */
    public byte[] trits() {
        return trits.unpack();
    }

    /**
     * The weights as floats.
     *
     * @return {@code [out, in]}, row-major, each {@code trit * scale}, in an array from the bound {@link Workspace}, if
     *     there is one
     * @throws IllegalStateException if they don't fit one array
     */
    public float[] dequantize() {
        float[] weights = Workspace.floats(trits.unpackedLength());
        Parallel.current().forRange(outFeatures, 1, weights.length / 4, (from, to) -> {
            byte[] unpacked = new byte[inFeatures];
            for (int row = from; row < to; row++) {
                trits.unpackRow(row, unpacked, 0);
                scales.dequantizeRow(row, unpacked, weights, row * inFeatures);
            }
        });
        return weights;
    }

    // ---------------------------------------------------------------- parts

    /**
     * Copies some rows to a new matrix.
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
        return ofPacked(trits.packedRows(from, to), to - from, inFeatures, scales.rows(from, to));
    }

    /**
     * Concatenates matrices along the rows.
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
            if (part.inFeatures != first.inFeatures || part.blockColumns() != first.blockColumns()) {
                throw new IllegalArgumentException("TernaryMatrix.stack: " + first + " and " + part
                        + " differ in columns or blocks");
            }
            out = Math.addExact(out, part.outFeatures);
        }
        int rowBytes = PackedTrits.rowBytes(first.inFeatures);
        byte[] packed = new byte[Math.multiplyExact(out, rowBytes)];
        float[] stacked = new float[out * first.blocks()];
        int row = 0;
        for (TernaryMatrix part : parts) {
            System.arraycopy(part.trits.packed(), 0, packed, row * rowBytes, part.outFeatures * rowBytes);
            part.scales.copyTo(stacked, row * part.blocks(), part.outFeatures);
            row += part.outFeatures;
        }
        MatrixScales scales = new MatrixScales(stacked, first.blockColumns(), first.blocks());
        return ofPacked(packed, out, first.inFeatures, scales);
    }

    // ---------------------------------------------------------------- statistics

    /**
     * The trits that occur.
     *
     * @return some of -1, 0 and 1, ascending
     */
    public int[] distinctValues() {
        long[] counts = trits.counts();
        return IntStream.rangeClosed(-1, 1).filter(trit -> counts[trit + 1] > 0).toArray();
    }

    /**
     * The fraction of the weights that are zero.
     *
     * @return 0 to 1
     */
    public double zeroFraction() {
        return (double) trits.counts()[1] / ((long) outFeatures * inFeatures);
    }

    /**
     * Storage for each weight, with padding, without scales.
     *
     * @return bits per weight: 1.6 if the columns are a multiple of 5, otherwise a little more
     */
    public double bitsPerWeight() {
        return 8.0 * PackedTrits.rowBytes(inFeatures) / inFeatures;
    }

    /**
     * Storage of the matrix.
     *
     * @return bytes of the packed trits and of the scales (4 each)
     */
    public long bytes() {
        return (long) outFeatures * PackedTrits.rowBytes(inFeatures) + (long) Float.BYTES * scales.values().length;
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
                && scales.equals(m.scales)
                && Arrays.equals(trits.packed(), m.trits.packed());
    }

    @Override
    public int hashCode() {
        return 31 * (31 * Arrays.hashCode(trits.packed()) + scales.hashCode()) + inFeatures;
    }

    @Override
    public String toString() {
        return String.format(Locale.ROOT, "TernaryMatrix(%d x %d, %s, %.2f bits a weight)",
                outFeatures, inFeatures, scales, bitsPerWeight());
    }
}
