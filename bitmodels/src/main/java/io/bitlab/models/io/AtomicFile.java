package io.bitlab.models.io;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.UUID;

/**
 * Replaces a file as a whole or not at all. The new content is written beside the target, forced to the disk, and moved
 * over the target in one step, so that a failure or a crash at any moment leaves either the old file or the new one.
 *
 * <p>The temporary is named {@code <target>.<random>.tmp}. The random part keeps two saves at once from writing into
 * one another's file: both succeed, and the later move decides. A process killed in the middle leaves its temporary
 * behind; it may be deleted.
 */
public final class AtomicFile {

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
     * Writes a file, replacing the one that may stand there. A symbolic link is replaced, not followed.
     *
     * @param target the file; its folder must exist
     * @param content writes the new bytes
     * @throws IOException if the folder is missing or anything fails; the message names the target and the remedy, the
     *     target is as it was and the temporary is gone
     */
    public static void replace(Path target, Content content) throws IOException {
        Path folder = target.toAbsolutePath().getParent();
        if (folder == null || target.getFileName().toString().isEmpty()) {
            throw new IOException("cannot save " + target + ": this names no file in a folder");
        }
        if (!Files.isDirectory(folder)) {
            throw new IOException("cannot save " + target + ": " + folder
                    + (Files.exists(folder) ? " is not a folder; choose another place" : " does not exist; create it"));
        }
        Path temporary = folder.resolve(target.getFileName() + "." + UUID.randomUUID() + ".tmp");
        try {
            writeAndForce(temporary, content);
            Files.move(temporary, target, StandardCopyOption.ATOMIC_MOVE);
        } catch (IOException e) {
            discard(temporary, e);
            throw new IOException("cannot save " + target + " (" + e + "); what stood there is unchanged."
                    + " Check that " + folder + " may be written to, that the disk has room and that " + target
                    + " is not a folder", e);
        } catch (RuntimeException | Error e) {
            discard(temporary, e);
            throw e;
        }
        forceFolder(folder);
    }

    /**
     * Writes a text file in UTF-8, replacing the one that may stand there.
     *
     * @param target the file; its folder must exist
     * @param text the new content
     * @throws IOException as {@link #replace(Path, Content)}
     */
    public static void replace(Path target, String text) throws IOException {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        replace(target, out -> out.write(bytes));
    }

    private static void writeAndForce(Path file, Content content) throws IOException {
        try (FileChannel channel =
                FileChannel.open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
            content.writeTo(Channels.newOutputStream(channel));
            // before the move: else a power cut could leave the new name on blocks that were never written
            channel.force(true);
        }
    }

    /** Makes the move itself survive a power cut, where the system can open a folder (Windows cannot). */
    private static void forceFolder(Path folder) {
        try (FileChannel channel = FileChannel.open(folder, StandardOpenOption.READ)) {
            channel.force(true);
        } catch (IOException e) {
            // not reported: the new file already stands in its place
        }
    }

    private static void discard(Path temporary, Throwable failure) {
        try {
            Files.deleteIfExists(temporary);
        } catch (IOException e) {
            failure.addSuppressed(e);
        }
    }
}
