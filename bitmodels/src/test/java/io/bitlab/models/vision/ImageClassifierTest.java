package io.bitlab.models.vision;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.bitlab.core.math.CounterRandom;
import io.bitlab.core.tensor.Tensor;
import io.bitlab.models.image.BitImage;
import io.bitlab.models.image.ImageFit;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.Test;

class ImageClassifierTest {

    private static final ClassNames NAMES = ClassNames.of("ant", "bee", "cat");

    private static PixelClassifier model(ImageInput input) {
        PixelClassifier model = new PixelClassifier(new PixelClassifier.Config(input, NAMES));
        model.initialize(3);
        model.eval();
        return model;
    }

    static BitImage noise(int seed, int width, int height) {
        byte[] rgb = new byte[3 * width * height];
        CounterRandom random = new CounterRandom(seed, 1);
        for (int i = 0; i < rgb.length; i++) {
            rgb[i] = (byte) random.nextInt(256);
        }
        return BitImage.of(width, height, rgb);
    }

    /** Of many sizes, and more than are computed at a time. */
    static List<BitImage> pictures(int count) {
        List<BitImage> images = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            images.add(noise(i, 5 + i % 7, 4 + i % 5));
        }
        return images;
    }

    private static String messageOf(Class<? extends Exception> kind, org.junit.jupiter.api.function.Executable code) {
        return assertThrows(kind, code).getMessage();
    }

    @Test
    void probabilitiesAreTheSoftmaxOfTheLogits() {
        PixelClassifier model = model(ImageInput.colour(6, 8));
        BitImage image = noise(1, 9, 9);
        float[] logits = model.forward(model.config().imageInput().tensor(List.of(image))).toArray();
        double sum = Arrays.stream(new double[] {logits[0], logits[1], logits[2]}).map(Math::exp).sum();
        List<Prediction> all = model.classify(image, 3);
        for (Prediction guess : all) {
            assertEquals(Math.exp(logits[guess.index()]) / sum, guess.probability(), 1e-6);
            assertEquals(NAMES.name(guess.index()), guess.name());
        }
        assertTrue(all.get(0).probability() > all.get(1).probability()
                && all.get(1).probability() > all.get(2).probability(), all.toString());
        assertEquals(all.subList(0, 2), model.classify(image, 2));
    }

    @Test
    void equallyProbableClassesComeInTheirOrder() {
        PixelClassifier model = model(ImageInput.grey(4, 4));
        model.train();
        model.parameters().forEach(parameter -> Arrays.fill(parameter.data(), 0f));
        model.eval();
        assertEquals(List.of(new Prediction("ant", 0, 1 / 3f), new Prediction("bee", 1, 1 / 3f)),
                model.classify(noise(2, 4, 4), 2));
    }

    @Test
    void manyPicturesGiveTheBitsOfEachAlone() {
        PixelClassifier model = model(ImageInput.grey(4, 4));
        List<BitImage> images = pictures(70);
        List<List<Prediction>> together = model.classify(images, 3);
        assertEquals(images.stream().map(image -> model.classify(image, 3)).toList(), together);
        assertEquals(List.of(), model.classify(List.of(), 3));
    }

    @Test
    void threadsShareAModel() throws Exception {
        PixelClassifier model = model(ImageInput.colour(5, 5));
        List<BitImage> images = pictures(20);
        List<List<Prediction>> expected = model.classify(images, 3);
        try (ExecutorService pool = Executors.newFixedThreadPool(4)) {
            for (var result : pool.invokeAll(java.util.Collections.nCopies(8,
                    (Callable<List<List<Prediction>>>) () -> model.classify(images, 3)))) {
                assertEquals(expected, result.get());
            }
        }
    }

    @Test
    void misuseIsRefused() {
        PixelClassifier model = model(ImageInput.colour(4, 6).withFit(ImageFit.EXACT));
        BitImage image = noise(1, 6, 4);
        assertEquals("PixelClassifier.classify: the top 4 classes, expected 1 to 3: the model knows no more",
                messageOf(IllegalArgumentException.class, () -> model.classify(image, 4)));
        assertThrows(IllegalArgumentException.class, () -> model.classify(image, 0));
        assertEquals("an image of 4 x 6 pixels, expected 6 x 4 as for the others; choose ImageFit.STRETCH, CROP or"
                + " LETTERBOX to resize",
                messageOf(IllegalArgumentException.class, () -> model.classify(noise(1, 4, 6), 1)));
        assertEquals("PixelClassifier.forward: the input has the shape [2, 1, 4, 6], expected [n, channels, height,"
                + " width] = [n, 3, 4, 6]; config().imageInput().tensor(images) makes it",
                messageOf(IllegalArgumentException.class, () -> model.forward(Tensor.zeros(2, 1, 4, 6))));
        assertThrows(IllegalArgumentException.class, () -> model.forward(Tensor.zeros(3, 4, 6)));
        model.train();
        assertEquals("PixelClassifier.classify: the model is in training; call eval() or deploy() first",
                messageOf(IllegalStateException.class, () -> model.classify(image, 1)));
        model.parameters().getFirst().data()[0] = Float.NaN;
        model.eval();
        assertTrue(messageOf(IllegalStateException.class, () -> model.classify(image, 1))
                .endsWith("are not all finite; check the weights and the training"));
    }

    @Test
    void saysWhatIsNull() {
        PixelClassifier model = model(ImageInput.colour(6, 8));
        assertEquals("PixelClassifier.classify: the picture is null",
                messageOf(NullPointerException.class, () -> model.classify((BitImage) null, 1)));
        assertEquals("ImageInput.tensor: picture 1 is null", messageOf(NullPointerException.class,
                () -> model.classify(Arrays.asList(noise(1, 6, 8), null), 1)));
        assertEquals("PixelClassifier.distillation: the teacher is null",
                messageOf(NullPointerException.class, () -> model.distillation(null, 2f, 0.5f)));
        assertEquals("ImageSamples: the images are null",
                messageOf(NullPointerException.class, () -> model.samples(null)));
    }
}
