package io.bitlab.spark;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.bitlab.models.mlp.BitMlp;
import io.bitlab.models.train.GradientExchange;
import io.bitlab.models.train.GradientPrecision;
import io.bitlab.models.train.TrainingListener;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Training with tasks of Spark gives the bits of a training in one JVM without Spark. */
class SparkGradientExchangeTest {

    private static final int HIDDEN = 16;

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 4, 8})
    void tasksChangeNoBit(int tasks) {
        float[] expected = SparkTraining.weights(GradientExchange.inOneJvm(8), HIDDEN);
        try (SparkGradientExchange exchange = SparkGradientExchange.of(LocalSpark.session(), 8, tasks,
                () -> SparkTraining.worker(HIDDEN))) {
            assertArrayEquals(expected, SparkTraining.weights(exchange, HIDDEN));
        }
    }

    @Test
    void roundedGradients() {
        GradientPrecision rounded = GradientPrecision.BFLOAT16;
        float[] expected = SparkTraining.weights(GradientExchange.inOneJvm(8, rounded), HIDDEN);
        try (SparkGradientExchange exchange = SparkGradientExchange.of(LocalSpark.session(), 8, 2, rounded,
                () -> SparkTraining.worker(HIDDEN))) {
            assertArrayEquals(expected, SparkTraining.weights(exchange, HIDDEN));
        }
    }

    @Test
    void anInterruptedTrainingFinishesItsStep() {
        BitMlp model = SparkTraining.model(HIDDEN);
        List<Integer> steps = new ArrayList<>();
        try (SparkGradientExchange exchange = SparkGradientExchange.of(LocalSpark.session(), 2, 2,
                () -> SparkTraining.worker(HIDDEN))) {
            SparkTraining.trainer(model).gradientExchange((GradientExchangeProbe) (step, trainer) -> {
                Thread.currentThread().interrupt(); // while the job runs
                return exchange.sum(step, trainer);
            }).listener(new TrainingListener() {
                @Override
                public void onStep(int epoch, int step, double loss, double accuracy) {
                    steps.add(step);
                }
            }).build().fit(SparkTraining.data(), null);
            assertTrue(Thread.interrupted());
        }
        assertEquals(List.of(1), steps);
    }

    /** An exchange of two shards. */
    private interface GradientExchangeProbe extends GradientExchange {
        @Override
        default int shards() {
            return 2;
        }
    }

    @Test
    void aWorkerThatFailsIsReported() {
        try (SparkGradientExchange exchange = SparkGradientExchange.of(LocalSpark.session(), 2, 2, () -> {
            throw new IOException("no such data");
        })) {
            String message = assertThrows(IllegalStateException.class,
                    () -> SparkTraining.weights(exchange, HIDDEN)).getMessage();
            assertTrue(message.contains("step 1 of epoch 1") && message.contains("no such data"), message);
        }
    }

    @ParameterizedTest
    @CsvSource({"3, 1", "8, 3", "4, 8", "0, 0", "2048, 1"})
    void numbersArePowersOfTwo(int shards, int tasks) {
        assertThrows(IllegalArgumentException.class, () -> SparkGradientExchange.of(LocalSpark.session(), shards, tasks,
                () -> SparkTraining.worker(HIDDEN)));
    }

    @Test
    void aFactoryMustBeSerialisable() {
        Object captured = new Object();
        assertThrows(IllegalArgumentException.class, () -> SparkGradientExchange.of(LocalSpark.session(), 2, 1, () -> {
            throw new IOException(captured.toString());
        }));
    }
}
