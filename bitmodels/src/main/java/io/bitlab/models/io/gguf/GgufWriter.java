package io.bitlab.models.io.gguf;

import io.bitlab.core.quant.TernaryMatrix;
import io.bitlab.models.internal.Quote;
import io.bitlab.models.io.AtomicFile;
import io.bitlab.models.io.ModelFormatException;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * Collects metadata and the descriptions of tensors, and writes them as one GGUF file of version 3. The content of a
 * tensor is requested only when it is written, so that only one is in memory at a time.
 *
 * <p>Metadata and tensors are written in the order in which they were added. The same calls give the same bytes,
 * and for ternary weights those that llama.cpp and bitnet.cpp write.
 *
 * <p>Not for use from several threads at once.
 */
public final class GgufWriter {

    /** Weights that are encoded at a time: a whole number of blocks of every type. */
    private static final int PIECE = 1 << 14;

    private static final int BUFFER_BYTES = 1 << 16;

    /** The longest name that llama.cpp reads. */
    private static final int MAX_NAME_BYTES = 63;

    private final I2sLayout layout;
    private final Map<String, byte[]> metadata = new LinkedHashMap<>();
    private final Map<String, Entry> entries = new LinkedHashMap<>();
    private int alignment = GgufHeader.DEFAULT_ALIGNMENT;
    private boolean rounding;

    /** Creates a writer, whose I2_S tensors are for x86. */
    public GgufWriter() {
        this(I2sLayout.X86);
    }

    /**
     * Creates a writer.
     *
     * @param layout how I2_S tensors are packed
     */
    public GgufWriter(I2sLayout layout) {
        this.layout = Objects.requireNonNull(layout, "layout");
    }

    /**
     * Gives the content of a tensor.
     *
     * @param <T> an array or a matrix
     */
    @FunctionalInterface
    public interface Source<T> {

        /**
         * Called once in each {@link GgufWriter#write}.
         *
         * @return the content, of the announced shape; not modified
         * @throws IOException if it cannot be read; the file is then not written
         */
        T get() throws IOException;
    }

    /** Gives the content of a tensor in parts. */
    @FunctionalInterface
    public interface FloatParts {

        /**
         * Called from the first weight to the last.
         *
         * @param from the index of a weight, row-major
         * @param into receives as many weights from there on as it has elements
         * @throws IOException if they cannot be read; the file is then not written
         */
        void read(long from, float[] into) throws IOException;
    }

    /** One tensor, its offset still 0, and a writer of its bytes. */
    private record Entry(GgufTensor tensor, Content content) {}

    @FunctionalInterface
    private interface Content {
        void writeTo(OutputStream out, TernaryEncoder encoder) throws IOException;
    }

    // ---------------------------------------------------------------- metadata

    /**
     * Adds a metadata value of the type that its Java type suggests: {@link String}, {@link Boolean}, {@link Float}
     * (F32), {@link Double}, {@link Byte}, {@link Short}, {@link Integer} (I32), {@link Long} (I64), or a {@link List}
     * of one of these.
     *
     * @param key its name
     * @param value the value; copied
     * @return this writer
     * @throws IllegalArgumentException if the key is taken, or the value has another type
     */
    public GgufWriter put(String key, Object value) {
        return put(key, GgufBytes.typeOf(title(key), value), value);
    }

    /**
     * Adds a metadata value. llama.cpp expects U32 for most numbers.
     *
     * @param key its name; {@code general.alignment} (U32, a power of two) sets that of the tensors
     * @param type its type in the file
     * @param value integers for the integer types, {@link Float} or {@link Double} for F32 and F64, and else
     *     {@link Boolean}, {@link String} or {@link List}; copied
     * @return this writer
     * @throws IllegalArgumentException if the key is taken, or the value is not one of the type
     */
    public GgufWriter put(String key, GgufValueType type, Object value) {
        byte[] bytes = new GgufBytes().u32(type.id()).value(title(key), type, value).toArray();
        if (key.equals(GgufHeader.ALIGNMENT)) {
            if (type != GgufValueType.U32 || !GgufHeader.isAlignment(((Number) value).longValue())) {
                throw new IllegalArgumentException(title(key) + ": " + type + " " + value
                        + ", expected U32 and a power of two up to " + GgufHeader.MAX_ALIGNMENT);
            }
            alignment = ((Number) value).intValue();
        }
        return putBytes(key, bytes);
    }

