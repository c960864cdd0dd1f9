package io.bitlab.core.vector;

import static io.bitlab.core.embedding.loops.EmbeddingLoops.QUAD;
import static io.bitlab.core.embedding.loops.EmbeddingLoops.ROWS;
import static io.bitlab.core.vector.VectorEmbeddingLoops.STREAM_ROWS;

import java.util.Arrays;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * Products of a block of an int8 table with four rows of activations, as when four conversations are decoded together:
 * each value is loaded and widened once for all rows.
 */
final class Int8QuadLoops {

    private static final VectorSpecies<Float> F = FloatVector.SPECIES_PREFERRED;
    private static final int VL = F.length();
    /** Columns at a time: 8 KB, which the passes over a block's rows read from the first-level cache. */
    private static final int CHUNK = 64;
    /** Sixteen sums leave room for their operands only among 32 registers, those of AVX-512. */
    private static final int VECTORS = F.vectorBitSize() == 512 ? 4 : 2;

    private Int8QuadLoops() {
    }

    /** See {@link io.bitlab.core.embedding.loops.EmbeddingLoops#int8Quad}. */
    static void multiply(byte[] w, int at, int columns, float[] x, int xAt, float[] sums) {
        Arrays.fill(sums, 0, QUAD * ROWS, 0f);
        for (int c = 0; c < columns; c += CHUNK) {
            int some = Math.min(CHUNK, columns - c);
            for (int r = 0; r < ROWS; r += VECTORS * VL) {
                int i = at + r / STREAM_ROWS * STREAM_ROWS * columns + c * STREAM_ROWS + r % STREAM_ROWS;
                if (VECTORS == 4) {
                    fourByFour(w, i, some, x, xAt + c, columns, sums, r);
                } else {
                    twoByFour(w, i, some, x, xAt + c, columns, sums, r);
                }
            }
        }
    }

    /** Adds some columns for four vectors of rows. */
    static void fourByFour(byte[] w, int at, int columns, float[] x, int xAt, int stride, float[] sums, int r) {
        FloatVector a0 = FloatVector.fromArray(F, sums, r);
        FloatVector a1 = FloatVector.fromArray(F, sums, r + VL);
        FloatVector a2 = FloatVector.fromArray(F, sums, r + 2 * VL);
        FloatVector a3 = FloatVector.fromArray(F, sums, r + 3 * VL);
        FloatVector b0 = FloatVector.fromArray(F, sums, r + ROWS);
        FloatVector b1 = FloatVector.fromArray(F, sums, r + VL + ROWS);
        FloatVector b2 = FloatVector.fromArray(F, sums, r + 2 * VL + ROWS);
        FloatVector b3 = FloatVector.fromArray(F, sums, r + 3 * VL + ROWS);
        FloatVector c0 = FloatVector.fromArray(F, sums, r + 2 * ROWS);
        FloatVector c1 = FloatVector.fromArray(F, sums, r + VL + 2 * ROWS);
        FloatVector c2 = FloatVector.fromArray(F, sums, r + 2 * VL + 2 * ROWS);
        FloatVector c3 = FloatVector.fromArray(F, sums, r + 3 * VL + 2 * ROWS);
        FloatVector d0 = FloatVector.fromArray(F, sums, r + 3 * ROWS);
        FloatVector d1 = FloatVector.fromArray(F, sums, r + VL + 3 * ROWS);
        FloatVector d2 = FloatVector.fromArray(F, sums, r + 2 * VL + 3 * ROWS);
        FloatVector d3 = FloatVector.fromArray(F, sums, r + 3 * VL + 3 * ROWS);
        for (int c = 0, i = at; c < columns; c++, i += STREAM_ROWS) {
            FloatVector x0 = FloatVector.broadcast(F, x[xAt + c]);
            FloatVector x1 = FloatVector.broadcast(F, x[xAt + stride + c]);
            FloatVector x2 = FloatVector.broadcast(F, x[xAt + 2 * stride + c]);
            FloatVector x3 = FloatVector.broadcast(F, x[xAt + 3 * stride + c]);
            FloatVector u = VectorEmbeddingLoops.widenedBytes(w, i);
            a0 = u.fma(x0, a0);
            b0 = u.fma(x1, b0);
            c0 = u.fma(x2, c0);
            d0 = u.fma(x3, d0);
            u = VectorEmbeddingLoops.widenedBytes(w, i + VL);
            a1 = u.fma(x0, a1);
            b1 = u.fma(x1, b1);
            c1 = u.fma(x2, c1);
            d1 = u.fma(x3, d1);
            u = VectorEmbeddingLoops.widenedBytes(w, i + 2 * VL);
            a2 = u.fma(x0, a2);
            b2 = u.fma(x1, b2);
            c2 = u.fma(x2, c2);
            d2 = u.fma(x3, d2);
            u = VectorEmbeddingLoops.widenedBytes(w, i + 3 * VL);
            a3 = u.fma(x0, a3);
            b3 = u.fma(x1, b3);
            c3 = u.fma(x2, c3);
            d3 = u.fma(x3, d3);
        }
        a0.intoArray(sums, r);
        a1.intoArray(sums, r + VL);
        a2.intoArray(sums, r + 2 * VL);
        a3.intoArray(sums, r + 3 * VL);
        b0.intoArray(sums, r + ROWS);
        b1.intoArray(sums, r + VL + ROWS);
        b2.intoArray(sums, r + 2 * VL + ROWS);
        b3.intoArray(sums, r + 3 * VL + ROWS);
        c0.intoArray(sums, r + 2 * ROWS);
        c1.intoArray(sums, r + VL + 2 * ROWS);
        c2.intoArray(sums, r + 2 * VL + 2 * ROWS);
        c3.intoArray(sums, r + 3 * VL + 2 * ROWS);
        d0.intoArray(sums, r + 3 * ROWS);
        d1.intoArray(sums, r + VL + 3 * ROWS);
        d2.intoArray(sums, r + 2 * VL + 3 * ROWS);
        d3.intoArray(sums, r + 3 * VL + 3 * ROWS);
    }

