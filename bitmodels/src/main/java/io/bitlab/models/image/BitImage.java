package io.bitlab.models.image;

import java.awt.image.BufferedImage;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.Arrays;

/**
 * An image in sRGB, 8 bits for each of red, green and blue.
 *
 * {@snippet class="io.bitlab.models.snippets.ImageSnippets" region="image"}
 *
 * <p>Files are read and written by the JDK's {@code javax.imageio}: JPEG, PNG, BMP, GIF (its first picture) and TIFF.
 * More formats come with a plug-in that only has to be there at run time, since {@code javax.imageio} finds it on the
 * class path: <a href="https://github.com/haraldk/TwelveMonkeys">TwelveMonkeys</a> reads WebP
 * ({@code com.twelvemonkeys.imageio:imageio-webp}) and more kinds of JPEG, such as lossless ones and CMYK of all
 * programs ({@code com.twelvemonkeys.imageio:imageio-jpeg}). Grey images keep their values in all three channels, 16
 * bits are rounded to 8, transparent pixels are laid over a background, embedded colour profiles of JPEG files are
 * converted, and the orientation that cameras note is applied.
 *
 * <p><b>Thread safety:</b> immutable.
 */
public final class BitImage {

    private static final float JPEG_QUALITY = 0.9f;

    private final int width;
    private final int height;
    private final byte[] rgb;

    private BitImage(int width, int height, byte[] rgb) {
        this.width = width;
        this.height = height;
        this.rgb = rgb;
    }

    /**
     * Creates an image from bytes.
     *
     * @param width columns of pixels, at least 1
     * @param height rows of pixels, at least 1
     * @param rgb red, green and blue of each pixel, row by row from the top; copied
     * @return the image
     * @throws IllegalArgumentException if there are no pixels, or not three bytes for each
     */
    public static BitImage of(int width, int height, byte[] rgb) {
        requireSize("BitImage", width, height);
        if (rgb.length != 3L * width * height) {
            throw new IllegalArgumentException("BitImage: " + rgb.length + " bytes for " + width + " x " + height
                    + " pixels, expected " + 3L * width * height + ": red, green and blue of each");
        }
        return owning(width, height, rgb.clone());
    }

    /** Of one byte a pixel. */
    static BitImage ofGrey(int width, int height, byte[] grey, int offset) {
        byte[] rgb = new byte[Math.multiplyExact(3, Math.multiplyExact(width, height))];
        for (int i = 0; i < rgb.length; i++) {
            rgb[i] = grey[offset + i / 3];
        }
        return owning(width, height, rgb);
    }

    /** Not copied. */
    static BitImage owning(int width, int height, byte[] rgb) {
        return new BitImage(width, height, rgb);
    }

    /**
     * Creates an image from one of the JDK, with white behind transparent pixels.
     *
     * @param image of any type; not modified
     * @return a copy of its pixels
     */
    public static BitImage of(BufferedImage image) {
        return of(image, 0xffffff);
    }

    /**
     * Creates an image from one of the JDK.
     *
     * @param image of any type; not modified
     * @param background {@code 0xRRGGBB}: the colour behind transparent pixels
     * @return a copy of its pixels
     */
    public static BitImage of(BufferedImage image, int background) {
        requireColour("BitImage: background", background);
        requireSize("BitImage", image.getWidth(), image.getHeight());
        return owning(image.getWidth(), image.getHeight(), PixelConversion.toRgb(image, background));
    }

    /**
     * Creates an image from what a network computed: the inverse of {@link #toFloats(ImageNormalization)}.
     *
     * @param planes {@code [channels, height, width]}; one channel gives a grey image. Values beyond the range are
     *     clamped, others rounded to the nearest of 256, NaN gives 0
     * @param width columns of pixels
     * @param height rows of pixels
     * @param normalization says what the numbers mean, and the number of channels
     * @return the image
     * @throws IllegalArgumentException if the number of floats does not match
     */
    public static BitImage fromFloats(float[] planes, int width, int height, ImageNormalization normalization) {
        requireSize("BitImage.fromFloats", width, height);
        int channels = normalization.channels();
        if (planes.length != (long) channels * width * height) {
            throw new IllegalArgumentException("BitImage.fromFloats: " + planes.length + " floats, expected "
                    + channels + " x " + height + " x " + width);
        }
        int pixels = width * height;
        byte[] bytes = new byte[3 * pixels];
        for (int i = 0; i < bytes.length; i++) {
            int channel = channels == 1 ? 0 : i % 3;
            bytes[i] = (byte) normalization.value(channel, planes[channel * pixels + i / 3]);
        }
        return owning(width, height, bytes);
    }

