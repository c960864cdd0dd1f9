package io.bitlab.models.image;

/**
 * Draws on a copy of an image: other images, rectangles, text. What lies outside is cut off.
 *
 * {@snippet class="io.bitlab.models.snippets.ImageSnippets" region="canvas"}
 *
 * <p><b>Thread safety:</b> none.
 */
public final class ImageCanvas {

    private final int width;
    private final int height;
    private final byte[] rgb;

    /**
     * Starts with an image.
     *
     * @param image what is drawn on; not modified
     */
    public ImageCanvas(BitImage image) {
        width = image.width();
        height = image.height();
        rgb = image.toRgb();
    }

    /**
     * Starts with an empty canvas.
     *
     * @param width columns of pixels
     * @param height rows of pixels
     * @param colour {@code 0xRRGGBB}: the colour of all of them
     * @throws IllegalArgumentException if the size is not positive, or the colour out of range
     */
    public ImageCanvas(int width, int height, int colour) {
        BitImage.requireSize("ImageCanvas", width, height);
        this.width = width;
        this.height = height;
        this.rgb = new byte[3 * width * height];
        fill(0, 0, width, height, colour);
    }

    /**
     * Fills a rectangle.
     *
     * @param left its first column
     * @param top its first row
     * @param columns its width
     * @param rows its height
     * @param colour {@code 0xRRGGBB}
     * @return this canvas
     * @throws IllegalArgumentException if the colour is out of range
     */
    public ImageCanvas fill(int left, int top, int columns, int rows, int colour) {
        BitImage.requireColour("ImageCanvas: colour", colour);
        for (int y = Math.max(0, top); y < Math.min(height, (long) top + rows); y++) {
            for (int x = Math.max(0, left); x < Math.min(width, (long) left + columns); x++) {
                int at = 3 * (y * width + x);
                rgb[at] = (byte) (colour >> 16);
                rgb[at + 1] = (byte) (colour >> 8);
                rgb[at + 2] = (byte) colour;
            }
        }
        return this;
    }

    /**
     * Draws the edges of a rectangle, inside of it.
     *
     * @param left its first column
     * @param top its first row
     * @param columns its width
     * @param rows its height
     * @param thickness pixels of a line, at least 1
     * @param colour {@code 0xRRGGBB}
     * @return this canvas
     * @throws IllegalArgumentException if the thickness is not positive, or the colour out of range
     */
    public ImageCanvas outline(int left, int top, int columns, int rows, int thickness, int colour) {
        requirePositive("thickness", thickness);
        int across = Math.clamp(columns, 0, thickness);
        int down = Math.clamp(rows, 0, thickness);
        return fill(left, top, columns, down, colour).fill(left, top + rows - down, columns, down, colour)
                .fill(left, top, across, rows, colour).fill(left + columns - across, top, across, rows, colour);
    }

    /**
     * Draws an image.
     *
     * @param image the image
     * @param left column of its first
     * @param top row of its first
     * @return this canvas
     */
    public ImageCanvas image(BitImage image, int left, int top) {
        long from = Math.max(0, -(long) left);
        long columns = Math.min(image.width(), (long) width - left) - from;
        for (int y = 0; columns > 0 && y < image.height(); y++) {
            long row = (long) top + y;
            if (row >= 0 && row < height) {
                System.arraycopy(image.bytes(), (int) (3 * ((long) y * image.width() + from)), rgb,
                        (int) (3 * (row * width + left + from)), (int) (3 * columns));
            }
        }
        return this;
    }

    /**
     * Draws a line of text in letters of 5 x 7 pixels, one pixel apart. It has letters for ASCII; accents are left out,
     * and other characters are question marks.
     *
     * @param text the text
     * @param left first column of the first letter
     * @param top first row of the letters
     * @param scale pixels for each pixel of a letter in both directions, at least 1
     * @param colour {@code 0xRRGGBB}
     * @return this canvas
     * @throws IllegalArgumentException if the scale is not positive, or the colour out of range
     */
    public ImageCanvas text(String text, int left, int top, int scale, int colour) {
        requirePositive("scale", scale);
        BitImage.requireColour("ImageCanvas: colour", colour);
        String letters = PixelFont.letters(text);
        for (int i = 0; i < letters.length(); i++) {
            for (int x = 0; x < PixelFont.ADVANCE; x++) {
                for (int y = 0; y < PixelFont.HEIGHT; y++) {
                    if (PixelFont.isSet(letters.charAt(i), x, y)) {
                        fill(left + scale * (i * PixelFont.ADVANCE + x), top + scale * y, scale, scale, colour);
                    }
                }
            }
        }
        return this;
    }

    /**
     * Whether {@link #text} has a letter for each of a text, accents apart.
     *
     * @param text any text
     * @return false if question marks would take the place of some
     */
    public static boolean hasLetters(String text) {
        return PixelFont.hasLetters(text);
    }

    /**
     * The columns that a text takes.
     *
     * @param text the text
     * @param scale as in {@link #text}
     * @return its width in pixels; 0 for an empty text
     */
    public static int textWidth(String text, int scale) {
        return Math.max(0, PixelFont.letters(text).length() * PixelFont.ADVANCE - 1) * scale;
    }

    /**
     * The rows that a text takes.
     *
     * @param scale as in {@link #text}
     * @return its height in pixels
     */
    public static int textHeight(int scale) {
        return PixelFont.HEIGHT * scale;
    }

    private static void requirePositive(String what, int value) {
        if (value < 1) {
            throw new IllegalArgumentException("ImageCanvas: " + what + " " + value + " is not at least 1");
        }
    }

    /**
     * What was drawn.
     *
     * @return the image; a copy
     */
    public BitImage toImage() {
        return BitImage.of(width, height, rgb);
    }
}
