package io.bitlab.models.train;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.bitlab.core.tensor.Tensor;
import io.bitlab.layers.BatchNorm2d;
import io.bitlab.layers.BitConv2d;
import io.bitlab.layers.BitLinear;
import io.bitlab.layers.Dropout;
import io.bitlab.layers.GlobalAvgPool2d;
import io.bitlab.layers.Layer;
import io.bitlab.layers.Linear;
import io.bitlab.layers.ReLU;
import io.bitlab.layers.Sequential;
import io.bitlab.layers.optim.AdamW;
import io.bitlab.layers.optim.SGD;
import io.bitlab.layers.optim.Schedule;
import io.bitlab.models.snippets.ExchangeSnippets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The shards of a step, computed anywhere, give the same bits. */
class GradientExchangeTest {

    private static final int SAMPLES = 90; // so that the last batch has fewer samples than there are shards

    private static Layer network() {
        return new Sequential(
                BitLinear.builder(12, 16).build(), new ReLU(), new Dropout(0.2f),
                BitLinear.builder(16, 3).build()).initialize(5);
    }

    private static Dataset data() {
        int[] labels = IntStream.range(0, SAMPLES).map(i -> i % 3).toArray();
        return Dataset.of(Tensor.randn(9, SAMPLES, 12).toArray(), labels);
    }

    private static Trainer.Builder builder(Layer model) {
        return Trainer.builder(model, new AdamW(model.parameters(), 0.01f)).epochs(2).batchSize(43).seed(4)
                .clipNorm(1f).quantStrengthSchedule(Schedule.rise(0.5));
    }

    private static float[] train(Trainer.Builder builder, Layer model) {
        builder.build().fit(data(), null);
        return new ShardWorker(model, null).state();
    }

