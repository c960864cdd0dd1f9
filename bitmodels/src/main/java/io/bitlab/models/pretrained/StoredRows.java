package io.bitlab.models.pretrained;

import io.bitlab.core.embedding.EmbeddingFormat;
import io.bitlab.core.math.Bfloat16;
import io.bitlab.models.internal.RoundingError;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * Float rows on their way to a file for another program. What their format there loses is refused, or measured. Not
 * thread-safe.
 */
final class StoredRows {

    private static final int Q8_BLOCK = 32;

    private final String name;
    private final FloatRows source;
    private final EmbeddingFormat format;
    private final boolean allowRounding;
    private final float[] row;
    private final float[] stored;
    private int current = -1;
    private final RoundingError error;

    /**
     * Starts with no row.
     *
     * @param name of the tensor, for messages
     * @param source the rows
     * @param format any but NF4, which other programs don't have; INT8 stands for GGUF's Q8_0
     * @param allowRounding whether values may change
     * @param error gets the error of each row
     */
    StoredRows(String name, FloatRows source, EmbeddingFormat format, boolean allowRounding, RoundingError error) {
        this.name = name;
        this.source = source;
        this.format = format;
        this.allowRounding = allowRounding;
        this.row = new float[source.columns()];
        this.stored = new float[source.columns()];
        this.error = error;
    }

    /** Reads values from an index on, row-major, and checks the rows that they are in. */
    void read(long from, float[] into) {
        int columns = row.length;
        for (int done = 0; done < into.length;) {
            int r = (int) ((from + done) / columns);
            int column = (int) ((from + done) % columns);
            if (r != current) {
                source.row(r, row);
                check(r);
                current = r;
            }
            int count = Math.min(columns - column, into.length - done);
            System.arraycopy(row, column, into, done, count);
            done += count;
        }
    }

    /** Writes all rows as F32, BF16 or F16, little-endian. */
    void writeTo(OutputStream out) throws IOException {
        int columns = row.length;
        float[] values = new float[columns];
        ByteBuffer bytes =
                ByteBuffer.allocate(columns * (format == EmbeddingFormat.FLOAT32 ? Float.BYTES : Short.BYTES))
                        .order(ByteOrder.LITTLE_ENDIAN);
        for (int r = 0; r < source.rows(); r++) {
            read((long) r * columns, values);
            bytes.clear();
            for (float value : values) {
                switch (format) {
                    case FLOAT32 -> bytes.putFloat(value);
                    case BFLOAT16 -> bytes.putShort(Bfloat16.fromFloat(value));
                    case FLOAT16 -> bytes.putShort(Float.floatToFloat16(value));
                    case INT8, NF4 -> throw new IllegalStateException(format + " is not a type of single values");
                }
            }
            out.write(bytes.array());
        }
    }

    private void check(int r) {
        if (format == EmbeddingFormat.FLOAT32) {
            return;
        }
        round();
        for (int i = 0; i < row.length; i++) {
            if (stored[i] != row[i]) {
                requireAllowed(r, i);
            }
        }
        error.add(RoundingError.ofRow(row, stored));
    }

    /** Computes the row as a reader of the file will get it. */
    private void round() {
        for (int i = 0; i < row.length; i++) {
            switch (format) {
                case BFLOAT16 -> stored[i] = Bfloat16.toFloat(Bfloat16.fromFloat(row[i]));
                case FLOAT16 -> stored[i] = Float.float16ToFloat(Float.floatToFloat16(row[i]));
                case INT8 -> {
                    if (i % Q8_BLOCK == 0) {
                        roundQ8(i, Math.min(row.length, i + Q8_BLOCK));
                    }
                }
                case FLOAT32, NF4 -> throw new IllegalStateException(format + " is not rounded here");
            }
        }
    }

    /** As Q8_0 is written: integers by the exact scale, half away from zero; the scale is then stored as F16. */
    private void roundQ8(int from, int to) {
        float largest = 0f;
        for (int i = from; i < to; i++) {
            largest = Math.max(largest, Math.abs(row[i]));
        }
        float scale = largest / 127;
        float inverse = scale == 0f ? 0f : 1 / scale;
        float storedScale = Float.float16ToFloat(Float.floatToFloat16(scale));
        for (int i = from; i < to; i++) {
            float rounded = (float) Math.floor(Math.abs(row[i] * inverse) + 0.5);
            stored[i] = storedScale * Math.copySign(rounded, row[i]);
        }
    }

    private void requireAllowed(int r, int column) {
        boolean overflow = Float.isInfinite(stored[column]);
        if (!allowRounding || overflow) {
            throw new IllegalArgumentException("tensor '" + name + "': the value " + row[column] + " in row " + r
                    + ", column " + column + " would be " + stored[column] + " as " + format + "; "
                    + (overflow ? "write embedding and head as FLOAT32 or BFLOAT16"
                            : "write embedding and head as FLOAT32, or allow rounding, which reports the error"));
        }
    }
}
