package io.bitlab.models.io.folder;

import io.bitlab.core.embedding.EmbeddingFormat;
import io.bitlab.core.embedding.EmbeddingTable;
import io.bitlab.core.embedding.QuantizedTable;
import io.bitlab.core.math.Bfloat16;
import io.bitlab.models.io.JsonObject;
import io.bitlab.models.io.safetensors.DType;
import io.bitlab.models.io.safetensors.SafetensorsFile;
import io.bitlab.models.io.safetensors.SafetensorsWriter;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Stores an {@link EmbeddingTable} as tensors of a model folder.
 *
 * <p>bfloat16 is a BF16 tensor {@code [rows, columns]}. int8 is an I8 tensor {@code [rows, columns]}; nf4 is a U8
 * tensor {@code [rows, ceil(columns / 2)]} with the first of two codes in the lower half of its byte. Both have an F32
 * tensor {@code [rows, scales per row]} of the same name with {@value ModelFolder#SCALE_SUFFIX} appended.
 */
final class EmbeddingTensors {

    private EmbeddingTensors() {
    }

    /** The entry of a table in the metadata. */
    static List<Object> describe(EmbeddingTable table) {
        return List.of(table.format().jsonName(), table.rows(), table.columns());
    }

    static void add(SafetensorsWriter writer, String name, EmbeddingTable table) {
        if (table instanceof QuantizedTable quantized) {
            addCodes(writer, name, quantized);
        } else {
            addFloats(writer, name, table, dtype(table.format()));
        }
    }

    private static void addCodes(SafetensorsWriter writer, String name, QuantizedTable table) {
        int rows = table.rows();
        byte[] codes = new byte[table.codeBytes()];
        float[] scales = new float[table.scalesPerRow()];
        float[] allScales = new float[Math.multiplyExact(rows, scales.length)];
        for (int r = 0; r < rows; r++) {
            table.codes(r, codes, scales);
            System.arraycopy(scales, 0, allScales, r * scales.length, scales.length);
        }
        writer.content(name, dtype(table.format()), out -> {
            for (int r = 0; r < rows; r++) {
                table.codes(r, codes, scales);
                out.write(codes);
            }
        }, rows, codes.length);
        writer.floats(name + ModelFolder.SCALE_SUFFIX, allScales, rows, scales.length);
    }

    /** Adds the values of a table as F32 or BF16, row by row, so that the floats are never all in memory. */
    static void addFloats(SafetensorsWriter writer, String name, EmbeddingTable table, DType dtype) {
        float[] row = new float[table.columns()];
        ByteBuffer bytes = ByteBuffer.allocate(Math.multiplyExact(row.length, dtype.byteSize()))
                .order(ByteOrder.LITTLE_ENDIAN);
        writer.content(name, dtype, out -> {
            for (int r = 0; r < table.rows(); r++) {
                table.row(r, row, 0);
                bytes.clear();
                for (float value : row) {
                    if (dtype == DType.F32) {
                        bytes.putFloat(value);
                    } else {
                        bytes.putShort(Bfloat16.fromFloat(value));
                    }
                }
                out.write(bytes.array());
            }
        }, table.rows(), table.columns());
    }

    /**
     * What the metadata says of a table.
     *
     * @param format of its rows
     * @param rows as many as tokens
     * @param columns as many as features
     */
    record Entry(EmbeddingFormat format, int rows, int columns) {

        /** Whether the table has a tensor of scales. */
        boolean hasScales() {
            return EmbeddingTensors.hasScales(format);
        }
    }

    /** Reads the metadata: entry by name of the table. */
    static Map<String, Entry> entries(SafetensorsFile file, JsonObject tables) throws IOException {
        Map<String, Entry> entries = new LinkedHashMap<>();
        for (String name : tables.members().keySet()) {
            file.info(name); // must exist
            try {
                List<?> parts = tables.list(name);
                if (parts.size() != 3 || !(parts.get(1) instanceof Integer rows)
                        || !(parts.get(2) instanceof Integer columns)) {
                    throw tables.wrong(name, "[format, rows, columns]");
                }
                entries.put(name, new Entry(EmbeddingFormat.parse(parts.getFirst()), rows, columns));
            } catch (IllegalArgumentException e) {
                throw TensorChecks.damaged(file, name, e);
            }
        }
        return entries;
    }

    private static boolean hasScales(EmbeddingFormat format) {
        return format == EmbeddingFormat.INT8 || format == EmbeddingFormat.NF4;
    }

    private static DType dtype(EmbeddingFormat format) {
        return switch (format.requireInMemory("model folder")) {
            case FLOAT32 -> DType.F32;
            case BFLOAT16 -> DType.BF16;
            case INT8 -> DType.I8;
            case NF4 -> DType.U8;
            case FLOAT16 -> throw new AssertionError(); // refused above
        };
    }

    static EmbeddingTable read(SafetensorsFile file, String name, Entry entry) throws IOException {
        EmbeddingFormat format = entry.format();
        try {
            TensorChecks.requireType(file, name, dtype(format));
            return hasScales(format) ? readCodes(file, name, format, entry.rows(), entry.columns())
                    : readFloats(file, name, format, entry.rows(), entry.columns());
        } catch (IllegalArgumentException | ArithmeticException e) {
            throw TensorChecks.damaged(file, name, e);
        }
    }

    private static EmbeddingTable readCodes(SafetensorsFile file, String name, EmbeddingFormat format, int rows,
            int columns) throws IOException {
        int codeBytes = format == EmbeddingFormat.INT8 ? columns : Math.ceilDiv(columns, 2);
        TensorChecks.requireShape(file, name, rows, codeBytes); // before memory for so many rows is allocated
        EmbeddingTable.Builder builder = EmbeddingTable.builder(format, rows, columns);
        int scalesPerRow = builder.scalesPerRow();
        TensorChecks.requireShape(file, name + ModelFolder.SCALE_SUFFIX, rows, scalesPerRow);
        byte[] codes = file.bytes(name);
        float[] scales = TensorChecks.floats(file, name + ModelFolder.SCALE_SUFFIX);
        for (int r = 0; r < rows; r++) {
            builder.putCodes(r, Arrays.copyOfRange(codes, r * codeBytes, (r + 1) * codeBytes),
                    Arrays.copyOfRange(scales, r * scalesPerRow, (r + 1) * scalesPerRow));
        }
        return builder.build();
    }

    /** Reads row by row, so that the floats are never all in memory. */
    private static EmbeddingTable readFloats(SafetensorsFile file, String name, EmbeddingFormat format, int rows,
            int columns) throws IOException {
        TensorChecks.requireShape(file, name, rows, columns);
        EmbeddingTable.Builder builder = EmbeddingTable.builder(format, rows, columns);
        DType dtype = dtype(format);
        MemorySegment values = file.segment(name);
        float[] row = new float[columns];
        for (int r = 0; r < rows; r++) {
            dtype.toFloats(values, (long) r * columns * dtype.byteSize(), row, 0, columns);
            builder.put(r, row, 0);
        }
        return builder.build();
    }
}
