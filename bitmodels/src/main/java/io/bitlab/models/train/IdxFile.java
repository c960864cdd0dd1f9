package io.bitlab.models.train;

import io.bitlab.models.internal.Uninterrupted;
import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.zip.GZIPInputStream;

/**
 * The IDX format of MNIST and its relatives: a magic number that names element type and rank, the lengths of the axes,
 * the elements; all big-endian (Y. LeCun, <i>The MNIST database of handwritten digits</i>).
 */
final class IdxFile {

    private static final int LABELS = 0x0801; // unsigned bytes, 1 axis
    private static final int IMAGES = 0x0803; // unsigned bytes, 3 axes

    private IdxFile() {
    }

    /**
     * Reads a pair of files.
     *
     * @return pixels divided by 255, with their labels
     * @throws IOException if one is missing, damaged, or not what it should be
     */
    static Dataset read(Path images, Path labels) throws IOException {
        byte[] classes = Uninterrupted.call(() -> elements(labels, LABELS, "labels", 1));
        byte[] pixels = Uninterrupted.call(() -> elements(images, IMAGES, "images", classes.length));
        float[] features = new float[pixels.length];
        for (int i = 0; i < pixels.length; i++) {
            features[i] = (pixels[i] & 0xff) / 255f;
        }
        int[] numbers = new int[classes.length];
        for (int i = 0; i < numbers.length; i++) {
            numbers[i] = classes[i] & 0xff;
        }
        return Dataset.of(features, numbers);
    }

    /** The elements of a file; of images, as many as there are labels. */
    private static byte[] elements(Path path, int magic, String what, int count) throws IOException {
        try (DataInputStream in = new DataInputStream(new BufferedInputStream(open(path), 1 << 16))) {
            int found = in.readInt();
            if (found != magic) {
                throw new IOException(
                        String.format("%s: begins with 0x%08x, expected 0x%08x for %s in IDX format", path,
                                found, magic, what));
            }
            long size = 1;
            for (int axis = 0; axis < (magic & 0xff); axis++) {
                int length = in.readInt();
                if (length < 1 || axis == 0 && magic == IMAGES && length != count) {
                    throw new IOException(path + ": axis " + axis + " has length " + length + ", expected "
                            + (axis == 0 && magic == IMAGES ? count + " images, one for each label" : "at least 1"));
                }
                size = Math.min((long) Integer.MAX_VALUE + 1, size * length);
            }
            if (size > Integer.MAX_VALUE - 8) {
                throw new IOException(path + ": " + what + " of more than 2 GB are not supported; split the file");
            }
            byte[] elements = in.readNBytes((int) size); // grows as it reads, so a wrong length allocates nothing
            if (elements.length != size) {
                throw new IOException(
                        path + ": ends after " + elements.length + " elements, its header promises " + size
                                + "; get the file again");
            }
            if (in.read() >= 0) {
                throw new IOException(path + ": goes on after the " + size + " elements that its header promises");
            }
            return elements;
        } catch (EOFException e) {
            throw new IOException(path + ": ends within its header; get the file again", e);
        }
    }

    private static InputStream open(Path path) throws IOException {
        if (!Files.isRegularFile(path)) {
            throw new NoSuchFileException(path.toString(), null, "there is no such file");
        }
        InputStream raw = Files.newInputStream(path);
        try {
            return path.toString().endsWith(".gz") ? new GZIPInputStream(raw) : raw;
        } catch (IOException e) {
            raw.close();
            throw new IOException(path + ": is not a gzip file: " + e.getMessage(), e);
        }
    }
}
