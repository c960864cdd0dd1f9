package io.bitlab.models.image;

import io.bitlab.models.io.AtomicFile;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import javax.imageio.IIOImage;
import javax.imageio.ImageIO;
import javax.imageio.ImageWriteParam;
import javax.imageio.ImageWriter;
import javax.imageio.stream.ImageOutputStream;
import javax.imageio.stream.MemoryCacheImageOutputStream;

/** Encodes images with the JDK. */
final class ImageEncoder {

    private ImageEncoder() {
    }

    static void write(BitImage image, Path file, float jpegQuality) throws IOException {
        if (!(jpegQuality >= 0f && jpegQuality <= 1f)) {
            throw new IllegalArgumentException("BitImage.write: JPEG quality " + jpegQuality + " is not from 0 to 1");
        }
        String format = format(file);
        if (format.equals("gif")) { // with a palette of its own, and not interlaced, which the JDK misreads
            ImageAnimation.of(List.of(image)).write(file);
            return;
        }
        AtomicFile.replace(file, out -> encode(image, format, jpegQuality, out));
    }

    private static String format(Path file) {
        String name = String.valueOf(file.getFileName());
        String extension = name.substring(Math.max(0, name.lastIndexOf('.'))).toLowerCase(Locale.ROOT);
        return switch (extension) {
            case ".png", ".bmp", ".gif" -> extension.substring(1);
            case ".jpg", ".jpeg" -> "jpeg";
            default -> throw new IllegalArgumentException("BitImage.write: the name " + name
                    + " should end with .png, .jpg, .jpeg, .bmp or .gif, which chooses the format");
        };
    }

    private static void encode(BitImage image, String format, float jpegQuality, OutputStream out)
            throws IOException {
        ImageWriter writer = ImageIO.getImageWritersByFormatName(format).next();
        try (ImageOutputStream stream = new MemoryCacheImageOutputStream(out)) {
            ImageWriteParam param = writer.getDefaultWriteParam();
            if (format.equals("jpeg")) {
                param.setCompressionMode(ImageWriteParam.MODE_EXPLICIT);
                param.setCompressionQuality(jpegQuality);
            }
            writer.setOutput(stream);
            writer.write(null, new IIOImage(image.toBufferedImage(), null, null), param);
        } finally {
            writer.dispose();
        }
    }
}
