package io.bitlab.models.diffusion.score;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.bitlab.core.parallel.Parallel;
import io.bitlab.core.tensor.Tensor;
import io.bitlab.models.train.Dataset;
import io.bitlab.models.train.SampleSource;
import org.junit.jupiter.api.Test;

class NearestImagesTest {

    private static SampleSource training(float[] values, int pixels) {
        return Dataset.of(values, new int[values.length / pixels]);
    }

    @Test
    void findsTheNearestAndOfEqualOnesTheFirst() {
        SampleSource training = training(new float[] {0, 0, 3, 4, 3, 4, 9, 9, 0, 0}, 2);
        NearestImages found = NearestImages.find(Tensor.of(new float[] {3, 4, 3, 3, 0, 0, 6, 8}, 4, 2), training);
        assertEquals(4, found.size());
        assertEquals(1, found.index(0));
        assertEquals(0, found.distance(0));
        assertEquals(1, found.index(1));
        assertEquals(1, found.distance(1));
        assertEquals(0, found.index(2));
        assertEquals(3, found.index(3));
        assertEquals(Math.sqrt(10), found.distance(3));
        assertArrayEquals(new int[] {0, 2, 1, 3}, found.mostAlike());
        assertEquals("NearestImages(4 images)", found.toString());
    }

    /** More training images than are read at a time. */
    @Test
    void findsWhatASearchOneByOneFinds() {
        int pixels = 9;
        float[] values = Tensor.randn(1, 3000, pixels).toArray();
        Tensor images = Tensor.randn(2, 40, pixels);
        NearestImages found = Parallel.sequential().call(() -> NearestImages.find(images, training(values, pixels)));
        for (int i = 0; i < 40; i++) {
            int nearest = -1;
            double least = Double.POSITIVE_INFINITY;
            for (int t = 0; t < 3000; t++) {
                double sum = 0;
                for (int p = 0; p < pixels; p++) {
                    double difference = (double) images.at(i, p) - values[t * pixels + p];
                    sum += difference * difference;
                }
                if (sum < least) {
                    least = sum;
                    nearest = t;
                }
            }
            assertEquals(nearest, found.index(i));
            assertEquals(Math.sqrt(least), found.distance(i));
        }
    }

    @Test
    void whatDoesNotFitIsRefused() {
        SampleSource training = training(new float[] {1, 2, 3, 4}, 2);
        refused("images of the shape [1, 3], training images of [2]",
                () -> NearestImages.find(Tensor.zeros(1, 3), training));
        refused("generated images: value 1 of number 0 is NaN",
                () -> NearestImages.find(Tensor.of(new float[] {1, Float.NaN}, 1, 2), training));
    }

    private static void refused(String part, Runnable call) {
        String message = assertThrows(IllegalArgumentException.class, call::run).getMessage();
        assertTrue(message.contains(part), message);
    }
}
