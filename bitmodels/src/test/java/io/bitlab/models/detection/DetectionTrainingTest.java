package io.bitlab.models.detection;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.bitlab.core.math.CounterRandom;
import io.bitlab.layers.optim.AdamW;
import io.bitlab.layers.optim.Schedule;
import io.bitlab.models.AutoBitModel;
import io.bitlab.models.detection.data.BoxedImages;
import io.bitlab.models.detection.data.LabelledBox;
import io.bitlab.models.detection.data.SyntheticScenes;
import io.bitlab.models.detection.score.CocoScores;
import io.bitlab.models.image.BitImage;
import io.bitlab.models.image.Box;
import io.bitlab.models.image.ImageCanvas;
import io.bitlab.models.image.ImageFit;
import io.bitlab.models.image.ImagePlanes;
import io.bitlab.models.image.RandomMap;
import io.bitlab.models.train.Trainer;
import io.bitlab.models.train.TrainingListener;
import io.bitlab.models.vision.ClassNames;
import io.bitlab.models.vision.ImageInput;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Trains detectors of drawn objects. */
class DetectionTrainingTest {

    private static final int SIDE = 48;
    private static final ImageInput INPUT = ImageInput.colour(SIDE, SIDE).withFit(ImageFit.EXACT);

    @TempDir
    private Path folder;