    /**
     * Adds an array.
     *
     * @param key its name
     * @param elementType the type of the elements; that of elements that are lists follows from their first element
     * @param values the elements, as for {@link #put(String, GgufValueType, Object)}; copied
     * @return this writer
     * @throws IllegalArgumentException if the key is taken, or a value is not one of the type
     */
    public GgufWriter putArray(String key, GgufValueType elementType, List<?> values) {
        return putBytes(key, new GgufBytes().u32(GgufValueType.ARRAY.id()).array(title(key), elementType, values)
                .toArray());
    }

    /**
     * Adds the metadata of another file with its types, all but {@code general.alignment}: a model's vocabulary and
     * sizes, when its tensors are converted.
     *
     * @param file an open file
     * @return this writer
     * @throws IllegalArgumentException if a key is taken; the entries before it were added
     * @throws ModelFormatException if the file was changed while it was open
     * @throws IllegalStateException if the file is closed
     */
    public GgufWriter putAll(GgufFile file) throws ModelFormatException {
        file.encodedMetadata().forEach((key, bytes) -> {
            if (!key.equals(GgufHeader.ALIGNMENT)) {
                putBytes(key, bytes);
            }
        });
        return this;
    }

    private GgufWriter putBytes(String key, byte[] bytes) {
        GgufBytes.requireUnicode("metadata key", key);
        if (metadata.putIfAbsent(key, bytes) != null) {
            throw new IllegalArgumentException(title(key) + " was added before");
        }
        return this;
    }

    private static String title(String key) {
        return "metadata " + Quote.value(key);
    }

    // ---------------------------------------------------------------- tensors

    /**
     * Whether scales may be rounded to F16, in which TQ1_0 and TQ2_0 store them. By default they may not, and {@link
     * #write} refuses scales that F16 cannot represent.
     *
     * @param allowed true if an error of up to 0.05 % (more below 6.1e-5) does not matter
     * @return this writer
     */
    public GgufWriter allowRounding(boolean allowed) {
        rounding = allowed;
        return this;
    }

    /**
     * Adds a ternary matrix. TQ1_0 and TQ2_0 hold a scale for each 256 columns, so also one a row or one for the
     * matrix; I2_S holds one for the matrix.
     *
     * @param name its name, at most 63 bytes
     * @param type TQ1_0, TQ2_0 or I2_S
     * @param out rows
     * @param in columns; for TQ1_0 and TQ2_0 a multiple of 256
     * @param source gives the matrix; its shape and scales are checked when the file is written
     * @return this writer
     * @throws IllegalArgumentException if the name is taken, too long or not valid Unicode, the type is not ternary, or
     *     the shape does not fit it
     */
    public GgufWriter ternary(String name, GgufType type, int out, int in, Source<TernaryMatrix> source) {
        if (!type.isTernary()) {
            throw new IllegalArgumentException("tensor " + Quote.value(name) + ": type " + type
                    + " is not ternary, expected TQ1_0, TQ2_0 or I2_S");
        }
        GgufTensor tensor = new GgufTensor(name, type, new int[] {out, in}, 0);
        return add(tensor, (stream, encoder) -> encoder.write(tensor, source.get(), stream));
    }

    /**
     * Adds a float tensor that is supplied in one array.
     *
     * @param name its name, at most 63 bytes
     * @param type F32, F16, BF16 (both to the nearest) or Q8_0 (as llama.cpp quantises)
     * @param source gives the weights, row-major
     * @param shape the dimensions, outermost first; none for a scalar
     * @return this writer
     * @throws IllegalArgumentException if the name is taken, too long or not valid Unicode, the type is another, or the
     *     shape does not fit it
     */
    public GgufWriter floats(String name, GgufType type, Source<float[]> source, int... shape) {
        GgufTensor tensor = floatTensor(name, type, shape);
        return add(tensor, (out, encoder) -> {
            float[] weights = source.get();
            if (weights.length != tensor.elements()) {
                throw new IllegalArgumentException("tensor " + tensor + ": the source gave " + weights.length
                        + " weights, expected " + tensor.elements());
            }
            for (int from = 0; from < weights.length; from += PIECE) {
                int end = (int) Math.min(weights.length, (long) from + PIECE);
                out.write(FloatEncoder.encode(tensor, from, Arrays.copyOfRange(weights, from, end)));
            }
        });
    }

