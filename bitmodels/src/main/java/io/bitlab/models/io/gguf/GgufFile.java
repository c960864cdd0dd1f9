package io.bitlab.models.io.gguf;

import io.bitlab.core.parallel.Parallel;
import io.bitlab.core.quant.TernaryMatrix;
import io.bitlab.models.internal.Quote;
import io.bitlab.models.io.FileOutline;
import io.bitlab.models.io.MappedFile;
import io.bitlab.models.io.ModelFormatException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.SequencedMap;

/**
 * A GGUF file, open for reading. {@link #open(Path)} maps the file into memory and checks its whole header against it,
 * so that every tensor listed afterwards is known to lie inside; the data itself is read from the disk when a tensor is
 * read.
 *
 * <p>All methods may be called from many threads at once; {@link #close} must come after them. While a file is open it
 * must not be truncated (the virtual machine reports that as an {@link InternalError}), and on Windows it cannot be
 * replaced.
 */
public final class GgufFile implements AutoCloseable {

    private static final String KIND = "GGUF";
    private static final String FILE_NAME = ".gguf file";

    /** Weights that a thread decodes at a time: a whole number of blocks of every type. */
    private static final int PIECE = 1 << 14;

    private final MappedFile file;
    private final String source;
    private final I2sLayout layout;
    private final GgufHeader header;
    private final List<String> names;

    private GgufFile(MappedFile file, I2sLayout layout) throws ModelFormatException {
        this.file = file;
        this.source = file.path().toString();
        this.layout = layout;
        this.header = GgufHeader.read(file.bytes(), layout, source);
        this.names = List.copyOf(header.tensors().keySet());
    }

    /**
     * Opens a file whose I2_S tensors, if it has any, were packed on x86.
     *
     * @param path the file
     * @return the open file; close it
     * @throws ModelFormatException if anything in the header is wrong, or a tensor has a type that is not supported;
     *     the message names the entry or tensor, the value and what was expected
     * @throws NoSuchFileException if there is no such file
     * @throws IOException if it cannot be read
     */
    public static GgufFile open(Path path) throws IOException {
        return open(path, I2sLayout.X86);
    }

    /**
     * Opens a file and checks it: counts, texts, types and lengths; each tensor's type, shape and range; that names are
     * unique and no ranges overlap.
     *
     * @param path the file
     * @param layout how I2_S tensors were packed; other types are the same everywhere
     * @return the open file; close it
     * @throws ModelFormatException as {@link #open(Path)}
     * @throws NoSuchFileException if there is no such file
     * @throws IOException if it cannot be read
     */
    public static GgufFile open(Path path, I2sLayout layout) throws IOException {
        Objects.requireNonNull(layout, "layout");
        return MappedFile.open(path, KIND, FILE_NAME, file -> new GgufFile(file, layout));
    }

    /**
     * The header of a file, also if {@link #open(Path, I2sLayout)} refuses the file.
     *
     * @param path the file
     * @param layout how I2_S tensors were packed; other types are the same everywhere
     * @return metadata and tensors up to the first fault
     * @throws NoSuchFileException if there is no such file
     * @throws IOException if it cannot be read
     */
    public static FileOutline<GgufTensor> outline(Path path, I2sLayout layout) throws IOException {
        Objects.requireNonNull(layout, "layout");
        try (MappedFile file = MappedFile.open(path, KIND, FILE_NAME)) {
            return GgufHeader.outline(file.bytes(), layout, path.toString());
        }
    }

    /**
     * The file that was opened.
     *
     * @return the path as it was given to {@link #open(Path)}
     */
    public Path path() {
        return file.path();
    }

    /**
     * The version of the format.
     *
     * @return 2 or 3; to readers they are the same
     */
    public int version() {
        return header.version();
    }

