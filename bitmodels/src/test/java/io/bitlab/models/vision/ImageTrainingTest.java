package io.bitlab.models.vision;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.bitlab.core.math.CounterRandom;
import io.bitlab.core.tensor.Tensor;
import io.bitlab.layers.optim.AdamW;
import io.bitlab.layers.optim.Schedule;
import io.bitlab.models.AutoBitModel;
import io.bitlab.models.image.BitImage;
import io.bitlab.models.image.ImageAugmentation;
import io.bitlab.models.image.ImageCanvas;
import io.bitlab.models.image.LabelledImages;
import io.bitlab.models.train.BatchAugmentation;
import io.bitlab.models.train.EpochResult;
import io.bitlab.models.train.Evaluation;
import io.bitlab.models.train.Trainer;
import io.bitlab.models.train.TrainingListener;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Trains classifiers of drawn shapes. */
class ImageTrainingTest {

    private static final ClassNames NAMES = ClassNames.of("frame", "bar", "cross");
    private static final int SIDE = 12;

    @TempDir
    private Path folder;

    /** Frames, bars and crosses of any colour and place on a noisy ground. */
    private static LabelledImages shapes(int count, int seed) {
        List<BitImage> images = new ArrayList<>();
        int[] labels = new int[count];
        CounterRandom random = new CounterRandom(seed, 2);
        for (int i = 0; i < count; i++) {
            labels[i] = i % 3;
            byte[] ground = new byte[3 * SIDE * SIDE];
            for (int b = 0; b < ground.length; b++) {
                ground[b] = (byte) random.nextInt(110);
            }
            int colour = 0x808080 + random.nextInt(0x7f) * 0x10101;
            int left = random.nextInt(5);
            int top = random.nextInt(5);
            ImageCanvas canvas = new ImageCanvas(BitImage.of(SIDE, SIDE, ground));
            images.add((switch (labels[i]) {
                case 0 -> canvas.outline(left, top, 7, 7, 1, colour);
                case 1 -> canvas.fill(left, top + 3, 7, 2, colour);
                default -> canvas.fill(left, top + 3, 7, 2, colour).fill(left + 3, top, 2, 7, colour);
            }).toImage());
        }
        return LabelledImages.of(images, labels, List.of("frame", "bar", "cross"));
    }

    private static BitResNet model() {
        return AutoBitModel.fromConfig(config().build(), 1);
    }

    private static BitResNetBuilder config() {
        return BitResNetConfig.tiny(ImageInput.colour(SIDE, SIDE), NAMES).toBuilder().channels(8, 16).blocks(1, 1);
    }

    private static BitResNet randomModel() {
        return AutoBitModel.fromConfig(config().stochasticDepth(0.2f).dropout(0.1f).build(), 1);
    }

    private static Trainer.Builder trainer(BitResNet model, int epochs) {
        return Trainer.builder(model, new AdamW(model.parameters(), 5e-3f)).epochs(epochs).batchSize(20).seed(3)
                .schedule(Schedule.cosine().withWarmUp(5));
    }

    @Test
    void learnsShapesAndKeepsThemWhenDeployed() throws IOException {
        BitResNet model = model();
        ImageSamples held = model.samples(shapes(150, 2));
        trainer(model, 6).augmentation(ImageSamples.augmentation(ImageAugmentation.flip())).build()
                .fit(model.samples(shapes(240, 1)), null);
        model.deploy();
        double accuracy = Evaluation.accuracy(model, held);
        assertTrue(accuracy >= 0.93, "accuracy " + accuracy);
        BitImage picture = held.dataset().image(2);
        assertEquals("cross", model.classify(picture, 1).getFirst().name());
    }

    @Test
    void anInterruptedTrainingGoesOnToTheSameBits() throws IOException {
        BitResNet straight = randomModel();
        ImageSamples data = straight.samples(shapes(60, 1));
        List<Double> losses = losses(everything(straight).build().fit(data, data));
        Path file = folder.resolve("checkpoint");
        BitResNet stopped = randomModel();
        everything(stopped).checkpoints(file, 0).listener(new TrainingListener() {
            @Override
            public void onStep(int epoch, int step, double loss, double accuracy) {
                if (epoch == 2 && step == 2) {
                    Thread.currentThread().interrupt();
                }
            }
        }).build().fit(stopped.samples(shapes(60, 1)), data);
        assertTrue(Thread.interrupted());
        BitResNet resumed = randomModel();
        assertEquals(losses, losses(everything(resumed).checkpoints(file, 0).build()
                .fit(resumed.samples(shapes(60, 1)), data)));
        straight.deploy();
        resumed.deploy();
        Tensor images = data.batch(0, 1, 2, 3);
        assertArrayEquals(straight.forward(images).toArray(), resumed.forward(images).toArray());
        BitResNet other = randomModel();
        ImageSamples others = other.samples(shapes(60, 9));
        assertThrows(IllegalStateException.class,
                () -> everything(other).checkpoints(file, 0).build().fit(others, data));
    }

    /** All that an image training may have: changes of images, mixing, averaged weights. */
    private static Trainer.Builder everything(BitResNet model) {
        ImageAugmentation change = ImageAugmentation.standard(model.config().imageInput().normalization());
        return trainer(model, 3).augmentation(ImageSamples.augmentation(change))
                .batchAugmentation(BatchAugmentation.mixup(0.2).or(BatchAugmentation.cutmix(1))).ema(0.9);
    }

    private static List<Double> losses(List<EpochResult> results) {
        return results.stream().map(EpochResult::loss).toList();
    }
}
