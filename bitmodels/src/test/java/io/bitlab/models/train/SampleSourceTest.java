package io.bitlab.models.train;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.bitlab.core.tensor.Tensor;
import io.bitlab.layers.BitConv2d;
import io.bitlab.layers.BitLinear;
import io.bitlab.layers.Conv2d;
import io.bitlab.layers.GlobalAvgPool2d;
import io.bitlab.layers.Layer;
import io.bitlab.layers.Linear;
import io.bitlab.layers.ReLU;
import io.bitlab.layers.Sequential;
import io.bitlab.layers.optim.AdamW;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Image classification with samples that are made when they are asked for. */
class SampleSourceTest {

    @TempDir
    private Path folder;

    /** Horizontal and vertical stripes with noise, in {@code side x side} pixels of 2 channels. */
    private static class Stripes implements SampleSource {
        private final int size;
        private final int side;
        final AtomicInteger largestBatch = new AtomicInteger();

        Stripes(int size, int side) {
            this.size = size;
            this.side = side;
        }

        @Override
        public int size() {
            return size;
        }

        @Override
        public int[] sampleShape() {
            return new int[] {2, side, side};
        }

        @Override
        public int classes() {
            return 2;
        }

        @Override
        public int label(int index) {
            return index % 2;
        }

        @Override
        public Tensor batch(int... indices) {
            largestBatch.accumulateAndGet(indices.length, Math::max);
            Tensor[] images = new Tensor[indices.length];
            for (int i = 0; i < images.length; i++) {
                images[i] = Tensor.randn(indices[i], 1, 2, side, side).mul(0.1f);
                float[] pixels = images[i].data();
                for (int at = 0; at < pixels.length; at++) {
                    int along = label(indices[i]) == 0 ? at / side % side : at % side;
                    pixels[at] += along % 4 < 2 ? 1f : 0f;
                }
            }
            return Tensor.concat(0, images);
        }

        @Override
        public String checksum() {
            return "stripes " + size;
        }
    }

    private static Layer model() {
        return new Sequential(Conv2d.builder(2, 8, 3).padding(1).build(), new ReLU(),
                BitConv2d.builder(8, 8, 3).padding(1).stride(2).build(), new ReLU(), new GlobalAvgPool2d(),
                BitLinear.builder(8, 2).build()).initialize(3);
    }

    private static Trainer.Builder trainer(Layer model) {
        return Trainer.builder(model, new AdamW(model.parameters(), 0.02f)).epochs(3).batchSize(16).seed(2)
                .augmentation(Augmentation.ofShape((batch, offset, shape, random) -> {
                    assertArrayEquals(new int[] {2, 8, 8}, shape);
                    batch[offset] += random.nextFloat();
                }).andThen((batch, offset, length, random) -> {
                    assertEquals(128, length);
                    batch[offset + length - 1] += random.nextFloat();
                }));
    }

    @Test
    void learnsImages() {
        Layer model = model();
        List<EpochResult> results = trainer(model).build().fit(new Stripes(64, 8), new Stripes(40, 8));
        assertTrue(results.getLast().validationAccuracy() > 0.9, results.toString());
    }

    @Test
    void resumesToTheSameBitsWithMixedSamples() {
        Stripes data = new Stripes(64, 8);
        Layer teacher = new Sequential(new GlobalAvgPool2d(), new Linear(2, 2)).initialize(9);
        Layer straight = model();
        BatchAugmentation mixing = BatchAugmentation.mixup(0.2).or(BatchAugmentation.cutmix(1));
        Objective objective = Objectives.distillation(teacher, 2f, 0.5f);
        trainer(straight).batchAugmentation(mixing).objective(objective).build().fit(data, data);
        Path file = folder.resolve("checkpoint");
        Layer stopped = model();
        trainer(stopped).batchAugmentation(mixing).objective(objective).checkpoints(file, 0)
                .listener(TrainingCheckpointTest.interruptAt(2, 3)).build().fit(data, data);
        assertTrue(Thread.interrupted());
        Layer resumed = model();
        trainer(resumed).batchAugmentation(mixing).objective(objective).checkpoints(file, 0).build().fit(data, data);
        assertArrayEquals(TrainingCheckpointTest.weights(straight), TrainingCheckpointTest.weights(resumed));

        Layer other = model();
        Trainer without = trainer(other).objective(objective).checkpoints(file, 0).build();
        assertTrue(assertThrows(IllegalStateException.class, () -> without.fit(data, data)).getMessage()
                .contains("of another training: augmentation was "));
    }

    @Test
    void evaluatesLargeImagesInSmallBatches() {
        Stripes large = new Stripes(3, 128);
        Layer model = new Sequential(new GlobalAvgPool2d(), new Linear(2, 2)).initialize(1).eval();
        int[] found = Evaluation.predictions(model, large);
        assertEquals(2, large.largestBatch.get(), "2 * 2 * 128 * 128 values");
        assertArrayEquals(found, IntStream.range(0, 3).map(i -> model.forward(large.batch(i)).argmax()[0]).toArray());
        Stripes small = new Stripes(300, 8);
        Evaluation.accuracy(model, small);
        assertEquals(256, small.largestBatch.get());
    }

    @Test
    void refusesBatchesOfAnotherShape() {
        Layer model = model();
        Trainer trainer = Trainer.builder(model, new AdamW(model.parameters(), 0.02f)).epochs(1).batchSize(4).build();
        SampleSource data = new Stripes(8, 8) {
            @Override
            public int[] sampleShape() {
                return new int[] {2, 8, 9};
            }
        };
        assertTrue(assertThrows(IllegalStateException.class, () -> trainer.fit(data, null)).getMessage()
                .startsWith("Trainer: the samples have the shape [4, 2, 8, 8], expected [4, 2, 8, 9]: "));
        assertEquals("Trainer.fit: the training data has 0 samples, expected at least 1",
                assertThrows(IllegalArgumentException.class, () -> trainer.fit(new Stripes(0, 8), null)).getMessage());
        Layer mixed = model();
        Trainer wrong = Trainer.builder(mixed, new AdamW(mixed.parameters(), 0.02f)).batchSize(4)
                .batchAugmentation((batch, random) -> new BatchAugmentation.Mix(new int[] {0, 4, 1, 2}, 0.5f)).build();
        assertTrue(assertThrows(IllegalStateException.class, () -> wrong.fit(new Stripes(8, 8), null)).getMessage()
                .endsWith("with the partners [0, 4, 1, 2], expected 4 numbers from 0 to 3"));
        SampleSource labels = new Stripes(8, 8) {
            @Override
            public int label(int index) {
                return index == 5 ? -1 : 0;
            }
        };
        assertTrue(assertThrows(IllegalArgumentException.class, () -> trainer.fit(labels, null)).getMessage()
                .startsWith("Trainer.fit: the training data has the label -1 at sample 5"));
    }

    @Test
    void aDatasetIsASourceOfRows() {
        Dataset data = Dataset.of(new float[] {1, 2, 3, 4, 5, 6}, new int[] {0, 2});
        assertArrayEquals(new int[] {3}, data.sampleShape());
        assertEquals(2, data.label(1));
        assertEquals(3, data.classes());
        assertThrows(IndexOutOfBoundsException.class, () -> data.label(2));
        assertEquals("[2, 3]", Arrays.toString(data.batch(0, 1).shape()));
    }
}
