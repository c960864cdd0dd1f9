package io.bitlab.models.pretrained;

import io.bitlab.core.embedding.EmbeddingFormat;
import io.bitlab.core.embedding.EmbeddingTable;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** A table on its way to a file: what storing it loses is refused, or measured. For one thread. */
final class StoredTable {

    private static final int Q8_BLOCK = 32;

    private final String name;
    private final FloatRows source;
    private final EmbeddingFormat type;
    private final boolean allowRounding;
    private final float[] row;
    private int current = -1;
    private double largestError;

    StoredTable(String name, FloatRows source, EmbeddingFormat type, boolean allowRounding) {
        this.name = name;
        this.source = source;
        this.type = type;
        this.allowRounding = allowRounding;
        this.row = new float[source.columns()];
    }

    /** The largest error so far, relative to the largest value of its row. */
    double largestError() {
        return largestError;
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

    /** Writes all of it as F32, F16 or BF16, little-endian. */
    void writeTo(OutputStream out) throws IOException {
        int columns = row.length;
        float[] values = new float[columns];
        ByteBuffer bytes = ByteBuffer.allocate(columns * (type == EmbeddingFormat.FLOAT32 ? Float.BYTES : Short.BYTES))
                .order(ByteOrder.LITTLE_ENDIAN);
        for (int r = 0; r < source.rows(); r++) {
            read((long) r * columns, values);
            bytes.clear();
            for (float value : values) {
                switch (type) {
                    case FLOAT32 -> bytes.putFloat(value);
                    case BFLOAT16 -> bytes.putShort(EmbeddingTable.bfloat16(value));
                    case FLOAT16 -> bytes.putShort(Float.floatToFloat16(value));
                    case INT8, NF4 -> throw new IllegalStateException(type + " has no type of its own here");
                }
            }
            out.write(bytes.array());
        }
    }

    private void check(int r) {
        if (type == EmbeddingFormat.FLOAT32) {
            return;
        }
        float largest = 0f;
        for (float value : row) {
            largest = Math.max(largest, Math.abs(value));
        }
        float scale = 0f;
        for (int i = 0; i < row.length; i++) {
            if (type == EmbeddingFormat.INT8 && i % Q8_BLOCK == 0) {
                scale = q8Scale(i);
            }
            float stored = switch (type) {
                case FLOAT32 -> row[i];
                case BFLOAT16 -> Float.intBitsToFloat(EmbeddingTable.bfloat16(row[i]) << 16);
                case FLOAT16 -> Float.float16ToFloat(Float.floatToFloat16(row[i]));
                case INT8 -> scale == 0f ? 0f
                        : Float.float16ToFloat(Float.floatToFloat16(scale)) * Math.round(row[i] / scale);
                case NF4 -> throw new IllegalStateException("NF4 has no type of its own here");
            };
            if (stored != row[i]) {
                refuse(r, i, stored);
                largestError = Math.max(largestError, Math.abs((double) stored - row[i]) / largest);
            }
        }
    }

    private float q8Scale(int from) {
        float largest = 0f;
        for (int i = from; i < Math.min(row.length, from + Q8_BLOCK); i++) {
            largest = Math.max(largest, Math.abs(row[i]));
        }
        return largest / 127;
    }

    private void refuse(int r, int column, float stored) {
        if (!allowRounding || Float.isInfinite(stored)) {
            throw new IllegalArgumentException("tensor '" + name + "': the value " + row[column] + " in row " + r
                    + ", column " + column + " would be " + stored + " as " + type + (Float.isInfinite(stored)
                            ? "; write the table as FLOAT32 or BFLOAT16"
                            : "; write the table as FLOAT32, or allow rounding, which then says how much was lost"));
        }
    }
}
