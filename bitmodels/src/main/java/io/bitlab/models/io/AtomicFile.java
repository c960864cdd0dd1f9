package io.bitlab.models.io;

import io.bitlab.models.internal.Uninterrupted;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.AtomicMoveNotSupportedException;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.ReadOnlyFileSystemException;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.UUID;

/**
 * Replaces a file completely or not at all. The new content is written beside the target, forced to the disk, and moved
 * over the target in one step, so that a failure or a crash at any moment leaves either the old file or the new one.
 * Outside the default file system, in a zip archive for instance, nothing is forced to a disk, and without an atomic
 * move, a crash may leave only the temporary.
 *
 * <p>The new file gets the permissions of the one it replaces, and its owner and group where the system allows it. A
 * symbolic link stays, and the file that it points to is replaced.
 *
 * <p>The temporary is named {@code <target>.<random>.tmp}; a long target name is cut. The random part keeps two saves
 * at once from writing into one another's file: both succeed, and the later move decides. A process killed in the
 * middle leaves its temporary behind; it may be deleted.
 *
 * <p>An interrupt of the thread doesn't stop a save, see {@link Uninterrupted}.
 */
public final class AtomicFile {

    /** Bytes of the target's name that the temporary's name repeats; the rest of it takes 41 bytes. */
    private static final int MOST_NAME_BYTES = 90;

    /** As many as Linux follows. */
    private static final int MOST_LINKS = 40;

    private AtomicFile() {}

    /** Writes the bytes of a file, in order. */
    @FunctionalInterface
    public interface Content {

        /**
         * Writes the content. The stream is not buffered, need not be flushed, and is closed by the caller.
         *
         * @param out where the bytes go
         * @throws IOException if writing fails; the target then keeps its old content
         */
        void writeTo(OutputStream out) throws IOException;
    }

    /**
     * Writes a file, replacing an existing one.
     *
     * @param target the file, or a link to it; its folder must exist
     * @param content writes the new bytes
     * @throws IOException if the folder is missing, the target is something other than a file, or anything fails; the
     *     message names the target and the remedy, the target is as it was and the temporary is gone
     */
    public static void replace(Path target, Content content) throws IOException {
        Uninterrupted.call(() -> {
            replaceNow(target, content);
            return null;
        });
    }

    private static void replaceNow(Path named, Content content) throws IOException {
        if (named.toAbsolutePath().getParent() == null || named.getFileName().toString().isEmpty()) {
            throw new IOException("cannot save " + named + ": this names no file in a folder");
        }
        Path target = followed(named);
        String what = named.equals(target) ? named.toString() : named + ", a link to " + target;
        Path folder = target.toAbsolutePath().getParent();
        if (!Files.isDirectory(folder)) {
            throw new IOException("cannot save " + what + ": " + folder
                    + (Files.exists(folder) ? " is not a folder; choose another place" : " does not exist; create it"));
        }
        Path temporary = folder.resolve(temporaryName(target.getFileName().toString()));
        try {
            if (Files.exists(target) && !Files.isRegularFile(target)) {
                throw new IOException("it exists and is not a regular file");
            }
            FileOwnership old = FileOwnership.of(target);
            old.create(temporary);
            try (OutputStream out = Files.newOutputStream(temporary, StandardOpenOption.WRITE)) {
                content.writeTo(out);
            }
            // before the move; otherwise a power cut could leave the new name on blocks that were never written
            force(temporary, StandardOpenOption.WRITE);
            old.giveTo(temporary);
            move(temporary, target);
        } catch (IOException | ReadOnlyFileSystemException e) {
            discard(temporary, e);
            throw new IOException("cannot save " + what + " (" + e + "); what stood there is unchanged."
                    + " Check that " + folder + " may be written to, that the disk has room and that " + target
                    + " is not a folder", e);
        } catch (RuntimeException | Error e) {
            discard(temporary, e);
            throw e;
        }
        try {
            // so that the move survives a power cut; Windows can't open a folder
            force(folder, StandardOpenOption.READ);
        } catch (IOException e) {
            // not reported: the new file is already in its place
        }
    }

    /** The end of a chain of links, which need not exist. */
    private static Path followed(Path target) throws IOException {
        Path path = target;
        for (int links = 0; Files.isSymbolicLink(path); links++) {
            if (links == MOST_LINKS) {
                throw new IOException("cannot save " + target + ": it is a symbolic link that leads through more than "
                        + MOST_LINKS + " others, probably in a circle; remove it");
            }
            path = path.resolveSibling(Files.readSymbolicLink(path));
        }
        return path;
    }

    /** A name that is allowed wherever the target's is: many file systems allow 255 bytes. */
    private static String temporaryName(String target) {
        int length = 0;
        int bytes = 0;
        while (length < target.length()) {
            int character = target.codePointAt(length);
            bytes += Character.toString(character).getBytes(StandardCharsets.UTF_8).length;
            if (bytes > MOST_NAME_BYTES) {
                break;
            }
            length += Character.charCount(character);
        }
        return target.substring(0, length) + "." + UUID.randomUUID() + ".tmp";
    }

    private static void move(Path temporary, Path target) throws IOException {
        try {
            Files.move(temporary, target, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } catch (AtomicMoveNotSupportedException e) {
            Files.move(temporary, target, StandardCopyOption.REPLACE_EXISTING);
        }
    }

    /** Waits until a file or folder is on the disk. */
    private static void force(Path path, StandardOpenOption option) throws IOException {
        if (path.getFileSystem() != FileSystems.getDefault()) {
            return;
        }
        Uninterrupted.repeat(() -> {
            try (FileChannel channel = FileChannel.open(path, option)) {
                channel.force(true);
            }
            return null;
        });
    }

    /**
     * Writes a text file in UTF-8, replacing an existing one.
     *
     * @param target the file; its folder must exist
     * @param text the new content
     * @throws IOException as {@link #replace(Path, Content)}, or if the text has half of a surrogate pair, which UTF-8
     *     can't express
     */
    public static void replace(Path target, String text) throws IOException {
        ByteBuffer encoded;
        try {
            encoded = StandardCharsets.UTF_8.newEncoder().encode(CharBuffer.wrap(text));
        } catch (CharacterCodingException e) {
            throw new IOException("cannot write " + target + ": the text has half of a surrogate pair, which is no"
                    + " character; nothing was written", e);
        }
        byte[] bytes = new byte[encoded.remaining()];
        encoded.get(bytes);
        replace(target, out -> out.write(bytes));
    }

    private static void discard(Path temporary, Throwable failure) {
        try {
            Files.deleteIfExists(temporary);
        } catch (IOException | ReadOnlyFileSystemException e) {
            failure.addSuppressed(e);
        }
    }
}
