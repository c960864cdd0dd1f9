package io.bitlab.models.image;

import io.bitlab.models.internal.Uninterrupted;
import io.bitlab.models.io.ModelFormatException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * The size of an image file, read from its header: thousands of files a second, since no pixel is decoded.
 *
 * {@snippet class="io.bitlab.models.snippets.ImageSnippets" region="size"}
 *
 * @param width columns of pixels
 * @param height rows of pixels
 */
public record ImageSize(int width, int height) {

    /** Where the headers of nearly all files end: 64 KiB of EXIF data, and as much again of others. */
    private static final int HEADER = 256 << 10;

    /**
     * Checks the values.
     *
     * @throws IllegalArgumentException if a number is not positive
     */
    public ImageSize {
        if (width < 1 || height < 1) {
            throw new IllegalArgumentException("ImageSize: " + width + " x " + height + "; expected at least 1 x 1");
        }
    }

    /**
     * Reads the size of an image file.
     *
     * @param file the file
     * @param options of which the orientation and the most pixels matter
     * @return the size that {@link BitImage#read(Path, ImageReadOptions)} would give
     * @throws IOException if the file is missing, no image of a known format, or has more pixels than the options
     *     allow; the message names it
     */
    public static ImageSize read(Path file, ImageReadOptions options) throws IOException {
        return Uninterrupted.call(() -> {
            ImageDecoder.requireFile(file);
            byte[] start;
            try (InputStream in = Files.newInputStream(file)) {
                start = in.readNBytes(HEADER);
            }
            boolean jpeg = ExifReader.startsWith(start, 0, 0xff, 0xd8);
            if (start.length == HEADER && !jpeg) { // other formats may note the orientation at the end
                start = ImageDecoder.bytes(file, options);
            }
            try {
                return of(file, start, options);
            } catch (ModelFormatException e) {
                if (start.length == HEADER && jpeg && e.getCause() != null) { // the header may go on
                    return of(file, ImageDecoder.bytes(file, options), options);
                }
                throw e;
            }
        });
    }

    private static ImageSize of(Path file, byte[] bytes, ImageReadOptions options) throws IOException {
        return ImageDecoder.reading(file.toString(), bytes, reader -> {
            try {
                boolean turned = options.orientation() && ExifReader.orientation(bytes).swapsAxes();
                int width = reader.getWidth(0);
                int height = reader.getHeight(0);
                ImageDecoder.requireSize(file.toString(), reader.getFormatName(), width, height, options);
                return turned ? new ImageSize(height, width) : new ImageSize(width, height);
            } catch (ModelFormatException e) {
                throw e;
            } catch (IOException | RuntimeException e) {
                throw new ModelFormatException(file.toString(), "the image is damaged: its size can't be read", e);
            }
        });
    }
}
