package io.bitlab.models.io.safetensors;

import io.bitlab.models.internal.Quote;
import io.bitlab.models.io.FileOutline;
import io.bitlab.models.io.MappedFile;
import io.bitlab.models.io.ModelFormatException;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.zip.CRC32C;

/**
 * A safetensors file, open for reading. {@link #open} maps the file into memory and checks its whole header against it,
 * so that every tensor listed afterwards is known to lie inside; the data itself is read from the disk when a tensor is
 * read.
 *
 * <p>All methods may be called from many threads at once; {@link #close} must come after them. While a file is open it
 * must not be truncated (the virtual machine reports that as an {@link InternalError}), and on Windows it cannot be
 * replaced.
 *
 * @see <a href="https://github.com/huggingface/safetensors#format">The safetensors format</a>
 */
public final class SafetensorsFile implements AutoCloseable {

    private static final String KIND = "safetensors";
    private static final String FILE_NAME = ".safetensors file";

    /** An unsigned 64-bit number before the header: its length. */
    private static final int LENGTH_BYTES = 8;

    private static final ValueLayout.OfLong HEADER_LENGTH =
            ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    /** A byte buffer's size is an int, so the checksum of a larger tensor is computed in steps. */
    private static final long CHECKSUM_STEP = 1L << 30;

    private final MappedFile file;
    private final String source;
    private final SafetensorsHeader header;
    private final List<String> names;

    /** Where the data begins. */
    private final long dataBegin;

    private SafetensorsFile(MappedFile file) throws ModelFormatException {
        this.file = file;
        this.source = file.path().toString();
        Parts parts = Parts.of(file.bytes(), source);
        this.header = SafetensorsHeader.parse(parts.header, parts.dataBytes, source);
        this.names = List.copyOf(header.tensors().keySet());
        this.dataBegin = file.bytes().byteSize() - parts.dataBytes;
    }

    /**
     * Opens a file and checks it: the header's length and text, each tensor's type, shape and range, and that the
     * ranges tile the data with no hole or overlap. Dimensions may be 0, and go to 2^31 - 1; a shape has at most 64 of
     * them.
     *
     * @param path the file
     * @return the open file; close it
     * @throws ModelFormatException if anything in the file is wrong; the message names the tensor, the value and what
     *     was expected
     * @throws NoSuchFileException if there is no such file
     * @throws IOException if it cannot be read
     */
    public static SafetensorsFile open(Path path) throws IOException {
        return MappedFile.open(path, KIND, FILE_NAME, SafetensorsFile::new);
    }

    /**
     * The header of a file, also if {@link #open} refuses the file.
     *
     * @param path the file
     * @return metadata and tensors up to the first fault
     * @throws ModelFormatException if the file has no header that could be read at all
     * @throws NoSuchFileException if there is no such file
     * @throws IOException if it cannot be read
     */
    public static FileOutline<TensorInfo> outline(Path path) throws IOException {
        try (MappedFile file = MappedFile.open(path, KIND, FILE_NAME)) {
            Parts parts = Parts.of(file.bytes(), path.toString());
            return SafetensorsHeader.outline(parts.header, parts.dataBytes, path.toString());
        }
    }

    /** The two parts of a file: the text of the header, and the length of what follows it. */
    private record Parts(String header, long dataBytes) {

        static Parts of(MemorySegment file, String source) throws ModelFormatException {
            int headerBytes = headerBytes(file, source);
            return new Parts(utf8(file.asSlice(LENGTH_BYTES, headerBytes), source),
                    file.byteSize() - LENGTH_BYTES - headerBytes);
        }
    }

    private static int headerBytes(MemorySegment file, String source) throws ModelFormatException {
        if (file.byteSize() < LENGTH_BYTES) {
            throw new ModelFormatException(source, "the file has " + file.byteSize()
                    + " bytes, too few for the 8 of the header length that a safetensors file begins with");
        }
        long length = file.get(HEADER_LENGTH, 0);
        long rest = file.byteSize() - LENGTH_BYTES;
        if (length < 0 || length > SafetensorsHeader.MAX_BYTES || length > rest) {
            throw new ModelFormatException(source, "header length " + Long.toUnsignedString(length)
                    + ", expected at most the " + rest + " bytes that follow and at most "
                    + SafetensorsHeader.MAX_BYTES + "; the file is cut off or no safetensors file");
        }
        return (int) length;
    }

    /** Decodes strictly: replacement characters could make two names one. */
    private static String utf8(MemorySegment bytes, String source) throws ModelFormatException {
        if (bytes.byteSize() == 0 || bytes.get(ValueLayout.JAVA_BYTE, 0) != '{') {
            throw new ModelFormatException(source, "the header does not begin with '{'");
        }
        try {
            return StandardCharsets.UTF_8.newDecoder().decode(bytes.asByteBuffer()).toString();
        } catch (CharacterCodingException e) {
            throw new ModelFormatException(source, "the header is not UTF-8", e);
        }
    }

    /**
     * The file that was opened.
     *
     * @return the path as it was given to {@link #open}
     */
    public Path path() {
        return file.path();
    }