    /** Adds some columns for two vectors of rows. */
    static void twoByFour(byte[] w, int at, int columns, float[] x, int xAt, int stride, float[] sums, int r) {
        FloatVector a0 = FloatVector.fromArray(F, sums, r);
        FloatVector a1 = FloatVector.fromArray(F, sums, r + VL);
        FloatVector b0 = FloatVector.fromArray(F, sums, r + ROWS);
        FloatVector b1 = FloatVector.fromArray(F, sums, r + VL + ROWS);
        FloatVector c0 = FloatVector.fromArray(F, sums, r + 2 * ROWS);
        FloatVector c1 = FloatVector.fromArray(F, sums, r + VL + 2 * ROWS);
        FloatVector d0 = FloatVector.fromArray(F, sums, r + 3 * ROWS);
        FloatVector d1 = FloatVector.fromArray(F, sums, r + VL + 3 * ROWS);
        for (int c = 0, i = at; c < columns; c++, i += STREAM_ROWS) {
            FloatVector x0 = FloatVector.broadcast(F, x[xAt + c]);
            FloatVector x1 = FloatVector.broadcast(F, x[xAt + stride + c]);
            FloatVector x2 = FloatVector.broadcast(F, x[xAt + 2 * stride + c]);
            FloatVector x3 = FloatVector.broadcast(F, x[xAt + 3 * stride + c]);
            FloatVector u = VectorEmbeddingLoops.widenedBytes(w, i);
            a0 = u.fma(x0, a0);
            b0 = u.fma(x1, b0);
            c0 = u.fma(x2, c0);
            d0 = u.fma(x3, d0);
            u = VectorEmbeddingLoops.widenedBytes(w, i + VL);
            a1 = u.fma(x0, a1);
            b1 = u.fma(x1, b1);
            c1 = u.fma(x2, c1);
            d1 = u.fma(x3, d1);
        }
        a0.intoArray(sums, r);
        a1.intoArray(sums, r + VL);
        b0.intoArray(sums, r + ROWS);
        b1.intoArray(sums, r + VL + ROWS);
        c0.intoArray(sums, r + 2 * ROWS);
        c1.intoArray(sums, r + VL + 2 * ROWS);
        d0.intoArray(sums, r + 3 * ROWS);
        d1.intoArray(sums, r + VL + 3 * ROWS);
    }
}