    /** One to three bright blocks and frames, of any size and colour, on a dark ground. */
    private static BoxedImages blocks(int count, int seed) {
        List<BitImage> images = new ArrayList<>();
        List<List<LabelledBox>> boxes = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            CounterRandom random = new CounterRandom(seed, i);
            ImageCanvas canvas = new ImageCanvas(SIDE, SIDE, random.nextInt(0x60) * 0x010101);
            List<LabelledBox> objects = new ArrayList<>();
            for (int tries = 0; tries < 3; tries++) {
                int width = 12 + random.nextInt(10);
                int height = 12 + random.nextInt(10);
                int left = random.nextInt(SIDE - width);
                int top = random.nextInt(SIDE - height);
                LabelledBox object = LabelledBox.of(Box.ofSize(left, top, width, height), random.nextInt(2));
                int colour = 0x808080 + random.nextInt(0x80) * 0x010000 + random.nextInt(0x80) * 0x000101;
                if (objects.stream().allMatch(other -> other.box().intersection(object.box()) == 0)) {
                    objects.add(object);
                    if (object.label() == 0) {
                        canvas.fill(left, top, width, height, colour);
                    } else {
                        canvas.outline(left, top, width, height, 2, colour);
                    }
                }
            }
            images.add(canvas.toImage());
            boxes.add(objects);
        }
        return BoxedImages.of(images, boxes, List.of("block", "frame"));
    }

    private static BitDetector model(BoxedImages images) {
        return AutoBitModel.fromConfig(BitDetectorConfig.nano(INPUT, ClassNames.of(images.classNames())).toBuilder()
                .channels(8, 16, 32).blocks(1, 1).neckChannels(32).build(), 3);
    }

    private static Trainer.Builder trainer(BitDetector model, int epochs) {
        return Trainer.builder(model, new AdamW(model.parameters(), 6e-3f)).epochs(epochs).batchSize(8).seed(3)
                .clipNorm(5f).schedule(Schedule.cosine().withWarmUp(20));
    }

    @Test
    void learnsBlocksAndKeepsThemWhenDeployed() throws IOException {
        BoxedImages others = blocks(60, 2);
        BitDetector model = model(others);
        trainer(model, 6).build().fit(DetectionTask.builder(model, blocks(400, 1))
                .augmentation(DetectionAugmentation.NONE).build());
        model.eval();
        DetectorEvaluation trained = DetectorEvaluation.of(model, others);
        assertTrue(trained.scores().ap50() >= 0.9, trained.scores().summary());
        model.deploy();
        assertEquals(trained.found(), DetectorEvaluation.of(model, others).found());
    }

    /** A thousand scenes, more shapes, textured backgrounds: a minute and a half on two cores. */
    @Test
    @Tag("long")
    void learnsScenes() throws IOException {
        BoxedImages scenes = SyntheticScenes.draw(800, 64, 64, 1);
        ImageInput input = ImageInput.colour(64, 64).withFit(ImageFit.EXACT);
        BitDetector model = AutoBitModel.fromConfig(BitDetectorConfig.nano(input, ClassNames.of(scenes.classNames()))
                .toBuilder().channels(16, 32, 64, 96).blocks(1, 1, 1).neckChannels(32).strides(4).build(), 3);
        Trainer.builder(model, new AdamW(model.parameters(), 4e-3f)).epochs(20).batchSize(8).seed(3).clipNorm(5f)
                .schedule(Schedule.cosine().withWarmUp(20)).build().fit(DetectionTask.builder(model, scenes).build());
        model.eval();
        CocoScores scores = DetectorEvaluation.of(model, SyntheticScenes.draw(60, 64, 64, 2)).scores();
        assertTrue(scores.ap50() >= 0.9, scores.summary());
    }

    @Test
    void anInterruptedTrainingGoesOnToTheSameBits() throws IOException {
        BoxedImages images = blocks(30, 1);
        BitDetector straight = model(images);
        everything(straight).build().fit(task(straight, images));
        Path file = folder.resolve("checkpoint");
        BitDetector stopped = model(images);
        everything(stopped).checkpoints(file, 0).listener(new TrainingListener() {
            @Override
            public void onStep(int epoch, int step, double loss, double accuracy) {
                if (epoch == 2 && step == 2) {
                    Thread.currentThread().interrupt();
                }
            }
        }).build().fit(task(stopped, images));
        assertTrue(Thread.interrupted());
        BitDetector resumed = model(images);
        everything(resumed).checkpoints(file, 0).build().fit(task(resumed, images));
        straight.eval();
        resumed.eval();
        DetectionOptions all = DetectionOptions.DEFAULT.withScoreThreshold(0f);
        assertEquals(straight.detect(images.image(0), all), resumed.detect(images.image(0), all));
        BitDetector other = model(images);
        DetectionTask others = task(other, blocks(30, 9));
        assertThrows(IllegalStateException.class, () -> everything(other).checkpoints(file, 0).build().fit(others));
    }

    private static Trainer.Builder everything(BitDetector model) {
        return trainer(model, 3).ema(0.9).keepBest();
    }

    private static DetectionTask task(BitDetector model, BoxedImages images) throws IOException {
        return DetectionTask.builder(model, images).validation(images).seed(4)
                .augmentation(DetectionAugmentation.standard(INPUT.normalization()).andMove(RandomMap.flipVertically())
                        .withMosaic(0.5).withSizes(1.0, 1.4))
                .build();
    }

    @Test
    void samplesFollowTheirPixels() throws IOException {
        BoxedImages images = blocks(20, 5);
        BitDetector model = model(images);
        DetectionAugmentation moves = new DetectionAugmentation(RandomMap.flip().andThen(RandomMap.scale(0.8, 1.3))
                .andThen(RandomMap.translate(0.1)), (_, _) -> {}, 0.5, 0.3, List.of(1.0));
        DetectionSampler sampler = new DetectionSampler(new DetectionFrames(images, model.config()), INPUT, moves);
        int objects = 0;
        for (int i = 0; i < 20; i++) {
            float[] pixels = new float[3 * SIDE * SIDE];
            List<LabelledBox> boxes = sampler.draw(i, new CounterRandom(1, i),
                    new ImagePlanes(pixels, 0, 3, SIDE, SIDE));
            for (LabelledBox object : boxes) {
                if (object.label() != 0) {
                    continue; // a frame that is cut off has an edge without a line
                }
                objects++;
                Box box = object.box();
                double x = (box.left() + box.right()) / 2;
                double y = (box.top() + box.bottom()) / 2;
                assertBright(pixels, box.left() + 1, y, "sample " + i + ", " + object);
                assertBright(pixels, box.right() - 1, y, "sample " + i + ", " + object);
                assertBright(pixels, x, box.top() + 1, "sample " + i + ", " + object);
                assertBright(pixels, x, box.bottom() - 1, "sample " + i + ", " + object);
            }
        }
        assertTrue(objects > 15, "only " + objects + " blocks");
    }

    private static void assertBright(float[] pixels, double x, double y, String message) {
        int column = Math.clamp((long) Math.floor(x), 0, SIDE - 1);
        int row = Math.clamp((long) Math.floor(y), 0, SIDE - 1);
        // red, of which a block has at least 0x80, normalised as ImageNet's
        assertTrue(pixels[row * SIDE + column] > (0x68 / 255f - 0.485f) / 0.229f, message);
    }

    @Test
    void aValidationNeedsObjects() {
        BoxedImages images = blocks(2, 1);
        BoxedImages empty = BoxedImages.of(List.of(BitImage.of(8, 8, new byte[3 * 8 * 8])), List.of(List.of()),
                images.classNames());
        assertTrue(assertThrows(IllegalArgumentException.class,
                () -> DetectionTask.builder(model(images), images).validation(empty).build()).getMessage()
                .contains("none of the 1 pictures for validation has an object"));
    }

    @Test
    void classesThatTheModelDoesNotKnowAreNamed() {
        BitDetector model = model(blocks(1, 1));
        String message = assertThrows(IllegalArgumentException.class,
                () -> DetectionTask.builder(model, SyntheticScenes.draw(2, SIDE, SIDE, 1)).build()).getMessage();
        assertTrue(message.contains("'circle'") && message.contains("'block'"), message);
    }
}
