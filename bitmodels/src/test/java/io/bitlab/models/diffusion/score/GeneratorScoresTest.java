package io.bitlab.models.diffusion.score;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.bitlab.core.math.CounterRandom;
import io.bitlab.core.tensor.Tensor;
import io.bitlab.models.AutoBitModel;
import io.bitlab.models.train.SampleSource;
import io.bitlab.models.vision.BitResNet;
import io.bitlab.models.vision.BitResNetConfig;
import io.bitlab.models.vision.ClassNames;
import io.bitlab.models.vision.ImageInput;
import java.util.Arrays;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class GeneratorScoresTest {

    private static final int CLASSES = 3;

    /** Of images [1, 1, 3]: the pixels are the features and the logits. */
    private static final ImageFeatures PIXELS = new ImageFeatures() {
        @Override
        public int features() {
            return CLASSES;
        }

        @Override
        public int classes() {
            return CLASSES;
        }

        @Override
        public Outputs outputs(Tensor images) {
            Tensor pixels = images.reshape(images.length(0), CLASSES);
            return new Outputs(pixels, pixels);
        }
    };

    /** A bright pixel where the class is, with noise; a few are of the next class. */
    private static float[] images(int seed, int first, int... labels) {
        float[] values = new float[labels.length * CLASSES];
        for (int i = 0; i < labels.length; i++) {
            float[] noise = Tensor.randn(seed + 31L * (first + i), CLASSES).toArray();
            int shown = (first + i) % 10 == 9 ? (labels[i] + 1) % CLASSES : labels[i];
            for (int p = 0; p < CLASSES; p++) {
                values[i * CLASSES + p] = 0.1f * noise[p] + (p == shown ? 2 : 0);
            }
        }
        return values;
    }

    private record Real(int size, int classes) implements SampleSource {
        @Override
        public int[] sampleShape() {
            return new int[] {1, 1, CLASSES};
        }

        @Override
        public int label(int index) {
            return index % CLASSES;
        }

        @Override
        public Tensor batch(int... indices) {
            float[] values = new float[indices.length * CLASSES];
            for (int i = 0; i < indices.length; i++) {
                System.arraycopy(images(1_000_000, indices[i], label(indices[i])), 0, values, i * CLASSES, CLASSES);
            }
            return Tensor.of(values, indices.length, 1, 1, CLASSES);
        }

        @Override
        public String checksum() {
            return "real";
        }
    }

    private static Tensor generated(int first, int... labels) {
        return Tensor.of(images(7, first, labels), labels.length, 1, 1, CLASSES);
    }

    @Test
    void aGoodGeneratorScoresAsRealImages() {
        GeneratorScores scores =
                GeneratorScores.of(PIXELS, GeneratorScoresTest::generated, 250, new Real(300, CLASSES));
        assertEquals(250, scores.samples());
        assertEquals(0.9, scores.conditionalAccuracy());
        assertEquals(0.9, scores.realAccuracy());
        assertTrue(scores.frechetDistance() < 0.01, scores.toString());
        assertTrue(scores.precision() > 0.9 && scores.recall() > 0.9, scores.toString());
    }

    @Test
    void aBadGeneratorShows() {
        GeneratorScores scores = GeneratorScores.of(PIXELS,
                (first, labels) -> generated(first, new int[labels.length]), 150, new Real(300, CLASSES));
        assertTrue(scores.conditionalAccuracy() < 0.4, scores.toString());
        assertTrue(scores.frechetDistance() > 1, scores.toString());
        assertTrue(scores.precision() > 0.9 && scores.recall() < 0.7, scores.toString());
    }

    @Test
    void scoresAreThoseOfThePartsWhateverTheBatches() {
        int[] labels = IntStream.range(0, 90).map(i -> i % CLASSES).toArray();
        Real real = new Real(40, CLASSES);
        GeneratorEvaluator evaluator = new GeneratorEvaluator(PIXELS, real);
        for (int from = 0; from < 90; from += 9) {
            int[] part = Arrays.copyOfRange(labels, from, from + 9);
            evaluator.add(generated(from, part), part);
        }
        assertEquals(90, evaluator.samples());
        GeneratorScores scores = evaluator.scores();
        assertEquals(GeneratorScores.of(PIXELS, GeneratorScoresTest::generated, 90, real), scores);

        Tensor made = generated(0, labels).reshape(90, CLASSES);
        Tensor reals = real.batch(IntStream.range(0, 40).toArray()).reshape(40, CLASSES);
        assertEquals(FrechetDistance.between(made, reals), scores.frechetDistance());
        float[] some = new float[40 * CLASSES];
        int[] drawn = IntStream.range(0, 90).toArray();
        new CounterRandom(0, CounterRandom.stream("compared images")).shuffle(drawn);
        for (int i = 0; i < 40; i++) {
            System.arraycopy(made.toArray(), drawn[i] * CLASSES, some, i * CLASSES, CLASSES);
        }
        PrecisionRecall shares = PrecisionRecall.of(reals, Tensor.of(some, 40, CLASSES));
        assertEquals(shares.precision(), scores.precision());
        assertEquals(shares.recall(), scores.recall());
    }

    /** Every third would be of one class. */
    @Test
    void theGeneratedImagesThatAreComparedAreOfAllClasses() {
        GeneratorScores scores =
                GeneratorScores.of(PIXELS, GeneratorScoresTest::generated, 900, new Real(300, CLASSES));
        assertTrue(scores.precision() > 0.9 && scores.recall() > 0.9, scores.toString());
    }

    @Test
    void withoutClassesThereIsNoAccuracy() {
        GeneratorEvaluator evaluator = new GeneratorEvaluator(PIXELS, new Real(30, 2));
        evaluator.add(generated(0, 0, 1, 2, 0, 1, 2));
        GeneratorScores scores = evaluator.scores();
        assertEquals(Double.NaN, scores.conditionalAccuracy());
        assertEquals(Double.NaN, scores.realAccuracy());
        assertTrue(scores.table().contains("conditional accuracy             -\n"), scores.table());
    }

    @Test
    void printsATable() {
        GeneratorScores scores = new GeneratorScores(0.9123, 4.2, 0.7, 0.65, 10_000, 0.8991);
        assertEquals("""
                samples                      10000
                conditional accuracy       91.23 %
                accuracy on real images    89.91 %
                Frechet distance             4.200
                precision                  70.00 %
                recall                     65.00 %
                """, scores.table());
        assertEquals("GeneratorScores(conditional accuracy 91.23 %, Frechet distance 4.200, precision 70.00 %,"
                + " recall 65.00 %; 10000 samples)", scores.toString());
    }

    @Test
    void aResidualNetworkHasFeatures() {
        BitResNetConfig config = BitResNetConfig.tiny(ImageInput.colour(12, 12), ClassNames.of("ant", "bee"))
                .toBuilder().channels(4, 6, 8).build();
        BitResNet model = AutoBitModel.fromConfig(config, 5);
        ImageFeatures features = ImageFeatures.of(model);
        assertEquals(8, features.features());
        assertEquals(2, features.classes());
        Tensor images = Tensor.randn(1, 4, 3, 12, 12);
        String message = assertThrows(IllegalStateException.class, () -> features.outputs(images)).getMessage();
        assertTrue(message.contains("ImageFeatures: the model is in training"), message);
        model.deploy();
        assertArrayEquals(model.features(images).toArray(), features.outputs(images).features().toArray());
        assertArrayEquals(model.forward(images).toArray(), features.outputs(images).logits().toArray());
        assertNotEquals(features.outputs(images).features().at(0, 0), features.outputs(images).features().at(1, 0));
    }

    @Test
    void whatDoesNotFitIsRefused() {
        Real real = new Real(30, CLASSES);
        refused("3 samples, expected at least 4",
                () -> GeneratorScores.of(PIXELS, GeneratorScoresTest::generated, 3, real));
        refused("50 labels for 51 images", () -> GeneratorScores.of(PIXELS,
                (first, labels) -> generated(first, new int[labels.length + 1]), 50, real));
        GeneratorEvaluator evaluator = new GeneratorEvaluator(PIXELS, real);
        refused("the label 3 is not one of the classifier's classes, 0 to 2",
                () -> evaluator.add(Tensor.zeros(1, 1, 1, 3), 3));
        refused("value 1 of number 0 is NaN",
                () -> evaluator.add(Tensor.of(new float[] {0, Float.NaN, 0}, 1, 1, 1, 3), 0));
        assertEquals(0, evaluator.samples());
        refused("0 generated images and 30 real ones", evaluator::scores);
        evaluator.add(generated(0, 1), 1);
        refused("images without labels after images with labels", () -> evaluator.add(generated(1, 1)));
    }

    private static void refused(String part, Runnable call) {
        String message = assertThrows(IllegalArgumentException.class, call::run).getMessage();
        assertTrue(message.contains(part), message);
    }
}