    /**
     * Reads an image file with the usual options.
     *
     * @param file the file
     * @return the image
     * @throws IOException as {@link #read(Path, ImageReadOptions)}
     */
    public static BitImage read(Path file) throws IOException {
        return read(file, ImageReadOptions.defaults());
    }

    /**
     * Reads an image file. Its format is recognised by its content, not by its name.
     *
     * @param file the file
     * @param options limits and choices
     * @return the image
     * @throws IOException if the file is missing, not an image, of a format that needs a plug-in, larger than the
     *     options allow, or damaged; the message names file and remedy
     */
    public static BitImage read(Path file, ImageReadOptions options) throws IOException {
        return ImageDecoder.read(file, options);
    }

    /**
     * Reads an image from the bytes of a file.
     *
     * @param file the content of an image file; not modified
     * @param options limits and choices
     * @return the image
     * @throws IOException as {@link #read(Path, ImageReadOptions)}
     */
    public static BitImage read(byte[] file, ImageReadOptions options) throws IOException {
        return ImageDecoder.decode(file.length + " bytes", file, options);
    }

    /**
     * Reads an image from a stream.
     *
     * @param in the content of an image file; read to its end, not closed
     * @param options limits and choices
     * @return the image
     * @throws IOException as {@link #read(Path, ImageReadOptions)}
     */
    public static BitImage read(InputStream in, ImageReadOptions options) throws IOException {
        return ImageDecoder.decode("stream", ImageDecoder.bytes("stream", in, options), options);
    }

    /**
     * Writes an image file, in the format of its name's extension; JPEG with quality 0.9.
     *
     * @param file its name ends with {@code .png}, {@code .jpg}, {@code .jpeg}, {@code .bmp}, or {@code .gif} (256
     *     colours); replaced as a whole
     * @throws IOException if it can't be written; an existing file is unchanged
     * @throws IllegalArgumentException if the name has another extension
     */
    public void write(Path file) throws IOException {
        write(file, JPEG_QUALITY);
    }

    /**
     * Writes an image file.
     *
     * @param file as in {@link #write(Path)}
     * @param jpegQuality from 0 (small) to 1 (good); ignored for other formats
     * @throws IOException if it can't be written; an existing file is unchanged
     * @throws IllegalArgumentException if the name has another extension, or the quality is out of range
     */
    public void write(Path file, float jpegQuality) throws IOException {
        ImageEncoder.write(this, file, jpegQuality);
    }

    /**
     * Resizes the image: the average area where it shrinks, bilinear where it grows ({@link ResizeMethod#AUTOMATIC}).
     *
     * @param newWidth columns of the result, at least 1
     * @param newHeight rows of the result, at least 1
     * @return the resized image
     * @throws IllegalArgumentException if the size is not positive or too large
     */
    public BitImage resize(int newWidth, int newHeight) {
        return resize(newWidth, newHeight, ResizeMethod.AUTOMATIC);
    }

    /**
     * Resizes the image.
     *
     * @param newWidth columns of the result, at least 1
     * @param newHeight rows of the result, at least 1
     * @param method the formula
     * @return the resized image
     * @throws IllegalArgumentException if the size is not positive or too large
     */
    public BitImage resize(int newWidth, int newHeight, ResizeMethod method) {
        requireSize("BitImage.resize", newWidth, newHeight);
        if (newWidth == width && newHeight == height) {
            return this;
        }
        return owning(newWidth, newHeight, ImageResampling.resize(rgb, width, height, newWidth, newHeight, method));
    }

    /**
     * Cuts out a rectangle.
     *
     * @param left its first column
     * @param top its first row
     * @param newWidth its columns
     * @param newHeight its rows
     * @return the part, or this image if that is all of it
     * @throws IllegalArgumentException if it is empty or not inside of the image
     */
    public BitImage crop(int left, int top, int newWidth, int newHeight) {
        if (left < 0 || top < 0 || newWidth < 1 || newHeight < 1 || newWidth > width - left
                || newHeight > height - top) {
            throw new IllegalArgumentException("BitImage.crop: " + newWidth + " x " + newHeight + " pixels from ("
                    + left + ", " + top + ") are not inside of an image of " + width + " x " + height);
        }
        return newWidth == width && newHeight == height ? this : framed(newWidth, newHeight, -left, -top, 0);
    }

    /**
     * Fits the image into a frame, without distortion and in its middle.
     *
     * @param newWidth columns of the frame
     * @param newHeight rows of the frame
     * @param colour {@code 0xRRGGBB}: the colour of what the image does not cover
     * @return the framed image, and where its points are
     * @throws IllegalArgumentException if the size is not positive or too large
     */
    public Letterbox letterbox(int newWidth, int newHeight, int colour) {
        requireSize("BitImage.letterbox", newWidth, newHeight);
        requireColour("BitImage.letterbox: colour", colour);
        return Letterbox.of(this, newWidth, newHeight, colour);
    }