    /**
     * The strings of {@code __metadata__}.
     *
     * @return an unmodifiable map in file order; empty if the file has none
     */
    public Map<String, String> metadata() {
        return header.metadata();
    }

    /**
     * The names of all tensors.
     *
     * @return an unmodifiable list in the order of the header
     */
    public List<String> names() {
        return names;
    }

    /**
     * Whether the file holds a tensor.
     *
     * @param name the tensor's name
     * @return true if {@link #names()} has it
     */
    public boolean contains(String name) {
        return header.tensors().containsKey(name);
    }

    /**
     * The type, shape and place of a tensor.
     *
     * @param name the tensor's name
     * @return the header's entry, which has been checked
     * @throws ModelFormatException if the file has no tensor of that name
     */
    public TensorInfo info(String name) throws ModelFormatException {
        TensorInfo info = header.tensors().get(name);
        if (info == null) {
            throw new ModelFormatException(source, "there is no tensor " + Quote.value(name)
                    + " among the " + names.size() + " of this file");
        }
        return info;
    }

    /**
     * The bytes of a tensor in the mapped file, without a copy.
     *
     * @param name the tensor's name
     * @return a read-only segment, little-endian and not necessarily aligned, that lives until {@link #close}
     * @throws ModelFormatException if the file has no tensor of that name
     * @throws IllegalStateException if the file is closed
     */
    public MemorySegment segment(String name) throws ModelFormatException {
        TensorInfo info = info(name);
        return file.bytes().asSlice(dataBegin + info.begin(), info.byteCount());
    }

    /**
     * A tensor of any type as floats; see {@link DType#toFloats} for what is exact.
     *
     * @param name the tensor's name
     * @return a new array, row-major
     * @throws ModelFormatException if the file has no tensor of that name, or it has more elements than an array can
     * @throws IllegalStateException if the file is closed
     */
    public float[] floats(String name) throws ModelFormatException {
        TensorInfo info = info(name);
        float[] floats = new float[arrayLength(info)];
        info.dtype().toFloats(segment(name), 0, floats, 0, floats.length);
        return floats;
    }

    /**
     * An integer tensor (I8, U8, I16, I32, I64 or BOOL), exactly.
     *
     * @param name the tensor's name
     * @return a new array, row-major
     * @throws ModelFormatException if the file has no tensor of that name, it holds no integers, or more than an array
     *     can
     * @throws IllegalStateException if the file is closed
     */
    public long[] longs(String name) throws ModelFormatException {
        TensorInfo info = info(name);
        if (!info.dtype().isInteger()) {
            throw new ModelFormatException(
                    source, "tensor " + info + ": expected I8, U8, I16, I32, I64 or BOOL");
        }
        long[] longs = new long[arrayLength(info)];
        MemorySegment segment = segment(name);
        for (int i = 0; i < longs.length; i++) {
            longs[i] = info.dtype().toLong(segment, (long) i * info.dtype().byteSize());
        }
        return longs;
    }

    /**
     * A tensor of single bytes (U8, I8 or BOOL) as in the file.
     *
     * @param name the tensor's name
     * @return a new array, row-major; U8 values over 127 appear negative
     * @throws ModelFormatException if the file has no tensor of that name, its elements are not bytes, or they are more
     *     than an array can hold
     * @throws IllegalStateException if the file is closed
     */
    public byte[] bytes(String name) throws ModelFormatException {
        TensorInfo info = info(name);
        if (info.dtype().byteSize() != 1) {
            throw new ModelFormatException(source, "tensor " + info + ": expected U8, I8 or BOOL");
        }
        byte[] bytes = new byte[arrayLength(info)];
        MemorySegment.copy(segment(name), ValueLayout.JAVA_BYTE, 0, bytes, 0, bytes.length);
        return bytes;
    }

    /**
     * The CRC-32C of a tensor's bytes, as {@link SafetensorsWriter#crc32c} gives it.
     *
     * @param name the tensor's name
     * @return the checksum, 0 to 2^32 - 1
     * @throws ModelFormatException if the file has no tensor of that name
     * @throws IllegalStateException if the file is closed
     */
    public long crc32c(String name) throws ModelFormatException {
        MemorySegment segment = segment(name);
        CRC32C checksum = new CRC32C();
        for (long at = 0; at < segment.byteSize(); at += CHECKSUM_STEP) {
            ByteBuffer step = segment.asSlice(at, Math.min(CHECKSUM_STEP, segment.byteSize() - at)).asByteBuffer();
            checksum.update(step);
        }
        return checksum.getValue();
    }

    /** Unmaps the file; segments that came from it can no longer be read. Closing twice is allowed. */
    @Override
    public void close() {
        file.close();
    }

    /** Path and number of tensors. */
    @Override
    public String toString() {
        return "SafetensorsFile(" + source + ", " + names.size() + " tensors)";
    }

    private int arrayLength(TensorInfo info) throws ModelFormatException {
        if (info.elements() > Integer.MAX_VALUE - 8) {
            throw new ModelFormatException(source, "tensor " + info + ": " + info.elements()
                    + " elements are more than a Java array holds; read its segment in pieces");
        }
        return (int) info.elements();
    }
}
