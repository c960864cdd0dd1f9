package io.bitlab.models.image;

import java.util.List;

/**
 * Puts images of one size into a picture, row by row, with captions if wanted: samples of a generator or a data set.
 *
 * {@snippet class="io.bitlab.models.snippets.ImageSnippets" region="grid"}
 *
 * <p><b>Thread safety:</b> immutable.
 */
public final class ImageGrid {

    private static final int GAP = 2;
    private static final int WHITE = 0xffffff;
    private static final int BLACK = 0x000000;

    private final List<BitImage> images;
    private final int columns;
    private final int scale;
    private final List<String> captions;
    private final List<String> rowCaptions;

    private ImageGrid(List<BitImage> images, int columns, int scale, List<String> captions,
            List<String> rowCaptions) {
        this.images = images;
        this.columns = columns;
        this.scale = scale;
        this.captions = captions;
        this.rowCaptions = rowCaptions;
    }

    /**
     * Arranges images.
     *
     * @param images at least one, all of one size
     * @param columns images in a row, at least 1
     * @return the grid, without captions
     * @throws IllegalArgumentException if there are no images or columns, or sizes differ
     */
    public static ImageGrid of(List<BitImage> images, int columns) {
        if (images.isEmpty() || columns < 1) {
            throw new IllegalArgumentException("ImageGrid: " + images.size() + " images in " + columns
                    + " columns; expected at least one of each");
        }
        requireOneSize("ImageGrid: image", images);
        return new ImageGrid(List.copyOf(images), columns, 1, List.of(), List.of());
    }

    static void requireOneSize(String what, List<BitImage> images) {
        BitImage first = images.getFirst();
        for (int i = 0; i < images.size(); i++) {
            BitImage image = images.get(i);
            if (image.width() != first.width() || image.height() != first.height()) {
                throw new IllegalArgumentException(what + " " + i + " is " + image.width() + " x " + image.height()
                        + ", the first " + first.width() + " x " + first.height() + "; resize them to one size");
            }
        }
    }

    /**
     * Arranges what a network computed, or a batch for it.
     *
     * @param batch {@code [images, channels, height, width]}
     * @param width columns of pixels of an image
     * @param height rows of pixels of an image
     * @param normalization says what the numbers mean, and the number of channels
     * @param columns images in a row, at least 1
     * @return the grid, without captions
     * @throws IllegalArgumentException if the batch is not a number of such images, or there are no columns
     */
    public static ImageGrid of(float[] batch, int width, int height, ImageNormalization normalization, int columns) {
        BitImage.requireSize("ImageGrid", width, height);
        int features = Math.multiplyExact(normalization.channels(), width * height);
        if (batch.length == 0 || batch.length % features != 0) {
            throw new IllegalArgumentException("ImageGrid: " + batch.length + " floats are no images of "
                    + normalization.channels() + " x " + height + " x " + width);
        }
        BitImage[] images = new BitImage[batch.length / features];
        for (int i = 0; i < images.length; i++) {
            float[] planes = new float[features];
            System.arraycopy(batch, i * features, planes, 0, features);
            images[i] = BitImage.fromFloats(planes, width, height, normalization);
        }
        return of(List.of(images), columns);
    }

    /**
     * The same with each pixel drawn as a square of pixels, for small images.
     *
     * @param pixels rows and columns of the square, at least 1
     * @return the grid
     * @throws IllegalArgumentException if it is not positive
     */
    public ImageGrid withScale(int pixels) {
        if (pixels < 1) {
            throw new IllegalArgumentException("ImageGrid: scale " + pixels + " is not at least 1");
        }
        return new ImageGrid(images, columns, pixels, captions, rowCaptions);
    }

    /**
     * The same with a caption below each image. Columns are as wide as the widest caption.
     *
     * @param texts one for each image
     * @return the grid
     * @throws IllegalArgumentException if there are more or fewer
     */
    public ImageGrid withCaptions(List<String> texts) {
        requireCount("captions", texts.size(), images.size(), "images");
        return new ImageGrid(images, columns, scale, List.copyOf(texts), rowCaptions);
    }

    /**
     * The same with a caption to the left of each row.
     *
     * @param texts one for each row
     * @return the grid
     * @throws IllegalArgumentException if there are more or fewer
     */
    public ImageGrid withRowCaptions(List<String> texts) {
        requireCount("row captions", texts.size(), rows(), "rows");
        return new ImageGrid(images, columns, scale, captions, List.copyOf(texts));
    }

    private static void requireCount(String what, int found, int expected, String of) {
        if (found != expected) {
            throw new IllegalArgumentException("ImageGrid: " + found + " " + what + " for " + expected + " " + of);
        }
    }

    private int rows() {
        return Math.ceilDiv(images.size(), columns);
    }

    /**
     * Draws the grid on white, with black captions and 2 pixels between images.
     *
     * @return the picture
     * @throws IllegalArgumentException if it has more pixels than an image can have
     */
    public BitImage toImage() {
        int width = images.getFirst().width() * scale;
        int height = images.getFirst().height() * scale;
        int captionHeight = captions.isEmpty() ? 0 : ImageCanvas.textHeight(1) + GAP;
        int cellWidth = Math.max(width, widest(captions)) + GAP;
        int cellHeight = height + captionHeight + GAP;
        int left = GAP + (rowCaptions.isEmpty() ? 0 : widest(rowCaptions) + GAP);
        ImageCanvas canvas = new ImageCanvas(Math.addExact(left, Math.multiplyExact(columns, cellWidth)),
                Math.addExact(GAP, Math.multiplyExact(rows(), cellHeight)), WHITE);
        for (int i = 0; i < images.size(); i++) {
            int x = left + i % columns * cellWidth;
            int y = GAP + i / columns * cellHeight;
            canvas.image(images.get(i).resize(width, height, ResizeMethod.NEAREST), x, y);
            if (!captions.isEmpty()) {
                canvas.text(captions.get(i), x, y + height + GAP, 1, BLACK);
            }
        }
        for (int row = 0; row < rowCaptions.size(); row++) {
            int y = GAP + row * cellHeight + (height - ImageCanvas.textHeight(1)) / 2;
            canvas.text(rowCaptions.get(row), GAP, y, 1, BLACK);
        }
        return canvas.toImage();
    }

    private static int widest(List<String> texts) {
        return texts.stream().mapToInt(text -> ImageCanvas.textWidth(text, 1)).max().orElse(0);
    }
}
