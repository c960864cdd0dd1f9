package io.bitlab.models.diffusion.score;

import io.bitlab.core.tensor.Shape;
import io.bitlab.core.tensor.Tensor;
import io.bitlab.models.train.SampleSource;
import java.util.Arrays;
import java.util.Comparator;
import java.util.stream.IntStream;

/**
 * For each generated image the training image that is most like it, so that a generator that copies its training data
 * is seen: shown side by side, copies are the same picture, at a distance far below that between two training images.
 *
 * {@snippet class="io.bitlab.models.snippets.GeneratorScoreSnippets" region="nearest"}
 *
 * <p>Likeness is the Euclidean distance of the pixels, in double. Of training images that are equally near, the first
 * counts. Takes time in proportion to images times training images; these are read a few at a time.
 *
 * <p><b>Thread safety:</b> immutable.
 */
public final class NearestImages {

    /** The values of the training images that are read at a time. */
    private static final int BATCH_VALUES = 1 << 20;
    private static final int BATCH = 1024;

    private final int[] indices;
    private final double[] squares;

    private NearestImages(int[] indices, double[] squares) {
        this.indices = indices;
        this.squares = squares;
    }

    /**
     * Searches for the nearest training images.
     *
     * @param images {@code [n, ...sampleShape]}: generated images, with pixels in the range of the training images; not
     *     modified
     * @param training the images that the generator was trained with; read once, from first to last
     * @return the nearest of each
     * @throws IllegalArgumentException if the shapes differ, or a value is not finite
     */
    public static NearestImages find(Tensor images, SampleSource training) {
        int[] shape = training.sampleShape();
        if (images.rank() != shape.length + 1
                || !Arrays.equals(Arrays.copyOfRange(images.shape(), 1, images.rank()), shape)) {
            throw new IllegalArgumentException("NearestImages: images of the shape " + Arrays.toString(images.shape())
                    + ", training images of " + Arrays.toString(shape) + "; expected n images of the same shape");
        }
        int pixels = Shape.product(shape, 0, shape.length);
        int count = images.length(0);
        FeatureRows made = new FeatureRows(
                FeatureRows.finite("NearestImages: generated images", images.data(), pixels), count, pixels);
        int[] indices = new int[count];
        double[] squares = new double[count];
        Arrays.fill(squares, Double.POSITIVE_INFINITY);
        int together = Math.clamp(BATCH_VALUES / pixels, 1, BATCH);
        for (int from = 0; from < training.size(); from += together) {
            int begin = from;
            int[] batch = IntStream.range(from, Math.min(training.size(), from + together)).toArray();
            float[] values = FeatureRows.finite("NearestImages: training images from " + from,
                    training.batch(batch).data(), pixels);
            SquaredDistances.visit(made, new FeatureRows(values, batch.length, pixels),
                    (image, first, distances, block) -> {
                        for (int o = 0; o < block; o++) {
                            if (distances[o] < squares[image]) {
                                squares[image] = distances[o];
                                indices[image] = begin + first + o;
                            }
                        }
                    });
        }
        return new NearestImages(indices, squares);
    }

    /**
     * The number of generated images.
     *
     * @return at least 1
     */
    public int size() {
        return indices.length;
    }

    /**
     * The nearest training image.
     *
     * @param image number of the generated image
     * @return number of the training image
     * @throws IndexOutOfBoundsException if there is no such image
     */
    public int index(int image) {
        return indices[image];
    }

    /**
     * How near the nearest training image is.
     *
     * @param image number of the generated image
     * @return the root of the sum of the squared differences of all values; 0 for a copy
     * @throws IndexOutOfBoundsException if there is no such image
     */
    public double distance(int image) {
        return Math.sqrt(squares[image]);
    }

    /**
     * The generated images, those most like a training image first: where copies would be found.
     *
     * @return numbers of all generated images by distance, equally near ones by number
     */
    public int[] mostAlike() {
        return IntStream.range(0, squares.length).boxed()
                .sorted(Comparator.comparingDouble(i -> squares[i])) // stable
                .mapToInt(Integer::intValue).toArray();
    }

    @Override
    public String toString() {
        return "NearestImages(" + indices.length + " images)";
    }
}
