package io.bitlab.models.image;

import io.bitlab.models.internal.Quote;
import io.bitlab.models.internal.Uninterrupted;
import io.bitlab.models.io.ModelFormatException;
import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import javax.imageio.ImageIO;
import javax.imageio.ImageReadParam;
import javax.imageio.ImageReader;
import javax.imageio.ImageTypeSpecifier;
import javax.imageio.stream.ImageInputStream;
import javax.imageio.stream.MemoryCacheImageInputStream;

/** Decodes image files with the JDK, and says in words what is wrong with them. */
final class ImageDecoder {

    private static final String PLUG_IN = "com.twelvemonkeys.imageio:imageio-";
    private static final String PARTIAL = ", or read what is there with ImageReadOptions.withTruncated";
    private static final int SHOWN_BYTES = 16;

    private ImageDecoder() {
    }

    static BitImage read(Path file, ImageReadOptions options) throws IOException {
        return decode(file.toString(), bytes(file, options), options);
    }

    /** All bytes of a file. */
    static byte[] bytes(Path file, ImageReadOptions options) throws IOException {
        return Uninterrupted.call(() -> {
            requireFile(file);
            try (InputStream in = Files.newInputStream(file)) {
                return bytes(file.toString(), in, options);
            }
        });
    }

    static void requireFile(Path file) throws IOException {
        if (!Files.exists(file)) {
            throw new NoSuchFileException(file.toString(), null, "there is no such image file");
        }
        if (!Files.isRegularFile(file)) { // a pipe would block
            throw new IOException(file + ": not a file; give the image file itself");
        }
    }

    /** Checks the size that a header tells, before memory is taken. */
    static void requireSize(String source, String format, int width, int height, ImageReadOptions options)
            throws ModelFormatException {
        if (width < 1 || height < 1 || (long) width * height > options.maxPixels()) {
            throw new ModelFormatException(source, format.toUpperCase(Locale.ROOT) + " of " + width + " x " + height
                    + " pixels; expected at least 1 x 1 and together at most " + options.maxPixels()
                    + ". Allow more with ImageReadOptions.withMaxPixels");
        }
    }

    /** All bytes of a stream. */
    static byte[] bytes(String source, InputStream in, ImageReadOptions options) throws IOException {
        byte[] bytes = in.readNBytes(options.maxBytes());
        if (bytes.length == options.maxBytes() && in.read() >= 0) {
            throw new IOException(source + ": more than " + bytes.length + " bytes, which no image of "
                    + options.maxPixels() + " pixels needs; allow more with ImageReadOptions.withMaxPixels");
        }
        return bytes;
    }

    static BitImage decode(String source, byte[] file, ImageReadOptions options) throws IOException {
        if (file.length == 0) {
            throw new ModelFormatException(source, "empty, not an image; get the file again");
        }
        BitImage stored = reading(source, file, reader -> decode(source, reader, options));
        return options.orientation() ? ExifReader.orientation(file).apply(stored) : stored;
    }

    /** What is done with the reader of a format. */
    @FunctionalInterface
    interface Reading<T> {
        T read(ImageReader reader) throws IOException;
    }

    /** Opens a reader of an image's format. */
    static <T> T reading(String source, byte[] file, Reading<T> reading) throws IOException {
        try (ImageInputStream in = new MemoryCacheImageInputStream(new ByteArrayInputStream(file))) {
            Iterator<ImageReader> readers = ImageIO.getImageReaders(in);
            if (!readers.hasNext()) {
                throw new ModelFormatException(source, unreadable(file));
            }
            ImageReader reader = readers.next();
            try {
                reader.setInput(in, true, true); // texts and profiles of a PNG could be bombs
                return reading.read(reader);
            } finally {
                reader.dispose();
            }
        }
    }

    private static BitImage decode(String source, ImageReader reader, ImageReadOptions options) throws IOException {
        String format = reader.getFormatName().toUpperCase(Locale.ROOT);
        BufferedImage image;
        try {
            int width = reader.getWidth(0);
            int height = reader.getHeight(0);
            requireSize(source, format, width, height, options);
            Iterator<ImageTypeSpecifier> types = reader.getImageTypes(0);
            if (!types.hasNext()) {
                throw new IOException("Unsupported Image Type");
            }
            image = types.next().createBufferedImage(width, height);
        } catch (ModelFormatException e) {
            throw e;
        } catch (IOException | RuntimeException e) {
            throw undecodable(source, format, "", e);
        }
        List<String> warnings = new ArrayList<>();
        reader.addIIOReadWarningListener((_, warning) -> warnings.add(warning));
        ImageReadParam param = reader.getDefaultReadParam();
        param.setDestination(image); // ours, so that it is still there if reading fails
        try {
            reader.read(0, param);
        } catch (IOException | RuntimeException e) {
            if (!options.truncated()) {
                throw undecodable(source, format, PARTIAL, e);
            }
        }
        for (String warning : warnings) {
            if (!options.truncated() && isDamage(warning)) {
                throw damaged(source, format, warning, PARTIAL, null);
            }
        }
        try {
            return BitImage.of(image, options.background());
        } catch (RuntimeException e) { // of a damaged colour profile
            throw undecodable(source, format, "", e);
        }
    }

    /** The JPEG reader only warns when data are missing, and fills the rest with grey. */
    private static boolean isDamage(String warning) {
        return warning.startsWith("Truncated File")
                || warning.startsWith("Corrupt JPEG data") && !warning.contains("extraneous");
    }

    private static IOException undecodable(String source, String format, String remedy, Exception e) {
        String problem = e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
        if (format.startsWith("JP") && problem.contains("nsupported")) {
            return new ModelFormatException(source, "this kind of JPEG (CMYK, 12 bits or lossless) needs a plug-in ("
                    + problem + "); add " + PLUG_IN + "jpeg to the class path, or convert it to PNG", e);
        }
        return damaged(source, format, problem, remedy, e);
    }

    private static IOException damaged(String source, String format, String problem, String remedy,
            Exception cause) {
        return new ModelFormatException(source,
                "damaged or cut off, as " + format + " (" + problem + "); get the file again" + remedy, cause);
    }

    /** Why a file of no known format can't be read, from its first bytes. */
    static String unreadable(byte[] file) {
        if (ExifReader.startsWith(file, 0, 'R', 'I', 'F', 'F') && ExifReader.startsWith(file, 8, 'W', 'E', 'B', 'P')) {
            return "WebP needs a plug-in; add " + PLUG_IN + "webp to the class path, or convert it to PNG";
        }
        if (ExifReader.startsWith(file, 4, 'f', 't', 'y', 'p')) {
            return "HEIF, AVIF and videos are not supported; convert it to PNG or JPEG";
        }
        byte[] start = Arrays.copyOf(file, Math.min(SHOWN_BYTES, file.length));
        boolean text = new String(start, StandardCharsets.ISO_8859_1).chars().allMatch(c -> c >= ' ' && c <= '~');
        return "not an image, whatever its name; it begins with "
                + (text ? Quote.value(new String(start, StandardCharsets.US_ASCII))
                        : "the bytes " + HexFormat.ofDelimiter(" ").formatHex(start))
                + ", expected one of JPEG, PNG, BMP, GIF or TIFF";
    }
}