    /** A frame of a colour with this image at a place, of which as much is kept as is inside. */
    BitImage framed(int newWidth, int newHeight, int left, int top, int colour) {
        byte[] bytes = new byte[3 * newWidth * newHeight];
        for (int i = 0; i < bytes.length; i++) {
            bytes[i] = (byte) (colour >> 16 - 8 * (i % 3));
        }
        int from = Math.max(0, left);
        int columns = Math.min(newWidth, left + width) - from;
        for (int y = Math.max(0, top); y < Math.min(newHeight, top + height); y++) {
            System.arraycopy(rgb, 3 * ((y - top) * width + from - left), bytes, 3 * (y * newWidth + from), 3 * columns);
        }
        return owning(newWidth, newHeight, bytes);
    }

    /**
     * Mirrors the image left to right.
     *
     * @return the mirrored image
     */
    public BitImage flipped() {
        return ExifOrientation.FLIPPED.apply(this);
    }

    /**
     * The pixels for a network, in [0, 1].
     *
     * @return {@code [3, height, width]}: the planes of red, green and blue
     */
    public float[] toFloats() {
        return toFloats(ImageNormalization.UNIT);
    }

    /**
     * The pixels for a network.
     *
     * @param normalization mean and deviation of each channel. With one channel, the luma of ITU-R BT.601,
     *     {@code 0.299 red + 0.587 green + 0.114 blue}, rounded to 8 bits, stands for the three
     * @return {@code [channels, height, width]}
     */
    public float[] toFloats(ImageNormalization normalization) {
        float[] planes = new float[Math.multiplyExact(normalization.channels(), width * height)];
        PixelConversion.toFloats(rgb, normalization, planes, 0);
        return planes;
    }

    /**
     * The pixels as an image of the JDK.
     *
     * @return a new image of type {@code TYPE_INT_RGB}
     */
    public BufferedImage toBufferedImage() {
        BufferedImage image = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
        int[] row = new int[width];
        for (int y = 0; y < height; y++) {
            for (int x = 0; x < width; x++) {
                row[x] = at(y * width + x);
            }
            image.setRGB(0, y, width, 1, row, 0, width);
        }
        return image;
    }

    /**
     * The number of columns.
     *
     * @return at least 1
     */
    public int width() {
        return width;
    }

    /**
     * The number of rows.
     *
     * @return at least 1
     */
    public int height() {
        return height;
    }

    /**
     * One pixel.
     *
     * @param x column, from the left
     * @param y row, from the top
     * @return {@code 0xRRGGBB}
     * @throws IndexOutOfBoundsException if it is not inside of the image
     */
    public int rgb(int x, int y) {
        if (x < 0 || y < 0 || x >= width || y >= height) {
            throw new IndexOutOfBoundsException("BitImage.rgb: there is no pixel (" + x + ", " + y
                    + ") in an image of " + width + " x " + height);
        }
        return at(y * width + x);
    }

    private int at(int pixel) {
        return (rgb[3 * pixel] & 0xff) << 16 | (rgb[3 * pixel + 1] & 0xff) << 8 | rgb[3 * pixel + 2] & 0xff;
    }

    /**
     * All pixels.
     *
     * @return red, green and blue of each pixel, row by row from the top; a copy
     */
    public byte[] toRgb() {
        return rgb.clone();
    }

    /** Not a copy: not to be modified. */
    byte[] bytes() {
        return rgb;
    }

    static void requireSize(String operation, int width, int height) {
        if (width < 1 || height < 1 || (long) width * height > ImageReadOptions.MOST_PIXELS) {
            throw new IllegalArgumentException(operation + ": " + width + " x " + height
                    + " pixels; expected at least 1 x 1, and at most " + ImageReadOptions.MOST_PIXELS + " together");
        }
    }

    static void requireColour(String what, int colour) {
        if (colour >>> 24 != 0) {
            throw new IllegalArgumentException(what + " 0x" + Integer.toHexString(colour)
                    + " is not a colour from 0x000000 to 0xffffff; leave out the alpha channel");
        }
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof BitImage image && image.width == width && image.height == height
                && Arrays.equals(image.rgb, rgb);
    }

    @Override
    public int hashCode() {
        return 31 * (31 * width + height) + Arrays.hashCode(rgb);
    }

    @Override
    public String toString() {
        return "BitImage(" + width + " x " + height + ")";
    }
}
