package io.bitlab.models.pretrained;

import io.bitlab.core.parallel.Parallel;
import io.bitlab.core.quant.TernaryMatrix;
import java.io.IOException;
import java.io.OutputStream;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Hugging Face's packing of ternary weights, U8 {@code [out / 4, in]}: the rows are split into four blocks of
 * {@code out / 4} rows; byte row r holds row r of block i at bits 2i and 2i + 1, as trit + 1.
 */
final class HuggingFacePacking {

    /** Rows that share a byte. */
    static final int BLOCKS = 4;

    private HuggingFacePacking() {
    }

    /**
     * Reads a matrix, rows in parallel.
     *
     * @param bytes {@code [out / 4, in]}
     * @param byteRows out / 4
     * @param in columns
     * @param scale of the matrix
     * @return {@code [out, in]}
     * @throws IllegalArgumentException if a code is 3 (the message says where), or there are more weights than a matrix
     *     can hold
     */
    static TernaryMatrix read(MemorySegment bytes, int byteRows, int in, float scale) {
        int out = Math.multiplyExact(byteRows, BLOCKS);
        int rowBytes = TernaryMatrix.packedRowBytes(in);
        byte[] packed = new byte[Math.multiplyExact(out, rowBytes)];
        AtomicLong firstCorrupt = new AtomicLong(Long.MAX_VALUE); // the first one, whichever thread finds it
        Parallel.current().forRange(byteRows, 1, (long) out * in, (from, to) -> {
            byte[] row = new byte[in];
            byte[] trits = new byte[in];
            for (int r = from; r < to; r++) {
                MemorySegment.copy(bytes, ValueLayout.JAVA_BYTE, (long) r * in, row, 0, in);
                int wrong = firstCorrupt(row);
                if (wrong >= 0) {
                    long place = (long) r * in + wrong;
                    firstCorrupt.accumulateAndGet(place, Math::min);
                    return;
                }
                for (int block = 0; block < BLOCKS; block++) {
                    for (int i = 0; i < in; i++) {
                        trits[i] = (byte) ((row[i] >> 2 * block & 3) - 1);
                    }
                    TernaryMatrix.packRow(trits, 0, packed, (block * byteRows + r) * rowBytes, in);
                }
            }
        });
        if (firstCorrupt.get() != Long.MAX_VALUE) {
            throw corrupt(bytes, firstCorrupt.get(), byteRows, in);
        }
        return TernaryMatrix.fromPacked(packed, out, in, new float[] {scale});
    }

    /** Writes a matrix whose rows are a multiple of {@link #BLOCKS}. */
    static void write(TernaryMatrix matrix, OutputStream out) throws IOException {
        int byteRows = matrix.outFeatures() / BLOCKS;
        byte[] trits = new byte[matrix.inFeatures()];
        byte[] bytes = new byte[trits.length];
        for (int r = 0; r < byteRows; r++) {
            Arrays.fill(bytes, (byte) 0);
            for (int block = 0; block < BLOCKS; block++) {
                matrix.unpackRow(block * byteRows + r, trits, 0);
                for (int i = 0; i < bytes.length; i++) {
                    bytes[i] |= (byte) (trits[i] + 1 << 2 * block);
                }
            }
            out.write(bytes);
        }
    }

    private static int firstCorrupt(byte[] row) {
        for (int i = 0; i < row.length; i++) {
            if ((row[i] & row[i] >> 1 & 0x55) != 0) {
                return i;
            }
        }
        return -1;
    }

    private static IllegalArgumentException corrupt(MemorySegment bytes, long place, int byteRows, int in) {
        int value = bytes.get(ValueLayout.JAVA_BYTE, place);
        int block = 0;
        while ((value >> 2 * block & 3) != 3) {
            block++;
        }
        return new IllegalArgumentException("the code of row " + (block * (long) byteRows + place / in) + ", column "
                + place % in + " is 3, expected 0, 1 or 2; the file is damaged, get it again");
    }
}