    /**
     * The metadata. Integers of every type are {@link Long} ({@link java.math.BigInteger} from 2^63 on), floating-point
     * numbers {@link Float} or {@link Double}, the others {@link Boolean}, {@link String} and {@link List}.
     *
     * @return an unmodifiable map in file order, which may be used after {@link #close}
     */
    public SequencedMap<String, Object> metadata() {
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
    public GgufTensor info(String name) throws ModelFormatException {
        GgufTensor info = header.tensors().get(name);
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
     * @return a read-only segment that lives until {@link #close}
     * @throws ModelFormatException if the file has no tensor of that name
     * @throws IllegalStateException if the file is closed
     */
    public MemorySegment segment(String name) throws ModelFormatException {
        GgufTensor info = info(name);
        return file.bytes().asSlice(header.dataBegin() + info.offset(), info.byteCount());
    }

    /** The metadata as encoded in the file, for a writer: {@link #metadata} does not tell I32 from U32. */
    SequencedMap<String, byte[]> encodedMetadata() throws ModelFormatException {
        return GgufHeader.encodedMetadata(file.bytes(), source);
    }

    /**
     * A tensor of any type as floats: exactly what llama.cpp computes from the same bytes.
     *
     * @param name the tensor's name
     * @return a new array, row-major
     * @throws ModelFormatException if the file has no tensor of that name, it has more weights than an array can, a
     *     scale is not finite, or a code is none of the type's
     * @throws IllegalStateException if the file is closed
     */
    public float[] floats(String name) throws ModelFormatException {
        GgufTensor info = info(name);
        if (info.elements() > Integer.MAX_VALUE - 8) {
            throw new ModelFormatException(source, "tensor " + info + ": " + info.elements()
                    + " weights are more than a Java array holds; read it in parts");
        }
        float[] floats = new float[(int) info.elements()];
        floats(name, 0, floats);
        return floats;
    }

    /**
     * A part of a tensor of any type as floats, for tensors that are too large to read as a whole, such as embeddings.
     *
     * @param name the tensor's name
     * @param from the first weight; that of a row is the row times the last dimension
     * @param into receives as many weights as it has elements, row-major
     * @throws ModelFormatException as {@link #floats(String)}
     * @throws IndexOutOfBoundsException if the tensor does not have all those weights
     * @throws IllegalStateException if the file is closed
     */
    public void floats(String name, long from, float[] into) throws ModelFormatException {
        GgufTensor info = info(name);
        if (from < 0 || from > info.elements() - into.length) {
            throw new IndexOutOfBoundsException("tensor " + info + ": " + into.length + " weights from " + from
                    + " on, but it has " + info.elements());
        }
        BlockDecoder decoder = BlockDecoder.of(info, segment(name), layout, source);
        long firstPiece = from / PIECE;
        int pieces = (int) (Math.ceilDiv(from + into.length, (long) PIECE) - firstPiece);
        try {
            Parallel.current().forRange(pieces, 1, into.length, (first, end) -> {
                for (int piece = first; piece < end; piece++) {
                    decode(decoder, (firstPiece + piece) * PIECE, from, into);
                }
            });
        } catch (UncheckedIOException e) {
            throw corrupt(e);
        }
    }

    /** Decodes the requested part of a piece. */
    private static void decode(BlockDecoder decoder, long piece, long from, float[] into) {
        long begin = Math.max(piece, from);
        long end = Math.min(piece + PIECE, from + into.length);
        int blockSize = decoder.blockSize();
        long firstBlock = begin / blockSize;
        int blocks = (int) (Math.ceilDiv(end, (long) blockSize) - firstBlock);
        float[] weights = new float[blocks * blockSize];
        try {
            decoder.floats(firstBlock, blocks, weights);
        } catch (ModelFormatException e) {
            throw new UncheckedIOException(e);
        }
        int skipped = (int) (begin - firstBlock * blockSize);
        System.arraycopy(weights, skipped, into, (int) (begin - from), (int) (end - begin));
    }

    /**
     * A matrix of a ternary type, exactly: its trits, and its scales. There is one scale if all blocks have the same,
     * one a row if all blocks of each row have, and else one for each 256 columns; a block that is all 0 goes with any
     * scale.
     *
     * @param name the tensor's name
     * @return {@code [out, in]}
     * @throws ModelFormatException if the file has no tensor of that name, it has another type, is no matrix or too
     *     large, a scale is not finite, or a code is no trit's
     * @throws IllegalStateException if the file is closed
     */
    public TernaryMatrix ternary(String name) throws ModelFormatException {
        GgufTensor info = info(name);
        if (!info.type().isTernary()) {
            throw new ModelFormatException(source, "tensor " + info
                    + ": expected TQ1_0, TQ2_0 or I2_S; read floats() and quantise them");
        }
        TritBlocks blocks = new TritBlocks(info, segment(name), layout, source);
        try {
            return TernaryRows.read(info, blocks, source);
        } catch (UncheckedIOException e) {
            throw corrupt(e);
        }
    }

    /** The fault that a thread found. */
    private static ModelFormatException corrupt(UncheckedIOException e) {
        if (e.getCause() instanceof ModelFormatException corrupt) {
            return corrupt;
        }
        throw e;
    }

    /** Unmaps the file; segments that came from it can no longer be read. Closing twice is allowed. */
    @Override
    public void close() {
        file.close();
    }

    /** Path, version and number of tensors. */
    @Override
    public String toString() {
        return "GgufFile(" + source + ", version " + version() + ", " + names.size() + " tensors)";
    }
}
