package io.bitlab.models.train;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.bitlab.core.embedding.EmbeddingFormat;
import io.bitlab.core.tensor.Tensor;
import io.bitlab.layers.BitConv2d;
import io.bitlab.layers.BitLinear;
import io.bitlab.layers.Embedding;
import io.bitlab.layers.Initializer;
import io.bitlab.layers.Layer;
import io.bitlab.layers.LayerNorm;
import io.bitlab.layers.Linear;
import io.bitlab.layers.Sequential;
import io.bitlab.layers.optim.AdamW;
import io.bitlab.layers.optim.Optimizer;
import io.bitlab.layers.optim.SGD;
import io.bitlab.layers.optim.Schedule;
import io.bitlab.models.AutoBitModel;
import io.bitlab.models.io.ModelFormatException;
import io.bitlab.models.io.safetensors.SafetensorsWriter;
import io.bitlab.models.mlp.BitMlp;
import io.bitlab.models.mlp.BitMlpConfig;
import io.bitlab.models.train.TrainingCheckpoint.Progress;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A training that stops and goes on ends with the same bits as one that never stopped. */
@Timeout(120)
class TrainingCheckpointTest {

    static final Dataset TRAIN = samples(1, 200);
    static final Dataset TEST = samples(2, 100);

    @TempDir
    private Path folder;

    private static Dataset samples(long seed, int count) {
        float[] features = Tensor.randn(seed, count, 6).data();
        int[] labels = new int[count];
        for (int i = 0; i < count; i++) {
            labels[i] = Tensor.of(Arrays.copyOfRange(features, i * 6, i * 6 + 3), 3).argmax()[0];
        }
        return Dataset.of(features, labels);
    }

    static BitMlp model() {
        return AutoBitModel.fromConfig(
                BitMlpConfig.builder().nLayers(2).inChannels(6).hiddenDim(16).outChannels(3).dropout(0.2f).build(), 7);
    }

    static float[] weights(Layer model) {
        Tensor[] flat = model.parameters().stream().map(p -> p.reshape(p.size())).toArray(Tensor[]::new);
        return Tensor.concat(0, flat).toArray();
    }

    /** Everything that could make a difference: dropout, schedules, accumulation, clipping, augmentation, the best. */
    static Trainer.Builder everything(Layer model, Optimizer optimizer) {
        return Trainer.builder(model, optimizer).epochs(4).batchSize(16).accumulate(3).seed(3)
                .schedule(Schedule.cosine().withWarmUp(3)).weightDecaySchedule(Schedule.firstHalf())
                .quantStrengthSchedule(Schedule.rise(0.5)).clipNorm(1f).objective(Objectives.crossEntropy(0.1f))
                .augmentation((batch, offset, length, random) -> batch[offset + 5] += random.nextFloat())
                .earlyStopping(new EarlyStopping(3, 0)).keepBest();
    }

    private record Outcome(float[] weights, List<Double> losses) {
    }

    private static Outcome outcome(Layer model, List<EpochResult> results) {
        return new Outcome(weights(model), results.stream().map(EpochResult::loss).toList());
    }

    private static void assertSame(Outcome expected, Outcome actual) {
        assertArrayEquals(expected.weights, actual.weights);
        assertEquals(expected.losses, actual.losses);
    }