    /**
     * Adds a float tensor that is supplied in parts, for embeddings that should not be in memory as a whole.
     *
     * @param name its name, at most 63 bytes
     * @param type as in {@link #floats}
     * @param parts gives the weights
     * @param shape the dimensions, outermost first; none for a scalar
     * @return this writer
     * @throws IllegalArgumentException as {@link #floats}
     */
    public GgufWriter floatParts(String name, GgufType type, FloatParts parts, int... shape) {
        GgufTensor tensor = floatTensor(name, type, shape);
        return add(tensor, (out, encoder) -> {
            for (long from = 0; from < tensor.elements(); from += PIECE) {
                float[] piece = new float[(int) Math.min(PIECE, tensor.elements() - from)];
                parts.read(from, piece);
                out.write(FloatEncoder.encode(tensor, from, piece));
            }
        });
    }

    private static GgufTensor floatTensor(String name, GgufType type, int[] shape) {
        if (!FloatEncoder.supports(type)) {
            throw new IllegalArgumentException("tensor " + Quote.value(name)
                    + ": floats cannot be written as " + type + ", expected F32, F16, BF16 or Q8_0");
        }
        return new GgufTensor(name, type, shape, 0);
    }

    private GgufWriter add(GgufTensor tensor, Content content) {
        GgufBytes.requireUnicode("tensor name", tensor.name());
        int nameBytes = tensor.name().getBytes(StandardCharsets.UTF_8).length;
        if (nameBytes > MAX_NAME_BYTES) {
            throw new IllegalArgumentException("tensor " + tensor + ": a name of " + nameBytes
                    + " bytes, expected at most the " + MAX_NAME_BYTES + " that llama.cpp reads");
        }
        GgufHeader.requireBlocks(tensor, layout);
        if (entries.putIfAbsent(tensor.name(), new Entry(tensor, content)) != null) {
            throw new IllegalArgumentException("tensor " + tensor + " was added before");
        }
        return this;
    }

    // ---------------------------------------------------------------- the file

    /**
     * Writes the file, replacing an existing one, completely or not at all.
     *
     * @param target the file; its folder must exist
     * @return the largest relative error of a scale, 0 unless {@link #allowRounding} let scales be rounded
     * @throws IOException if it cannot be written, or a source fails; see
     *     {@link AtomicFile#replace(Path, AtomicFile.Content)}
     * @throws IllegalArgumentException if a source gives another shape than was announced, scales that the type cannot
     *     hold, or weights beyond its range; the message says which
     */
    public double write(Path target) throws IOException {
        TernaryEncoder encoder = new TernaryEncoder(layout, rounding);
        AtomicFile.replace(target, unbuffered -> {
            OutputStream out = new BufferedOutputStream(unbuffered, BUFFER_BYTES);
            out.write(header());
            for (Entry entry : entries.values()) {
                entry.content.writeTo(out, encoder);
                long bytes = entry.tensor.byteCount();
                out.write(new byte[(int) (GgufHeader.align(bytes, alignment) - bytes)]);
            }
            out.flush();
        });
        return encoder.largestError();
    }

    private byte[] header() {
        GgufBytes header = new GgufBytes().u32(GgufHeader.MAGIC).u32(GgufHeader.VERSION)
                .u64(entries.size()).u64(metadata.size());
        metadata.forEach((key, value) -> header.string(key).append(value));
        long offset = 0;
        for (Entry entry : entries.values()) {
            GgufTensor tensor = entry.tensor;
            int[] shape = tensor.shape();
            header.string(tensor.name()).u32(shape.length);
            for (int i = shape.length - 1; i >= 0; i--) {
                header.u64(shape[i]);
            }
            header.u32(tensor.type().id()).u64(offset);
            offset += GgufHeader.align(tensor.byteCount(), alignment);
        }
        return header.pad(alignment).toArray();
    }
}
