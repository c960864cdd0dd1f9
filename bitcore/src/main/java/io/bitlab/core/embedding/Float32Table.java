package io.bitlab.core.embedding;

import io.bitlab.core.math.FloatMath;

/** The floats themselves, row-major; products are those of any float matrix. */
final class Float32Table extends EmbeddingTable {

    private final float[] values; // [rows, columns]

    Float32Table(int rows, int columns) {
        super(rows, columns);
        values = new float[Math.multiplyExact(rows, columns)];
    }

    @Override
    public EmbeddingFormat format() {
        return EmbeddingFormat.FLOAT32;
    }

    @Override
    public long bytes() {
        return (long) values.length * Float.BYTES;
    }

    @Override
    void setRow(int row, float[] from, int at) {
        System.arraycopy(from, at, values, row * columns(), columns());
    }

    @Override
    void copyRow(int row, float[] to, int at) {
        System.arraycopy(values, row * columns(), to, at, columns());
    }

    @Override
    void product(float[] x, int n, float[] y) {
        FloatMath.get().gemmTransposedB(n, rows(), columns(), x, 0, values, 0, y, 0, false);
    }
}
