package io.bitlab.models.io.gguf;

import io.bitlab.models.internal.Quote;
import io.bitlab.models.io.FileOutline;
import io.bitlab.models.io.ModelFormatException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;

/**
 * Everything in front of the data, checked.
 *
 * @param version 2 or 3
 * @param metadata the entries in file order
 * @param tensors the tensors by name, in file order; each lies inside the file, and none overlap
 * @param dataBegin the first byte of the data
 */
record GgufHeader(
        int version, SequencedMap<String, Object> metadata, SequencedMap<String, GgufTensor> tensors, long dataBegin) {

    static final int MAGIC = 0x46554747; // GGUF, little-endian
    static final int VERSION = 3;
    static final String ALIGNMENT = "general.alignment";
    static final int DEFAULT_ALIGNMENT = 32;
    static final int MAX_ALIGNMENT = 1 << 20;

    /** Key length, type, and a value of one byte; name length, number of dimensions, type and offset. */
    private static final int MIN_ENTRY_BYTES = 8 + 4 + 1;
    private static final int MIN_TENSOR_BYTES = 8 + 4 + 4 + 8;

    /** Reads a header and checks all of it. */
    static GgufHeader read(MemorySegment file, I2sLayout layout, String source) throws ModelFormatException {
        return read(file, layout, source, new LinkedHashMap<>(), new LinkedHashMap<>());
    }

    /** Reads a header until something is wrong. */
    static FileOutline<GgufTensor> outline(MemorySegment file, I2sLayout layout, String source) {
        return FileOutline.of((SequencedMap<String, Object> metadata,
                SequencedMap<String, GgufTensor> tensors) -> read(file, layout, source, metadata, tensors));
    }

    /** Fills these maps until something is wrong. */
    private static GgufHeader read(MemorySegment file, I2sLayout layout, String source,
            SequencedMap<String, Object> metadata, SequencedMap<String, GgufTensor> tensors)
            throws ModelFormatException {
        GgufCursor cursor = new GgufCursor(file, source);
        int version = version(cursor);
        int tensorCount = cursor.count("the header", "tensors", MIN_TENSOR_BYTES);
        int entryCount = cursor.count("the header", "metadata entries", MIN_ENTRY_BYTES);
        for (int i = 0; i < entryCount; i++) {
            String key = cursor.string("the key of metadata entry " + i);
            String what = "metadata " + Quote.value(key);
            if (metadata.putIfAbsent(key, cursor.value(what)) != null) {
                throw cursor.wrong(what, "the key occurs twice");
            }
        }
        long alignment = alignment(metadata, cursor);
        for (int i = 0; i < tensorCount; i++) {
            GgufTensor tensor = tensor(cursor, i, layout);
            if (tensors.putIfAbsent(tensor.name(), tensor) != null) {
                throw cursor.wrong("tensor " + tensor, "the name occurs twice");
            }
        }
        long dataBegin = align(cursor.at(), alignment);
        requireInside(tensors.values(), alignment, Math.max(0, file.byteSize() - dataBegin), cursor);
        return new GgufHeader(version, Collections.unmodifiableSequencedMap(metadata),
                Collections.unmodifiableSequencedMap(tensors), dataBegin);
    }

    /** The metadata of a file that was read before: for each entry the bytes of its type and value. */
    static SequencedMap<String, byte[]> encodedMetadata(MemorySegment file, String source)
            throws ModelFormatException {
        GgufCursor cursor = new GgufCursor(file, source);
        version(cursor);
        cursor.count("the header", "tensors", MIN_TENSOR_BYTES);
        int entryCount = cursor.count("the header", "metadata entries", MIN_ENTRY_BYTES);
        SequencedMap<String, byte[]> encoded = new LinkedHashMap<>();
        for (int i = 0; i < entryCount; i++) {
            String key = cursor.string("the key of metadata entry " + i);
            long begin = cursor.at();
            cursor.value(key);
            encoded.put(key, file.asSlice(begin, cursor.at() - begin).toArray(ValueLayout.JAVA_BYTE));
        }
        return encoded;
    }

    /** The next multiple, or the position itself. */
    static long align(long at, long alignment) {
        return Math.ceilDiv(at, alignment) * alignment;
    }

    private static int version(GgufCursor cursor) throws ModelFormatException {
        int magic = cursor.u32("the magic number");
        if (magic != MAGIC) {
            throw cursor.wrong("the magic number", "0x" + Integer.toHexString(magic)
                    + ", expected 0x" + Integer.toHexString(MAGIC) + ", the letters GGUF; this is no GGUF file");
        }
        int version = cursor.u32("the version");
        if (version != 2 && version != VERSION) {
            boolean bigEndian = Integer.reverseBytes(version) == VERSION || Integer.reverseBytes(version) == 2;
            throw cursor.wrong("the version", Integer.toUnsignedString(version) + ", expected 2 or " + VERSION
                    + (bigEndian ? "; the file is big-endian, convert it" : ""));
        }
        return version;
    }

    private static long alignment(SequencedMap<String, Object> metadata, GgufCursor cursor)
            throws ModelFormatException {
        Object alignment = metadata.getOrDefault(ALIGNMENT, (long) DEFAULT_ALIGNMENT);
        if (alignment instanceof Long number && isAlignment(number)) {
            return number;
        }
        throw cursor.wrong("metadata '" + ALIGNMENT + "'", Quote.value(alignment)
                + ", expected a power of two up to " + MAX_ALIGNMENT);
    }

    static boolean isAlignment(long number) {
        return number > 0 && number <= MAX_ALIGNMENT && Long.bitCount(number) == 1;
    }

    private static GgufTensor tensor(GgufCursor cursor, int index, I2sLayout layout) throws ModelFormatException {
        String name = cursor.string("the name of tensor " + index);
        String what = "tensor " + Quote.value(name);
        int rank = cursor.u32(what);
        if (rank < 0 || rank > GgufTensor.MAX_RANK) {
            throw cursor.wrong(what, Integer.toUnsignedString(rank) + " dimensions, expected at most "
                    + GgufTensor.MAX_RANK);
        }
        int[] shape = new int[rank];
        for (int i = rank - 1; i >= 0; i--) {
            long dimension = cursor.u64(what);
            if (dimension < 1 || dimension > Integer.MAX_VALUE) {
                throw cursor.wrong(what, "dimension " + Long.toUnsignedString(dimension) + ", expected 1 to "
                        + Integer.MAX_VALUE);
            }
            shape[i] = (int) dimension;
        }
        GgufType type = type(cursor, what);
        long offset = cursor.u64(what);
        try {
            GgufTensor tensor = new GgufTensor(name, type, shape, offset);
            requireBlocks(tensor, layout);
            return tensor;
        } catch (IllegalArgumentException e) {
            throw cursor.wrong(e);
        }
    }

    private static GgufType type(GgufCursor cursor, String what) throws ModelFormatException {
        int id = cursor.u32(what);
        try {
            return GgufType.of(id);
        } catch (IllegalArgumentException e) {
            throw cursor.wrong(what, e.getMessage());
        }
    }

    /** A block of I2_S may continue in the next row, so only the size of the whole tensor matters. */
    static void requireBlocks(GgufTensor tensor, I2sLayout layout) {
        if (tensor.type() == GgufType.I2_S && tensor.elements() % layout.blockSize() != 0) {
            throw new IllegalArgumentException("tensor " + tensor + ": " + tensor.elements()
                    + " weights, expected a multiple of the " + layout.blockSize() + " in a block of layout "
                    + layout);
        }
    }

    private static void requireInside(
            Iterable<GgufTensor> tensors, long alignment, long dataBytes, GgufCursor cursor)
            throws ModelFormatException {
        List<GgufTensor> ordered = new ArrayList<>();
        tensors.forEach(ordered::add);
        ordered.sort(Comparator.comparingLong(GgufTensor::offset));
        long end = 0;
        for (GgufTensor tensor : ordered) {
            String what = "tensor " + tensor;
            long offset = tensor.offset();
            if (offset % alignment != 0) {
                throw cursor.wrong(what, "offset " + offset + ", expected a multiple of the alignment " + alignment);
            }
            if (offset < end) {
                throw cursor.wrong(what, "offset " + offset + " overlaps another tensor, expected at least " + end);
            }
            if (tensor.byteCount() > dataBytes - offset) {
                throw cursor.wrong(what, tensor.byteCount() + " bytes from offset " + offset + " on, but there are "
                        + dataBytes + " bytes of data; the file has been cut off");
            }
            end = offset + tensor.byteCount();
        }
    }
}
