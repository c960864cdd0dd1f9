package io.bitlab.models.io;

import io.bitlab.models.internal.Uninterrupted;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.channels.FileChannel;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * A file mapped into memory, read-only: a part is read from the disk when it is used. A file outside the default file
 * system, in a zip archive for instance, can't be mapped and is read as a whole.
 *
 * <p>All methods may be called from many threads at once; {@link #close} must come after them. While a file is open it
 * must not be truncated (the virtual machine reports that as an {@link InternalError}), and on Windows it cannot be
 * replaced. An interrupt of the thread doesn't stop reading.
 */
public final class MappedFile implements AutoCloseable {

    private static final int CHUNK = 1 << 16;

    private final Path path;
    private final Arena arena;
    private final MemorySegment bytes;

    private MappedFile(Path path, Arena arena, MemorySegment bytes) {
        this.path = path;
        this.arena = arena;
        this.bytes = bytes;
    }

    /**
     * Makes something of a file that has just been mapped.
     *
     * @param <T> what is made
     */
    @FunctionalInterface
    public interface Parser<T> {

        /**
         * Called once.
         *
         * @param file the open file; kept by the result, or no longer used
         * @return the result
         * @throws IOException if the content is wrong
         */
        T parse(MappedFile file) throws IOException;
    }

    /**
     * Maps a file.
     *
     * @param path the file
     * @param kind its kind for messages, such as {@code GGUF}
     * @param name what to give in place of a folder, such as {@code .gguf file}
     * @return the open file; close it
     * @throws NoSuchFileException if there is no such file
     * @throws ModelFormatException if it is something else, such as a folder
     * @throws IOException if it cannot be read, or there is not enough memory for it
     */
    public static MappedFile open(Path path, String kind, String name) throws IOException {
        Uninterrupted.call(() -> {
            RegularFile.require(path, kind, name);
            return null;
        });
        @SuppressWarnings("MustBeClosedChecker") // close() does
        Arena arena = Arena.ofShared();
        try {
            return new MappedFile(path, arena, Uninterrupted.repeat(() -> content(path, arena)));
        } catch (Throwable e) {
            arena.close();
            throw e;
        }
    }

    /**
     * Maps a file and parses it; it is closed again if that fails.
     *
     * @param <T> what is made of the file
     * @param path the file
     * @param kind as in {@link #open(Path, String, String)}
     * @param name as in {@link #open(Path, String, String)}
     * @param parser makes the result, which has to close the file
     * @return the result
     * @throws NoSuchFileException if there is no such file
     * @throws ModelFormatException if it is something else, such as a folder
     * @throws IOException if it cannot be read, or the parser fails
     */
    public static <T> T open(Path path, String kind, String name, Parser<T> parser) throws IOException {
        MappedFile file = open(path, kind, name);
        try {
            return parser.parse(file);
        } catch (Throwable e) {
            file.close();
            throw e;
        }
    }

    private static MemorySegment content(Path path, Arena arena) throws IOException {
        if (path.getFileSystem() != FileSystems.getDefault()) {
            return read(path, arena);
        }
        try (FileChannel channel = FileChannel.open(path, StandardOpenOption.READ)) {
            return channel.map(FileChannel.MapMode.READ_ONLY, 0, channel.size(), arena);
        } catch (UnsupportedOperationException e) {
            return read(path, arena); // an application may have replaced the default file system
        }
    }

    private static MemorySegment read(Path path, Arena arena) throws IOException {
        long size = Files.size(path);
        MemorySegment memory = allocate(path, size, arena);
        byte[] chunk = new byte[(int) Math.min(size, CHUNK)];
        try (InputStream in = Files.newInputStream(path)) {
            for (long at = 0; at < size;) {
                int read = in.readNBytes(chunk, 0, (int) Math.min(size - at, CHUNK));
                if (read == 0) {
                    throw new EOFException(
                            path + ": ends after " + at + " bytes, but its file system reports " + size);
                }
                MemorySegment.copy(MemorySegment.ofArray(chunk), 0, memory, at, read);
                at += read;
            }
        }
        return memory.asReadOnly();
    }

    private static MemorySegment allocate(Path path, long size, Arena arena) throws IOException {
        try {
            return arena.allocate(size, Long.BYTES);
        } catch (OutOfMemoryError e) {
            throw new IOException(path + ": there is no room for its " + size + " bytes. A file that is not on a disk "
                    + "is read as a whole: copy it to a folder, or raise -XX:MaxDirectMemorySize", e);
        }
    }

    /**
     * The file that was opened.
     *
     * @return the path as it was given to {@link #open(Path, String, String)}
     */
    public Path path() {
        return path;
    }

    /**
     * The content.
     *
     * @return a read-only segment of the file's size that lives until {@link #close}
     * @throws IllegalStateException if the file is closed
     */
    public MemorySegment bytes() {
        if (!arena.scope().isAlive()) {
            throw new IllegalStateException(path + ": closed; read tensors before close()");
        }
        return bytes;
    }

    /** Unmaps the file; segments that came from it can no longer be read. Closing twice is allowed. */
    @Override
    public void close() {
        if (arena.scope().isAlive()) {
            arena.close();
        }
    }
}
