package io.bitlab.models.io;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.channels.FileChannel;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/** The content of files as memory. */
public final class FileMemory {

    private static final int PIECE = 1 << 16;

    private FileMemory() {
    }

    /**
     * Maps a file into memory, so that a part is read from the disk when it is used. A file outside the default file
     * system, in a zip archive for instance, can't be mapped and is read as a whole.
     *
     * @param path the file
     * @param arena how long the memory lives
     * @return a read-only segment of the file's size
     * @throws IOException if it can't be read, or there is not enough memory for it
     */
    public static MemorySegment of(Path path, Arena arena) throws IOException {
        return Uninterrupted.repeat(() -> path.getFileSystem() == FileSystems.getDefault() ? map(path, arena)
                : read(path, arena));
    }

    private static MemorySegment map(Path path, Arena arena) throws IOException {
        try (FileChannel channel = FileChannel.open(path, StandardOpenOption.READ)) {
            return channel.map(FileChannel.MapMode.READ_ONLY, 0, channel.size(), arena);
        } catch (UnsupportedOperationException e) {
            return read(path, arena); // a host program may have replaced the default file system
        }
    }

    private static MemorySegment read(Path path, Arena arena) throws IOException {
        long size = Files.size(path);
        MemorySegment memory = allocate(path, size, arena);
        byte[] piece = new byte[(int) Math.min(size, PIECE)];
        try (InputStream in = Files.newInputStream(path)) {
            for (long at = 0; at < size;) {
                int read = in.readNBytes(piece, 0, (int) Math.min(size - at, PIECE));
                if (read == 0) {
                    throw new EOFException(path + ": ends after " + at + " bytes, but its file system says that it has "
                            + size);
                }
                MemorySegment.copy(MemorySegment.ofArray(piece), 0, memory, at, read);
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
}
