package io.bitlab.models.internal;

import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.zip.GZIPInputStream;
import java.util.zip.ZipException;

/**
 * Images with their classes in the IDX format of MNIST and its relatives: a magic number that names element type and
 * rank, the lengths of the axes, the elements; all big-endian (Y. LeCun, <i>The MNIST database of handwritten
 * digits</i>).
 *
 * @param rows height of each image
 * @param columns width of each image
 * @param pixels the images one after the other, row by row, as unsigned bytes; not copied
 * @param labels the class of each image, from 0 to 255; not copied
 */
public record IdxFile(int rows, int columns, byte[] pixels, int[] labels) {

    private static final int LABELS = 0x0801; // unsigned bytes, 1 axis
    private static final int IMAGES = 0x0803; // unsigned bytes, 3 axes

    /**
     * Reads a pair of files.
     *
     * @param images plain or as {@code .gz}
     * @param labels plain or as {@code .gz}
     * @return images and labels, equally many
     * @throws IOException if one is missing, damaged, or not what it should be
     */
    public static IdxFile read(Path images, Path labels) throws IOException {
        Elements classes = Uninterrupted.call(() -> elements(labels, LABELS, "labels", 1));
        Elements pixels = Uninterrupted.call(() -> elements(images, IMAGES, "images", classes.bytes.length));
        int[] numbers = new int[classes.bytes.length];
        for (int i = 0; i < numbers.length; i++) {
            numbers[i] = classes.bytes[i] & 0xff;
        }
        return new IdxFile(pixels.lengths[1], pixels.lengths[2], pixels.bytes, numbers);
    }

    private record Elements(int[] lengths, byte[] bytes) {
    }

    /** The elements of a file; of images, as many as there are labels. */
    private static Elements elements(Path path, int magic, String what, int count) throws IOException {
        try (DataInputStream in = new DataInputStream(new BufferedInputStream(open(path), 1 << 16))) {
            int found = in.readInt();
            if (found != magic) {
                throw new IOException(
                        String.format("%s: begins with 0x%08x, expected 0x%08x for %s in IDX format", path,
                                found, magic, what));
            }
            int[] lengths = new int[magic & 0xff];
            long size = 1;
            for (int axis = 0; axis < lengths.length; axis++) {
                int length = in.readInt();
                lengths[axis] = length;
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
            return new Elements(lengths, elements);
        } catch (EOFException | ZipException e) {
            throw new IOException(path + ": ends too early or is damaged; get the file again", e);
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