    /** Interrupts the training thread at a step, as a user would. */
    static TrainingListener interruptAt(int epoch, int step) {
        return new TrainingListener() {
            @Override
            public void onStep(int nowEpoch, int nowStep, double loss, double accuracy) {
                if (nowEpoch == epoch && nowStep == step) {
                    Thread.currentThread().interrupt();
                }
            }
        };
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 4, 5})
    void goesOnToTheSameBits(int step) {
        for (boolean adam : new boolean[] {true, false}) {
            BitMlp straight = model();
            Outcome expected = outcome(straight,
                    everything(straight, optimizer(straight, adam)).build().fit(TRAIN, TEST));

            Path file = folder.resolve(step + "-" + adam);
            for (int epoch = 1; epoch <= 3; epoch++) { // stopped three times, each time in a new model
                BitMlp stopped = model();
                everything(stopped, optimizer(stopped, adam)).checkpoints(file, 0)
                        .listener(interruptAt(epoch, step)).build().fit(TRAIN, TEST);
                assertTrue(Thread.interrupted());
            }
            BitMlp resumed = model();
            assertSame(expected, outcome(resumed,
                    everything(resumed, optimizer(resumed, adam)).checkpoints(file, 0).build().fit(TRAIN, TEST)));

            BitMlp again = model();
            assertSame(expected, outcome(again,
                    everything(again, optimizer(again, adam)).checkpoints(file, 0).build().fit(TRAIN, TEST)));
        }
    }

    static Optimizer optimizer(Layer model, boolean adam) {
        return adam ? new AdamW(model.parameters(), 0.01f)
                : SGD.builder().parameters(model.parameters()).learningRate(0.05f).momentum(0.9f).build();
    }

    // ---------------------------------------------------------------- a process that is killed

    /** The training that the tests kill: file, where to write the final weights, steps between checkpoints. */
    static final class Killed {
        private Killed() {
        }

        public static void main(String[] args) throws IOException {
            BitMlp model = model();
            Path file = Path.of(args[0]);
            everything(model, optimizer(model, true)).epochs(40).checkpoints(file, Integer.parseInt(args[2]))
                    .stopOnShutdown().listener(new TrainingListener() {
                        @Override
                        public void onStep(int epoch, int step, double loss, double accuracy) {
                            LockSupport.parkNanos(5_000_000); // so that there is time to end it
                        }
                    }).build().fit(TRAIN, TEST);
            Progress progress = TrainingCheckpoint.read(file).progress();
            boolean finished = progress.epoch() > 40 || progress.epoch() - 1 - progress.bestEpoch() >= 3;
            if (progress.step() == 0 && finished) { // not if it was ended in an orderly way
                Files.writeString(Path.of(args[1]), Arrays.toString(weights(model)));
            }
        }
    }

    private Process start(Path file, Path result, int everySteps) throws IOException {
        return new ProcessBuilder(Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Dbitlab.kernel=plain", "-cp", System.getProperty("java.class.path"), Killed.class.getName(),
                file.toString(), result.toString(), Integer.toString(everySteps)).redirectErrorStream(true)
                .redirectOutput(folder.resolve("output").toFile()).start();
    }

    private static String straightResult() {
        BitMlp straight = model();
        everything(straight, optimizer(straight, true)).epochs(40).build().fit(TRAIN, TEST);
        return Arrays.toString(weights(straight));
    }

    /** Ctrl-C: the step that runs is finished, and a checkpoint written in the middle of its epoch. */
    @Test
    void anOrderlyEndKeepsTheLastStep() throws Exception {
        Path file = folder.resolve("stopped");
        Path result = folder.resolve("weights");
        Process process = start(file, result, 0); // checkpoints at the ends of epochs only
        while (process.isAlive() && !Files.exists(file)) {
            Thread.sleep(1);
        }
        process.destroy();
        assertTrue(process.waitFor(60, TimeUnit.SECONDS));
        assertFalse(Files.exists(result), "stopped before its end");
        Progress stopped = TrainingCheckpoint.read(file).progress();
        assertTrue(stopped.epoch() > 1 || stopped.step() > 0, stopped.toString());
        assertTrue(start(file, result, 0).waitFor(60, TimeUnit.SECONDS));
        assertEquals(straightResult(), Files.readString(result));
    }

    @Test
    void survivesBeingKilled() throws Exception {
        String expected = straightResult();
        Path file = folder.resolve("killed");
        Path result = folder.resolve("weights");
        long seed = System.nanoTime();
        Random random = new Random(seed);
        int kills = 0;
        while (!Files.exists(result)) {
            Process process = start(file, result, 1);
            // The first ones are killed soon after they have begun to train; the last runs to its end.
            if (kills < 2) {
                while (process.isAlive() && (kills == 0 ? !Files.exists(file) : process.toHandle().info()
                        .totalCpuDuration().orElseThrow().toMillis() < 600)) {
                    Thread.sleep(5);
                }
                Thread.sleep(random.nextInt(150));
                process.destroyForcibly();
                kills++;
            }
            assertTrue(process.waitFor(60, TimeUnit.SECONDS));
            assertTrue(kills < 3 && Files.exists(file), Files.readString(folder.resolve("output")));
        }
        assertEquals(expected, Files.readString(result), "seed " + seed + ", " + kills + " kills");
    }

    // ---------------------------------------------------------------- what can go wrong

    private Path interrupted() {
        Path file = folder.resolve("checkpoint");
        BitMlp model = model();
        everything(model, optimizer(model, true)).checkpoints(file, 0).listener(interruptAt(2, 1)).build()
                .fit(TRAIN, TEST);
        assertTrue(Thread.interrupted());
        return file;
    }

    private static String refusal(Path file, UnaryOperator<Trainer.Builder> change, Dataset data) {
        BitMlp model = model();
        float[] before = weights(model);
        RuntimeException refused = assertThrows(RuntimeException.class,
                () -> change.apply(everything(model, optimizer(model, true)).checkpoints(file, 0)).build()
                        .fit(data, TEST));
        assertArrayEquals(before, weights(model), "nothing is changed");
        return refused.getMessage();
    }

    @Test
    void anotherTrainingIsRefused() {
        Path file = interrupted();
        assertEquals(
                "Trainer: the checkpoint " + file + " is of another training: batch size was 16 and is now 8; go on "
                        + "with the same settings, data and code, or knowingly with others (resumeWithChanges), or "
                        + "delete the file to start over",
                refusal(file, builder -> builder.batchSize(8), TRAIN));
        assertTrue(refusal(file, builder -> builder, TEST).contains("samples was 200 and is now 100"));
        assertTrue(refusal(file, builder -> builder.seed(4), TRAIN).contains("seed was 3 and is now 4"));
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2})
    void aCheckpointOfAnOlderVersionIsRefusedWithWhatToDo(int version) throws IOException {
        Path file = folder.resolve("old");
        new SafetensorsWriter().metadata("format", "bitlab training " + version).write(file);
        assertTrue(refusal(file, builder -> builder, TRAIN).contains("is a checkpoint of an older BitLab (format "
                + "'bitlab training " + version
                + "', expected 'bitlab training 3'); finish that training with the older "
                + "one, or delete the file to start over"));
    }

    @Test
    void damageIsFound() throws IOException {
        Path file = interrupted();
        byte[] good = Files.readAllBytes(file);
        Random random = new Random(1);
        for (int i = 0; i < 60; i++) {
            byte[] bad = i % 3 == 0 ? Arrays.copyOf(good, random.nextInt(good.length)) : good.clone();
            if (i % 3 != 0) {
                bad[random.nextInt(bad.length)] ^= (byte) (1 << random.nextInt(8));
            }
            Files.write(file, bad);
            BitMlp model = model();
            // A flipped bit in a key of the header's metadata that nobody reads does no harm.
            try {
                everything(model, optimizer(model, true)).checkpoints(file, 0).build().fit(TRAIN, TEST);
                BitMlp straight = model();
                everything(straight, optimizer(straight, true)).build().fit(TRAIN, TEST);
                assertArrayEquals(weights(straight), weights(model), "round " + i);
            } catch (UncheckedIOException e) {
                assertTrue(e.getCause() instanceof ModelFormatException, e.toString());
            }
        }
    }

    @Test
    void aFolderThatCannotBeWrittenKeepsTheOldCheckpoint() throws IOException {
        Path file = interrupted();
        byte[] before = Files.readAllBytes(file);
        BitMlp model = model();
        Path nowhere = folder.resolve("missing").resolve("checkpoint");
        UncheckedIOException failed = assertThrows(UncheckedIOException.class,
                () -> everything(model, optimizer(model, true)).checkpoints(nowhere, 1).build().fit(TRAIN, TEST));
        assertTrue(failed.getMessage().contains("does not exist; create it"), failed.getMessage());
        assertArrayEquals(before, Files.readAllBytes(file));
        assertFalse(Files.exists(nowhere));
    }

    @Test
    void checkpointsEverySteps() {
        Path file = folder.resolve("every");
        BitMlp model = model();
        int[] seen = new int[1];
        everything(model, optimizer(model, true)).epochs(1).checkpoints(file, 2).listener(new TrainingListener() {
            @Override
            public void onStep(int epoch, int step, double loss, double accuracy) {
                assertEquals(step > 2, Files.exists(file), "written after step 2, before step 3 ends");
                seen[0]++;
            }
        }).build().fit(TRAIN, TEST);
        assertEquals(5, seen[0]); // 200 samples in steps of 48
    }

    /** In training all of them are floats, of any shape; deployed models aren't trained. */
    @Test
    void everyKindOfParameterComesBack() throws IOException {
        Layer network = new Sequential(BitConv2d.builder(2, 4, 3).groups(2).build(), new LayerNorm(4),
                BitLinear.builder(4, 3).build(), new Linear(3, 2), new Embedding(5, 2, Initializer.normal(1),
                        EmbeddingFormat.INT8),
                new Embedding(5, 2, Initializer.normal(1), EmbeddingFormat.NF4));
        network.initialize(4);
        AdamW adam = AdamW.builder().parameters(network.parameters()).learningRate(0.1f).build();
        network.parameters().forEach(parameter -> parameter.mul(parameter).sum().backward());
        adam.step();
        Path file = folder.resolve("kinds");
        TrainingCheckpoint written = new TrainingCheckpoint(new LinkedHashMap<>(Map.of("a", "b")), Progress.START,
                TrainingCheckpoint.copy(network.namedParameters()), adam.state(),
                TrainingCheckpoint.copy(network.namedParameters()), new LinkedHashMap<>());
        written.write(file);
        TrainingCheckpoint read = TrainingCheckpoint.read(file);
        assertEquals(written.optimizer(), read.optimizer());
        network.initialize(5);
        TrainingCheckpoint.restore(read.weights(), network.namedParameters(), "test");
        network.namedParameters().forEach((name, tensor) -> {
            assertArrayEquals(written.weights().get(name), tensor.toArray(), name);
            assertArrayEquals(written.best().get(name), read.best().get(name), name);
        });
    }
}
