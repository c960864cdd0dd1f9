package io.bitlab.models.io.safetensors;

import io.bitlab.models.internal.Quote;
import io.bitlab.models.io.AtomicFile;
import io.bitlab.models.io.Json;
import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.SequencedSet;
import java.util.function.Supplier;
import java.util.zip.CRC32C;
import java.util.zip.CheckedOutputStream;

/**
 * Collects named tensors and metadata and writes them as one safetensors file. Arrays are kept by reference, not
 * copied, and must stay unchanged until {@link #write} has returned; the file is never built in memory.
 *
 * <p>The header lists the tensors in the order in which they were added. Their data is laid out widest type first, so
 * that each tensor is aligned to its elements, as PyTorch's reader needs. The same calls give the same bytes.
 *
 * <p>Not for use from several threads at once.
 */
public final class SafetensorsWriter {

    /** Arrays are encoded in pieces of this size. */
    private static final int CHUNK_BYTES = 1 << 16;

    /** The data begins at a multiple of this, the widest element. */
    private static final int ALIGNMENT = 8;

    private final Map<String, String> metadata = new LinkedHashMap<>();
    private final SequencedMap<String, Entry> entries = new LinkedHashMap<>();

    /** Creates a writer that has no tensors and no metadata yet. */
    public SafetensorsWriter() {}

    /** One tensor: its header entry, and a writer of its bytes. */
    private record Entry(String name, DType dtype, int[] shape, long byteCount, AtomicFile.Content content) {}

    /**
     * Adds a string to {@code __metadata__}.
     *
     * @param key its name
     * @param value the string; it may be long, and hold JSON for instance
     * @return this writer
     * @throws IllegalArgumentException if the key is taken or either is not valid Unicode
     */
    public SafetensorsWriter metadata(String key, String value) {
        requireUnicode("metadata key", key);
        requireUnicode("metadata value", value);
        if (metadata.putIfAbsent(key, value) != null) {
            throw new IllegalArgumentException("metadata " + Quote.value(key) + " was added before");
        }
        return this;
    }

    /**
     * Adds an F32 tensor.
     *
     * @param name its name
     * @param values the elements, row-major; kept, not copied, not modified
     * @param shape the dimensions, outermost first; none for a scalar
     * @return this writer
     * @throws IllegalArgumentException if the name is taken, reserved or not valid Unicode, or the shape does not fit
     *     the number of values
     */
    public SafetensorsWriter floats(String name, float[] values, int... shape) {
        return add(name, DType.F32, shape, values.length, out -> write(values, out));
    }

    /**
     * Adds an F32 tensor whose elements are made when they are written, so that only one is in memory at a time.
     *
     * @param name its name
     * @param values makes the elements, row-major, once in each {@link #write} and {@link #crc32c}
     * @param shape the dimensions, outermost first; none for a scalar
     * @return this writer
     * @throws IllegalArgumentException as {@link #floats(String, float[], int...)}
     */
    public SafetensorsWriter floats(String name, Supplier<float[]> values, int... shape) {
        return content(name, DType.F32, out -> write(values.get(), out), shape);
    }

    private static void write(float[] values, OutputStream out) throws IOException {
        ByteBuffer chunk = ByteBuffer.allocate(CHUNK_BYTES).order(ByteOrder.LITTLE_ENDIAN);
        int step = CHUNK_BYTES / Float.BYTES;
        for (int from = 0; from < values.length; from += step) {
            int count = Math.min(step, values.length - from);
            chunk.asFloatBuffer().put(values, from, count);
            out.write(chunk.array(), 0, count * Float.BYTES);
        }
    }

    /**
     * Adds an I64 tensor.
     *
     * @param name its name
     * @param values the elements, row-major; kept, not copied, not modified
     * @param shape the dimensions, outermost first; none for a scalar
     * @return this writer
     * @throws IllegalArgumentException as {@link #floats(String, float[], int...)}
     */
    public SafetensorsWriter longs(String name, long[] values, int... shape) {
        return add(name, DType.I64, shape, values.length, out -> {
            ByteBuffer chunk = ByteBuffer.allocate(CHUNK_BYTES).order(ByteOrder.LITTLE_ENDIAN);
            int step = CHUNK_BYTES / Long.BYTES;
            for (int from = 0; from < values.length; from += step) {
                int count = Math.min(step, values.length - from);
                chunk.asLongBuffer().put(values, from, count);
                out.write(chunk.array(), 0, count * Long.BYTES);
            }
        });
    }

    /**
     * Adds a tensor of any type from its bytes: one byte an element for U8, I8 and BOOL, little-endian for the others.
     *
     * @param name its name
     * @param dtype the element type
     * @param bytes the elements, row-major; kept, not copied, not modified
     * @param shape the dimensions, outermost first; none for a scalar
     * @return this writer
     * @throws IllegalArgumentException as {@link #floats(String, float[], int...)}, or if the bytes end within an
     *         element
     */
    public SafetensorsWriter bytes(String name, DType dtype, byte[] bytes, int... shape) {
        if (bytes.length % dtype.byteSize() != 0) {
            throw new IllegalArgumentException("tensor " + Quote.value(name) + ": " + bytes.length
                    + " bytes are no whole number of " + dtype + " elements of " + dtype.byteSize() + " bytes");
        }
        return add(name, dtype, shape, bytes.length / dtype.byteSize(), out -> {
            for (int from = 0; from < bytes.length; from += CHUNK_BYTES) {
                out.write(bytes, from, Math.min(CHUNK_BYTES, bytes.length - from));
            }
        });
    }