    /** Each part of the tree is computed by a worker of its own, as on another machine, the last ones first. */
    private static GradientExchange apart(int shards, int workers) {
        List<ShardWorker> others = IntStream.range(0, workers).mapToObj(_ -> {
            Layer twin = network();
            return ShardWorker.of(builder(twin).build(), data());
        }).toList();
        return new GradientExchange() {
            @Override
            public int shards() {
                return shards;
            }

            @Override
            public ShardGradient sum(ShardStep step, ShardWorker trainer) {
                List<ShardGradient> parts = new ArrayList<>();
                int each = shards / workers;
                for (int i = workers - 1; i >= 0; i--) {
                    others.get(i).load(trainer.state());
                    parts.addFirst(others.get(i).compute(step, i * each, (i + 1) * each));
                }
                return ShardGradient.sum(parts);
            }
        };
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 4, 8})
    void workersChangeNoBit(int workers) {
        Layer model = network();
        float[] expected = train(builder(model).gradientExchange(GradientExchange.inOneJvm(8)), model);
        Layer other = network();
        assertArrayEquals(expected, train(builder(other).gradientExchange(apart(8, workers)), other));
    }

    @Test
    void oneShardIsATrainingWithoutExchange() {
        Layer model = network();
        Layer other = network();
        assertArrayEquals(train(builder(model), model),
                train(builder(other).gradientExchange(GradientExchange.inOneJvm(1)), other));
    }

    /** A loaded model is in evaluation, and layers may thaw on the way. */
    @Test
    void whatIsTrainedIsKnownWhenItIsTrained() {
        Layer expected = network();
        float[] weights = train(builder(expected).gradientExchange(GradientExchange.inOneJvm(4)), expected);
        Layer evaluated = network();
        evaluated.eval();
        assertArrayEquals(weights,
                train(builder(evaluated).gradientExchange(GradientExchange.inOneJvm(4)), evaluated));
        Layer thawed = network();
        Layer first = thawed.layers().get("0");
        first.freeze();
        Trainer.Builder trainer = Trainer.builder(thawed, new AdamW(thawed.parameters(), 0.01f)).epochs(2)
                .gradientExchange(GradientExchange.inOneJvm(4)).listener(new TrainingListener() {
                    @Override
                    public void onEpoch(EpochResult result) {
                        first.unfreeze();
                    }
                });
        float[] before = first.parameters().getFirst().toArray();
        trainer.build().fit(data(), null);
        assertFalse(Arrays.equals(before, first.parameters().getFirst().toArray()));
    }

    /** A checkpoint must not need the memory of a whole batch, of which no machine has enough. */
    @Test
    void checkpointsComputeNoMoreSamplesThanAShard(@TempDir Path folder) {
        Layer model = network();
        List<Integer> together = new ArrayList<>();
        Task task = new TaskTest.Product(TaskTest.model(), false) {
            @Override
            public SequencedMap<String, String> probe(int maxSamples) {
                together.add(maxSamples);
                return new LinkedHashMap<>();
            }

            @Override
            public Batch batch(int epoch, int... indices) {
                return () -> Loss.of(model.forward(Tensor.randn(1, indices.length, 12)).mean());
            }
        };
        builder(model).epochs(1).gradientExchange(GradientExchange.inOneJvm(8)).checkpoints(folder.resolve("c"), 1)
                .build().fit(task);
        assertEquals(List.of(6), together.stream().distinct().toList(), "of a batch of 43");
    }

    /** The sum of the shards' gradients is that of the batch, but for rounding, where no layer looks across samples. */
    @Test
    void shardsAddUpToTheBatch() {
        Layer model = new Sequential(new Linear(12, 3)).initialize(5);
        ShardWorker worker = ShardWorker.of(Trainer.builder(model, new SGD(model.parameters(), 0.1f)).build(), data());
        int[] samples = IntStream.range(0, 30).toArray();
        ShardGradient whole = worker.compute(new ShardStep(1, 0, 1, samples, Float.NaN), 0, 1);
        ShardGradient sum = worker.compute(new ShardStep(1, 0, 8, samples, Float.NaN), 0, 8);
        assertArrayEquals(whole.gradients(), sum.gradients(), 1e-6f);
        assertEquals(whole.loss(), sum.loss(), 1e-6);
        assertEquals(whole.correct(), sum.correct());
        assertEquals(30, sum.targets());
        assertEquals(8, sum.shards());
    }

    @Test
    void runningStatisticsMoveByTheMeanOfTheShards() {
        BatchNorm2d norm = new BatchNorm2d(4);
        Layer model = new Sequential(BitConv2d.builder(1, 4, 3).build(), norm, new GlobalAvgPool2d(), new Linear(4, 3));
        SampleSource images = new Images();
        Trainer trainer = Trainer.builder(model, new SGD(model.parameters(), 0.1f)).epochs(1).batchSize(8)
                .gradientExchange(GradientExchange.inOneJvm(4)).build();
        trainer.fit(images, null);
        assertEquals(1f, model.namedBuffers().get("1.num_batches_tracked").item());
        float[] mean = model.namedBuffers().get("1.running_mean").toArray();
        float[] means = new float[4];
        for (int shard = 0; shard < 4; shard++) {
            Layer alone = new Sequential(BitConv2d.builder(1, 4, 3).build(), new BatchNorm2d(4));
            alone.forward(images.batch(order(shard)));
            for (int i = 0; i < 4; i++) {
                means[i] += alone.namedBuffers().get("1.running_mean").data()[i] / 4;
            }
        }
        assertArrayEquals(means, mean, 1e-6f);
    }

    /** The samples of a shard in the first epoch; found by a step that records them. */
    private static int[] order(int shard) {
        int[][] found = new int[1][];
        Layer model = new Sequential(BitConv2d.builder(1, 4, 3).build(), new GlobalAvgPool2d(), new Linear(4, 3));
        Trainer.builder(model, new SGD(model.parameters(), 0.1f)).epochs(1).batchSize(8)
                .gradientExchange(new GradientExchange() {
                    @Override
                    public int shards() {
                        return 4;
                    }

                    @Override
                    public ShardGradient sum(ShardStep step, ShardWorker trainer) {
                        found[0] = step.samplesOf(shard);
                        return trainer.compute(step, 0, 4);
                    }
                }).build().fit(new Images(), null);
        return found[0];
    }

    /** Eight images. */
    private static final class Images implements SampleSource {
        private final Dataset flat = Dataset.of(Tensor.randn(2, 8, 36).toArray(), new int[] {0, 1, 2, 0, 1, 2, 0, 1});

        @Override
        public int size() {
            return 8;
        }

        @Override
        public int[] sampleShape() {
            return new int[] {1, 6, 6};
        }

        @Override
        public Tensor batch(int... indices) {
            return flat.batch(indices).reshape(indices.length, 1, 6, 6);
        }

        @Override
        public int classes() {
            return flat.classes();
        }

        @Override
        public int label(int index) {
            return flat.label(index);
        }

        @Override
        public String checksum() {
            return flat.checksum();
        }
    }

    @Test
    void resumesToTheSameBits(@TempDir Path folder) {
        Layer model = network();
        float[] expected = train(builder(model).gradientExchange(GradientExchange.inOneJvm(4)), model);
        Layer begun = network();
        Path file = folder.resolve("checkpoint");
        builder(begun).gradientExchange(GradientExchange.inOneJvm(4)).checkpoints(file, 1)
                .listener(new TrainingListener() {
                    @Override
                    public void onStep(int epoch, int step, double loss, double accuracy) {
                        if (epoch == 1 && step == 2) {
                            Thread.currentThread().interrupt();
                        }
                    }
                }).build().fit(data(), null);
        assertTrue(Thread.interrupted());
        Layer resumed = network();
        assertThrows(IllegalStateException.class, () -> train(builder(resumed)
                .gradientExchange(GradientExchange.inOneJvm(8)).checkpoints(file, 1), resumed));
        Layer again = network();
        assertArrayEquals(expected,
                train(builder(again).gradientExchange(apart(4, 2)).checkpoints(file, 1), again));
    }

    @ParameterizedTest
    @CsvSource({"0", "3", "2048", "-4"})
    void shardsArePowersOfTwo(int shards) {
        assertThrows(IllegalArgumentException.class, () -> GradientExchange.inOneJvm(shards));
    }

    /** Of two neighbours, each as often as the value is near to it. */
    @Test
    void roundingIsUnbiased() {
        float[] values = {1.003f, -1.003f, 0f, -0f, 1f, 3e-39f, 1e-7f};
        double[] means = new double[values.length];
        for (int seed = 0; seed < 4000; seed++) {
            float[] rounded = new ShardGradient(1, values, new float[0], 0, 0, 0).rounded(seed).gradients();
            for (int i = 0; i < values.length; i++) {
                means[i] += rounded[i] / 4000.0;
                assertTrue(!(Math.abs(rounded[i] - values[i]) > Math.abs(values[i]) / 128 + 1e-40), rounded[i] + "");
            }
        }
        for (int i = 0; i < values.length; i++) {
            assertEquals(values[i], means[i], Math.abs(values[i]) * 3e-4 + 1e-41);
        }
        float[] odd = {Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY, Float.NaN};
        assertArrayEquals(odd, new ShardGradient(1, odd, new float[0], 0, 0, 0).rounded(1).gradients());
    }

    @Test
    void roundedGradientsAreTheSameInEveryPartOfTheTree() {
        ShardWorker worker = ShardWorker.of(builder(network()).build(), data());
        int[] samples = IntStream.range(0, 21).toArray();
        ShardStep exact = new ShardStep(1, 3, 8, samples, Float.NaN);
        ShardStep step = new ShardStep(1, 3, 8, samples, Float.NaN, GradientPrecision.BFLOAT16);
        float[] whole = worker.compute(step, 0, 8).gradients();
        for (int part = 1; part < 8; part *= 2) {
            List<ShardGradient> parts = new ArrayList<>();
            for (int from = 0; from < 8; from += part) {
                parts.add(worker.compute(step, from, from + part));
            }
            assertArrayEquals(whole, ShardGradient.sum(parts).gradients());
        }
        float[] expected = worker.compute(exact, 0, 8).gradients();
        double error = 0;
        double size = 0;
        for (int i = 0; i < whole.length; i++) {
            assertEquals(0, Float.floatToRawIntBits(whole[i]) & 0xFFFF);
            error += (whole[i] - expected[i]) * (whole[i] - expected[i]);
            size += expected[i] * expected[i];
        }
        assertTrue(error > 0 && error < 1e-4 * size, error / size + "");
        assertThrows(IllegalArgumentException.class,
                () -> worker.compute(step, 0, 4).plus(worker.compute(exact, 4, 8)));
    }

    @Test
    void aTrainingWithRoundedGradientsLearnsAsMuch() {
        Layer exact = network();
        Layer rounded = network();
        var expected = builder(exact).gradientExchange(GradientExchange.inOneJvm(4)).build().fit(data(), null);
        var results = builder(rounded).gradientExchange(GradientExchange.inOneJvm(4, GradientPrecision.BFLOAT16))
                .build().fit(data(), null);
        assertNotEquals(expected.getLast().loss(), results.getLast().loss());
        assertEquals(expected.getLast().loss(), results.getLast().loss(), 0.02);
    }

    @Test
    void refusals() {
        Layer model = network();
        assertThrows(IllegalArgumentException.class, () -> builder(model).accumulate(2)
                .gradientExchange(GradientExchange.inOneJvm(2)).build());
        ShardWorker worker = ShardWorker.of(builder(model).build(), data());
        assertThrows(IllegalArgumentException.class, () -> worker.load(new float[3]));
        ShardStep step = new ShardStep(1, 0, 8, new int[] {1, 2}, Float.NaN);
        assertThrows(IllegalArgumentException.class, () -> worker.compute(step, 2, 6));
        assertThrows(IllegalArgumentException.class, () -> worker.compute(step, 0, 3));
        Layer bad = network();
        bad.parameters().getFirst().data()[0] = 1e38f;
        assertThrows(ArithmeticException.class, () -> Trainer.builder(bad, new SGD(bad.parameters(), 1e30f))
                .gradientExchange(GradientExchange.inOneJvm(2)).build().fit(data(), null));
        Layer other = new Sequential(new Linear(12, 3));
        GradientExchange wrong = new GradientExchange() {
            @Override
            public int shards() {
                return 2;
            }

            @Override
            public ShardGradient sum(ShardStep asked, ShardWorker trainer) {
                return trainer.compute(asked, 0, 1);
            }
        };
        String message = assertThrows(IllegalStateException.class, () -> Trainer
                .builder(other, new SGD(other.parameters(), 0.1f)).gradientExchange(wrong).build().fit(data(), null))
                .getMessage();
        assertTrue(message.contains("of 1 shards, expected 39 of 2"), message);
    }

    @Test
    void snippets() {
        assertArrayEquals(new int[] {1, 2}, ExchangeSnippets.step());
        assertEquals(GradientPrecision.BFLOAT16, ExchangeSnippets.precision().precision());
        Layer model = network();
        float[] before = new ShardWorker(model, null).state();
        ExchangeSnippets.exchange(model, data());
        assertFalse(java.util.Arrays.equals(before, new ShardWorker(model, null).state()));
        ShardStep step = new ShardStep(1, 0, 4, IntStream.range(0, 20).toArray(), Float.NaN);
        ShardWorker worker = ExchangeSnippets.worker(model, data());
        ShardGradient sum = ExchangeSnippets.tree(step, worker, ExchangeSnippets.worker(network(), data()));
        assertArrayEquals(worker.compute(step, 0, 4).gradients(), sum.gradients());
        assertNotEquals(0, sum.loss());
    }
}
