package io.bitlab.models.image;

import io.bitlab.models.io.AtomicFile;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import javax.imageio.IIOImage;
import javax.imageio.ImageIO;
import javax.imageio.ImageTypeSpecifier;
import javax.imageio.ImageWriteParam;
import javax.imageio.ImageWriter;
import javax.imageio.metadata.IIOInvalidTreeException;
import javax.imageio.metadata.IIOMetadata;
import javax.imageio.metadata.IIOMetadataNode;
import javax.imageio.stream.ImageOutputStream;
import javax.imageio.stream.MemoryCacheImageOutputStream;

/**
 * Images of one size, shown one after the other in an endless loop: an animated GIF, which browsers and Markdown pages
 * show, such as the steps in which a generator turns noise into a picture.
 *
 * {@snippet class="io.bitlab.models.snippets.ImageSnippets" region="animation"}
 *
 * <p>Each frame has a palette of its own. Frames of at most 256 colours, which all grey images are, keep their exact
 * colours. Others are reduced to 256, by median cut (P. Heckbert, <i>Color Image Quantization for Frame Buffer
 * Display</i>, 1982), without dithering: in a picture of 32 x 32 pixels, red, green and blue change by 3 to 9 of 256 on
 * average, at most by about 10 in a gradient between two colours and by about 35 in noise.
 *
 * <p><b>Thread safety:</b> immutable.
 */
public final class ImageAnimation {

    /** How long a frame is shown unless set. */
    public static final Duration DEFAULT_DELAY = Duration.ofMillis(100);

    /** Browsers slow down what is faster. */
    private static final int LEAST_MILLIS = 20;
    private static final int UNIT_MILLIS = 10;
    private static final int MOST_MILLIS = 0xffff * UNIT_MILLIS;
    private static final String METADATA = "javax_imageio_gif_image_1.0";

    private final List<BitImage> frames;
    private final Duration delay;

    private ImageAnimation(List<BitImage> frames, Duration delay) {
        this.frames = frames;
        this.delay = delay;
    }

    /**
     * Makes an animation, in which each frame is shown for {@link #DEFAULT_DELAY}.
     *
     * @param frames at least one, all of one size of at most 65,535 x 65,535 pixels; to show one for longer, repeat it
     * @return the animation
     * @throws IllegalArgumentException if there are no frames, they are too large, or sizes differ
     */
    public static ImageAnimation of(List<BitImage> frames) {
        if (frames.isEmpty()) {
            throw new IllegalArgumentException("ImageAnimation: no frames, expected at least one");
        }
        BitImage first = frames.getFirst();
        if (Math.max(first.width(), first.height()) > 0xffff) {
            throw new IllegalArgumentException("ImageAnimation: frames of " + first.width() + " x " + first.height()
                    + " pixels, expected at most 65535 x 65535; resize them");
        }
        ImageGrid.requireOneSize("ImageAnimation: frame", frames);
        return new ImageAnimation(List.copyOf(frames), DEFAULT_DELAY);
    }

    /**
     * This animation at another speed.
     *
     * @param newDelay how long each frame is shown: a multiple of 10 milliseconds, from 20 to 655,350
     * @return a new animation
     * @throws IllegalArgumentException if the format does not know such a delay
     */
    public ImageAnimation withDelay(Duration newDelay) {
        boolean known = !newDelay.isNegative() && newDelay.compareTo(Duration.ofMillis(MOST_MILLIS)) <= 0;
        long millis = known ? newDelay.toMillis() : -1;
        if (millis < LEAST_MILLIS || !newDelay.equals(Duration.ofMillis(millis / UNIT_MILLIS * UNIT_MILLIS))) {
            throw new IllegalArgumentException("ImageAnimation: a delay of " + newDelay
                    + ", expected a multiple of 10 milliseconds, from " + LEAST_MILLIS + " to " + MOST_MILLIS);
        }
        return new ImageAnimation(frames, newDelay);
    }

    /**
     * Writes the animation.
     *
     * @param file its name ends with {@code .gif}; replaced as a whole
     * @throws IOException if it can't be written; an existing file is unchanged
     * @throws IllegalArgumentException if the name has another extension
     */
    public void write(Path file) throws IOException {
        if (!String.valueOf(file.getFileName()).toLowerCase(Locale.ROOT).endsWith(".gif")) {
            throw new IllegalArgumentException("ImageAnimation.write: the name " + file.getFileName()
                    + " should end with .gif");
        }
        AtomicFile.replace(file, this::encode);
    }

    private void encode(OutputStream out) throws IOException {
        ImageWriter writer = ImageIO.getImageWritersByFormatName("gif").next();
        try (ImageOutputStream stream = new MemoryCacheImageOutputStream(out)) {
            writer.setOutput(stream);
            ImageWriteParam param = writer.getDefaultWriteParam();
            param.setProgressiveMode(ImageWriteParam.MODE_DISABLED); // the JDK misreads interlaced frames of few rows
            writer.prepareWriteSequence(null);
            for (int i = 0; i < frames.size(); i++) {
                IIOImage frame = new IIOImage(ColourPalette.indexed(frames.get(i)), null, null);
                frame.setMetadata(metadata(writer, param, frame, i == 0));
                writer.writeToSequence(frame, param);
            }
            writer.endWriteSequence();
        } finally {
            writer.dispose();
        }
    }

    private IIOMetadata metadata(ImageWriter writer, ImageWriteParam param, IIOImage frame, boolean first)
            throws IIOInvalidTreeException {
        IIOMetadata metadata = writer.getDefaultImageMetadata(
                ImageTypeSpecifier.createFromRenderedImage(frame.getRenderedImage()), param);
        IIOMetadataNode control = new IIOMetadataNode("GraphicControlExtension");
        control.setAttribute("disposalMethod", "none");
        control.setAttribute("userInputFlag", "FALSE");
        control.setAttribute("transparentColorFlag", "FALSE");
        control.setAttribute("delayTime", Long.toString(delay.toMillis() / UNIT_MILLIS));
        control.setAttribute("transparentColorIndex", "0");
        IIOMetadataNode root = new IIOMetadataNode(METADATA);
        root.appendChild(control);
        if (first) {
            // Netscape's extension: a 1, then the number of repetitions in two bytes; 0 repeats forever
            IIOMetadataNode loop = new IIOMetadataNode("ApplicationExtension");
            loop.setAttribute("applicationID", "NETSCAPE");
            loop.setAttribute("authenticationCode", "2.0");
            loop.setUserObject(new byte[] {1, 0, 0});
            IIOMetadataNode extensions = new IIOMetadataNode("ApplicationExtensions");
            extensions.appendChild(loop);
            root.appendChild(extensions);
        }
        metadata.mergeTree(METADATA, root);
        return metadata;
    }

    /**
     * The number of frames.
     *
     * @return at least 1
     */
    public int frames() {
        return frames.size();
    }

    /**
     * How long each frame is shown.
     *
     * @return a multiple of 10 milliseconds
     */
    public Duration delay() {
        return delay;
    }

    @Override
    public String toString() {
        return "ImageAnimation(" + frames.size() + " frames of " + frames.getFirst().width() + " x "
                + frames.getFirst().height() + ", " + delay.toMillis() + " ms each)";
    }
}
