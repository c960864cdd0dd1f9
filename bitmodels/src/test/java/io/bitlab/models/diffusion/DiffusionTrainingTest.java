package io.bitlab.models.diffusion;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.bitlab.core.math.CounterRandom;
import io.bitlab.core.tensor.Tensor;
import io.bitlab.layers.Layer;
import io.bitlab.layers.StateDict;
import io.bitlab.layers.optim.AdamW;
import io.bitlab.layers.optim.Schedule;
import io.bitlab.models.AutoBitModel;
import io.bitlab.models.image.BitImage;
import io.bitlab.models.image.ImageAugmentation;
import io.bitlab.models.image.ImageNormalization;
import io.bitlab.models.image.LabelledImages;
import io.bitlab.models.train.Task;
import io.bitlab.models.train.Trainer;
import io.bitlab.models.train.TrainingListener;
import io.bitlab.models.vision.ClassNames;
import io.bitlab.models.vision.ImageInput;
import io.bitlab.models.vision.ImageSamples;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DiffusionTrainingTest {

    private static final int SIDE = 8;
    private static final List<String> NAMES = List.of("row", "column");

    @TempDir
    private Path folder;

    /** White rows or columns at any place on black. */
    private static LabelledImages lines(int count, long seed) {
        CounterRandom random = new CounterRandom(seed, 0);
        List<BitImage> images = new ArrayList<>();
        int[] labels = new int[count];
        for (int i = 0; i < count; i++) {
            labels[i] = i % 2;
            int place = random.nextInt(SIDE);
            float[] pixels = new float[SIDE * SIDE];
            for (int k = 0; k < SIDE; k++) {
                pixels[labels[i] == 0 ? place * SIDE + k : k * SIDE + place] = 1f;
            }
            images.add(BitImage.fromFloats(pixels, SIDE, SIDE, ImageNormalization.UNIT_GREY));
        }
        return LabelledImages.of(images, labels, NAMES);
    }

    private static BitDiT model(long seed) {
        return AutoBitModel.fromConfig(BitDiTConfig.builder().imageInput(ImageInput.grey(SIDE, SIDE))
                .classNames(ClassNames.of(NAMES)).patchSize(2).hiddenSize(48).numHiddenLayers(2).numAttentionHeads(2)
                .build(), seed);
    }

    private static Trainer.Builder trainer(BitDiT model, int epochs) {
        return Trainer.builder(model, new AdamW(model.parameters(), 4e-3f)).epochs(epochs).batchSize(32).seed(1)
                .clipNorm(1f).schedule(Schedule.cosine().withWarmUp(10));
    }

    @Test
    void anInterruptedTrainingGoesOnToTheSameBits() throws IOException {
        LabelledImages images = lines(64, 1);
        BitDiT straight = model(2);
        trainer(straight, 3).ema(0.9).build().fit(task(straight, images));
        Path file = folder.resolve("checkpoint");
        BitDiT stopped = model(2);
        trainer(stopped, 3).ema(0.9).checkpoints(file, 0).listener(interruption()).build().fit(task(stopped, images));
        assertTrue(Thread.interrupted());
        BitDiT resumed = model(2);
        trainer(resumed, 3).ema(0.9).checkpoints(file, 0).build().fit(task(resumed, images));
        straight.eval();
        resumed.eval();
        DiffusionOptions few = DiffusionOptions.DEFAULT.withSteps(2);
        assertEquals(straight.generate("row", 2, 1, few), resumed.generate("row", 2, 1, few));
        BitDiT other = model(2);
        DiffusionTask others = task(other, lines(64, 9));
        assertThrows(IllegalStateException.class,
                () -> trainer(other, 3).ema(0.9).checkpoints(file, 0).build().fit(others));
    }

    private static TrainingListener interruption() {
        return new TrainingListener() {
            @Override
            public void onStep(int epoch, int step, double loss, double accuracy) {
                if (epoch == 2 && step == 1) {
                    Thread.currentThread().interrupt();
                }
            }
        };
    }

    private static DiffusionTask task(BitDiT model, LabelledImages images) throws IOException {
        return DiffusionTask.builder(model, model.samples(images)).augmentation(ImageAugmentation.flip()).seed(4)
                .build();
    }

    @Test
    void lossOfAnUntrainedNetworkIsThatOfPredictingNothing() throws IOException {
        BitDiT model = model(1);
        DiffusionTask task = DiffusionTask.builder(model, model.samples(lines(512, 1))).build();
        int[] all = IntStream.range(0, 512).toArray();
        // noise - image, with pixels of 1 in an eighth and -1 elsewhere
        assertEquals(2, task.batch(1, all).loss().mean().item(), 0.05);
        Tensor again = task.batch(1, all).loss().mean();
        assertEquals(again.item(), task.batch(1, all).loss().mean().item());
        assertNotEquals(again.item(), task.batch(2, all).loss().mean().item());
    }

    @Test
    void noiseAndTimeOfASampleDoNotDependOnItsBatch() throws IOException {
        BitDiT model = BitDiTTest.model(model(1).config());
        model.train();
        DiffusionTask task = DiffusionTask.builder(model, model.samples(lines(8, 1))).build();
        double alone = 0;
        for (int i = 0; i < 8; i++) {
            alone += task.batch(3, i).loss().mean().item() / 8;
        }
        assertEquals(alone, task.batch(3, 7, 6, 5, 4, 3, 2, 1, 0).loss().mean().item(), 1e-5);
    }

    @Test
    void validationReportsTheErrorOfEachQuarterOfTheTime() throws IOException {
        BitDiT model = model(1);
        Task.Score score = DiffusionTask.builder(model, model.samples(lines(8, 1)))
                .validation(model.samples(lines(150, 2))).build().validation().score();
        assertEquals(List.of("error", "t < 0.25", "t < 0.50", "t < 0.75", "t < 1.00"),
                List.copyOf(score.measures().keySet()));
        double mean = score.measures().values().stream().skip(1).mapToDouble(Double::doubleValue).average()
                .orElseThrow();
        assertEquals(score.number("error"), mean, 0.02);
        assertEquals(-score.number("error"), score.value());
    }

    @Test
    void quartersWithoutAnImageAreLeftOut() throws IOException {
        BitDiT model = model(1);
        Task.Score score = DiffusionTask.builder(model, model.samples(lines(8, 1)))
                .validation(model.samples(lines(2, 2))).build().validation().score();
        assertEquals(List.of("error", "t < 0.50", "t < 1.00"), List.copyOf(score.measures().keySet()));
    }

    @Test
    void timesHaveTheirDistributions() {
        CounterRandom random = new CounterRandom(1, 1);
        double[] middle = new double[2];
        for (TimeDistribution times : TimeDistribution.values()) {
            for (int i = 0; i < 20_000; i++) {
                float time = times.draw(random);
                assertTrue(time >= 0f && time <= 1f);
                middle[times.ordinal()] += time > 0.25f && time < 0.75f ? 1.0 / 20_000 : 0;
            }
        }
        assertArrayEquals(new double[] {0.5, 0.728}, middle, 0.02); // P(|z| < log 3) = 0.728
    }

    @Test
    void dataThatDoesNotFitIsRefused() throws IOException {
        BitDiT model = model(1);
        BitDiT larger = AutoBitModel.fromConfig(model.config().toBuilder().imageInput(ImageInput.grey(16, 16)).build(),
                1);
        ImageSamples samples = larger.samples(lines(4, 1));
        assertTrue(assertThrows(IllegalArgumentException.class, () -> DiffusionTask.builder(model, samples).build())
                .getMessage().contains("[1, 16, 16] of 2 classes, the model makes [1, 8, 8] of 2"));
        assertThrows(IllegalArgumentException.class, () -> DiffusionTask.builder(larger, samples).labelDropout(1.5f));
        assertEquals("0.2", DiffusionTask.builder(larger, samples).labelDropout(0.2f).build().facts()
                .get("share of dropped labels"));
    }

    @Test
    void aTeacherBlendsTheGradientOfItsErrorIntoThatOfTheTargets() throws IOException {
        BitDiT model = BitDiTTest.model(model(1).config());
        model.train();
        BitDiT teacher = BitDiTTest.model(model(1).config());
        teacher.namedParameters().get("last.bias").data()[0] += 1f;
        float[] targets = gradient(model, null, 0f);
        float[] answers = gradient(model, teacher, 1f);
        float[] blended = gradient(model, teacher, 0.25f);
        float largest = 0;
        for (int i = 0; i < blended.length; i++) {
            assertEquals(0.75f * targets[i] + 0.25f * answers[i], blended[i], 1e-5);
            largest = Math.max(largest, Math.abs(targets[i] - answers[i]));
        }
        assertTrue(largest > 1e-2, "the two gradients differ by " + largest + " at most");
        assertArrayEquals(targets, gradient(model, teacher, 0f), 1e-6f);
    }

    private static float[] gradient(BitDiT model, BitDiT teacher, float share) throws IOException {
        DiffusionTask.Builder task = DiffusionTask.builder(model, model.samples(lines(4, 1)));
        if (teacher != null) {
            task.teacher(teacher, share);
        }
        model.parameters().forEach(Tensor::zeroGrad);
        task.build().batch(1, 0, 1, 2, 3).loss().mean().backward();
        return model.namedParameters().get("last.weight").grad().toArray();
    }

    /** What the student should predict is what its twin predicts: with the same weights it has no error left. */
    @Test
    void aTwinOfTheTeacherHasNothingToLearn() throws IOException {
        BitDiTConfig floats = model(1).config().floatTwin();
        BitDiT model = BitDiTTest.model(floats);
        BitDiT teacher = BitDiTTest.model(floats);
        teacher.loadStateDict(model.stateDict());
        model.train();
        teacher.train();
        DiffusionTask task = DiffusionTask.builder(model, model.samples(lines(4, 1))).teacher(teacher, 1f).build();
        assertEquals(Layer.Mode.EVAL, teacher.mode());
        assertEquals(0, task.batch(1, 0, 1, 2, 3).loss().mean().item(), 1e-10);
    }

    @Test
    void aTrainingWithATeacherGoesOnWithTheSameTeacherToTheSameBits() throws IOException {
        LabelledImages images = lines(64, 1);
        BitDiT teacher = BitDiTTest.model(model(2).config().floatTwin());
        BitDiT straight = model(2);
        trainer(straight, 3).build().fit(taught(straight, images, teacher));
        Path file = folder.resolve("checkpoint");
        BitDiT stopped = model(2);
        trainer(stopped, 3).checkpoints(file, 0).listener(interruption()).build()
                .fit(taught(stopped, images, teacher));
        assertTrue(Thread.interrupted());
        BitDiT other = BitDiTTest.model(model(2).config().floatTwin());
        other.namedParameters().get("last.bias").data()[0] += 1f;
        BitDiT resumed = model(2);
        String message = assertThrows(IllegalStateException.class, () -> trainer(resumed, 3).checkpoints(file, 0)
                .build().fit(taught(resumed, images, other))).getMessage();
        assertTrue(message.contains("predictions of the teacher"), message);
        trainer(resumed, 3).checkpoints(file, 0).build().fit(taught(resumed, images, teacher));
        assertArrayEquals(straight.namedParameters().get("last.weight").data(),
                resumed.namedParameters().get("last.weight").data());
    }

    private static DiffusionTask taught(BitDiT model, LabelledImages images, BitDiT teacher) throws IOException {
        return DiffusionTask.builder(model, model.samples(images)).teacher(teacher, 0.5f).build();
    }

    @Test
    void aTeacherThatDoesNotFitIsRefused() throws IOException {
        BitDiT model = model(1);
        DiffusionTask.Builder task = DiffusionTask.builder(model, model.samples(lines(4, 1)));
        assertThrows(IllegalArgumentException.class, () -> task.teacher(model(2), 1.5f));
        refused("the teacher is the model itself", task.teacher(model, 1f));
        BitDiTConfig config = model.config();
        refused("the teacher doesn't fit the model: class 1 is 'column' here and 'b' there",
                task.teacher(AutoBitModel.fromConfig(
                        config.toBuilder().classNames(ClassNames.of("row", "b")).build(), 1), 1f));
        refused("process is RECTIFIED_FLOW here and COSINE_V there", task.teacher(AutoBitModel.fromConfig(
                config.toBuilder().process(DiffusionProcess.COSINE_V).build(), 1), 1f));
        BitDiT diverged = BitDiTTest.model(config);
        diverged.namedParameters().get("last.bias").data()[0] = Float.NaN;
        Task.Batch batch = task.teacher(diverged, 1f).build().batch(1, 0, 1);
        assertTrue(assertThrows(IllegalArgumentException.class, batch::loss).getMessage()
                .contains("the teacher predicts what is no finite number"));
        diverged.namedParameters().get("patch_embed.bias").data()[0] = Float.NaN; // found by a ternary layer
        assertTrue(assertThrows(IllegalArgumentException.class, batch::loss).getMessage()
                .contains("the teacher predicts what is no finite number"));
        diverged.train();
        assertTrue(assertThrows(IllegalStateException.class, batch::loss).getMessage()
                .contains("the teacher is in training mode; call eval()"));
    }

    /** Its batch norms keep their statistics. */
    @Test
    void aConvolutionalTeacherStaysAsItIs() throws IOException {
        BitUNet teacher = AutoBitModel.fromConfig(BitUNetConfig.builder().imageInput(ImageInput.grey(SIDE, SIDE))
                .classNames(ClassNames.of(NAMES)).channels(4, 8).build(), 1);
        BitDiT model = model(1);
        DiffusionTask task = DiffusionTask.builder(model, model.samples(lines(4, 1))).teacher(teacher, 1f).build();
        List<Integer> before = values(teacher);
        task.batch(1, 0, 1, 2, 3).loss().mean().backward();
        assertEquals(before, values(teacher));
    }

    private static List<Integer> values(ImageGenerator model) {
        StateDict state = model.stateDict();
        return state.names().stream().map(name -> Arrays.hashCode(state.tensor(name).toArray())).toList();
    }

    private static void refused(String message, DiffusionTask.Builder task) {
        String said = assertThrows(IllegalArgumentException.class, task::build).getMessage();
        assertTrue(said.contains(message), said);
    }
}