    /**
     * Adds a tensor whose bytes are made when they are written, so that only one is in memory at a time.
     *
     * @param name its name
     * @param dtype the element type
     * @param content writes the elements, little-endian and row-major, once in each {@link #write} and {@link #crc32c}
     * @param shape the dimensions, outermost first; none for a scalar
     * @return this writer
     * @throws IllegalArgumentException as {@link #floats(String, float[], int...)}
     */
    public SafetensorsWriter content(String name, DType dtype, AtomicFile.Content content, int... shape) {
        long byteCount = TensorInfo.byteCount(name, dtype, shape);
        return add(name, dtype, shape, byteCount / dtype.byteSize(), out -> {
            CountedStream counted = new CountedStream(out);
            content.writeTo(counted);
            if (counted.count != byteCount) {
                throw new IllegalArgumentException("tensor " + Quote.value(name) + ": its content is "
                        + counted.count + " bytes, expected the " + byteCount + " of " + dtype + " "
                        + Arrays.toString(shape));
            }
        });
    }

    private static final class CountedStream extends FilterOutputStream {
        private long count;

        CountedStream(OutputStream out) {
            super(out);
        }

        @Override
        public void write(int value) throws IOException {
            out.write(value);
            count++;
        }

        @Override
        public void write(byte[] bytes, int from, int length) throws IOException {
            out.write(bytes, from, length);
            count += length;
        }
    }

    private SafetensorsWriter add(String name, DType dtype, int[] shape, long elements, AtomicFile.Content content) {
        requireUnicode("tensor name", name);
        if (shape.length > SafetensorsHeader.MAX_RANK) {
            throw new IllegalArgumentException("tensor " + Quote.value(name) + ": " + shape.length
                    + " dimensions, expected at most " + SafetensorsHeader.MAX_RANK);
        }
        long byteCount = TensorInfo.byteCount(name, dtype, shape);
        if (byteCount != elements * dtype.byteSize()) {
            throw new IllegalArgumentException("tensor " + Quote.value(name) + ": shape "
                    + Arrays.toString(shape) + " needs " + byteCount / dtype.byteSize() + " elements, got "
                    + elements);
        }
        if (name.equals(SafetensorsHeader.METADATA)) {
            throw new IllegalArgumentException("tensor name '" + name + "' is reserved; use metadata()");
        }
        if (entries.putIfAbsent(name, new Entry(name, dtype, shape.clone(), byteCount, content)) != null) {
            throw new IllegalArgumentException("tensor " + Quote.value(name) + " was added before");
        }
        return this;
    }

    /**
     * The tensors that were added.
     *
     * @return their names, in that order; unmodifiable
     */
    public SequencedSet<String> names() {
        return Collections.unmodifiableSequencedSet(entries.sequencedKeySet());
    }

    /**
     * The CRC-32C of the bytes that a tensor will have in the file, for instance to store it in the metadata.
     *
     * @param name the tensor's name
     * @return the checksum, 0 to 2^32 - 1, equal to {@link SafetensorsFile#crc32c} of the written file
     * @throws IllegalArgumentException if no tensor of that name was added
     */
    public long crc32c(String name) {
        Entry entry = entries.get(name);
        if (entry == null) {
            throw new IllegalArgumentException("tensor " + Quote.value(name) + " was not added");
        }
        CheckedOutputStream out = new CheckedOutputStream(OutputStream.nullOutputStream(), new CRC32C());
        try {
            entry.content.writeTo(out);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return out.getChecksum().getValue();
    }

    /**
     * Writes the file, replacing an existing one, completely or not at all.
     *
     * @param target the file; its folder must exist
     * @throws IOException if it cannot be written; see {@link AtomicFile#replace(Path, AtomicFile.Content)}
     * @throws IllegalStateException if names and metadata make a header over the format's 100 MB
     */
    public void write(Path target) throws IOException {
        List<Entry> layout = entries.values().stream()
                .sorted(Comparator.comparingInt((Entry entry) -> -entry.dtype.byteSize()))
                .toList();
        byte[] header = header(layout);
        AtomicFile.replace(target, out -> {
            out.write(header);
            for (Entry entry : layout) {
                entry.content.writeTo(out);
            }
        });
    }

    /** Length, JSON, and spaces up to a multiple of 8 bytes. */
    private byte[] header(List<Entry> layout) {
        Map<String, Object> header = new LinkedHashMap<>();
        if (!metadata.isEmpty()) {
            header.put(SafetensorsHeader.METADATA, metadata);
        }
        // keys first, in the order in which tensors were added; the layout then fills in the values
        entries.keySet().forEach(name -> header.put(name, null));
        long at = 0;
        for (Entry entry : layout) {
            Map<String, Object> tensor = new LinkedHashMap<>();
            tensor.put("dtype", entry.dtype.name());
            tensor.put("shape", Arrays.stream(entry.shape).boxed().toList());
            tensor.put("data_offsets", List.of(at, at + entry.byteCount));
            header.put(entry.name, tensor);
            at += entry.byteCount;
        }
        byte[] json = Json.compact(header).getBytes(StandardCharsets.UTF_8);
        int length = Math.ceilDiv(json.length, ALIGNMENT) * ALIGNMENT;
        if (length > SafetensorsHeader.MAX_BYTES) {
            throw new IllegalStateException("names and metadata make a header of " + length
                    + " bytes, expected at most " + SafetensorsHeader.MAX_BYTES);
        }
        byte[] bytes = new byte[Long.BYTES + length];
        Arrays.fill(bytes, (byte) ' ');
        ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).putLong(length).put(json);
        return bytes;
    }

    private static void requireUnicode(String what, String text) {
        if (!StandardCharsets.UTF_8.newEncoder().canEncode(text)) {
            throw new IllegalArgumentException(
                    what + " " + Quote.value(text) + " holds half a surrogate pair, not valid Unicode");
        }
    }
}
