package io.bitlab.layers;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.bitlab.core.math.CounterRandom;
import io.bitlab.core.tensor.Tensor;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.commons.math3.stat.descriptive.DescriptiveStatistics;
import org.junit.jupiter.api.Test;

class InitializationTest {

    private static final Tensor X = Tensor.randn(1, 2, 6);

    private static Sequential net(Layer first) {
        return new Sequential(first, new ReLU(), new Linear(5, 4));
    }

    private static float[] weight(Layer net, String path) {
        return net.namedParameters().get(path).toArray();
    }

    @Test
    void theSameSeedGivesTheSameNetwork() {
        Layer a = net(new Linear(6, 5)).initialize(7);
        Layer b = net(new Linear(6, 5)).initialize(7);
        Layer c = net(new Linear(6, 5)).initialize(8);
        assertArrayEquals(a.forward(X).toArray(), b.forward(X).toArray());
        assertFalse(Arrays.equals(weight(a, "0.weight"), weight(c, "0.weight")));
        c.initialize(7);
        assertArrayEquals(a.forward(X).toArray(), c.forward(X).toArray(), "initialize draws again");
    }

    @Test
    void aNetworkThatWasNeverInitializedHasSeed0() {
        Layer never = net(new Linear(6, 5));
        assertArrayEquals(net(new Linear(6, 5)).initialize(0).forward(X).toArray(), never.forward(X).toArray());
    }

    @Test
    void valuesDependOnThePathNotOnTheRestOfTheNetwork() {
        Layer net = net(new Linear(6, 5)).initialize(7);
        Layer longer = new Sequential(new Linear(6, 5), new Linear(5, 5), new Linear(5, 4), new Linear(9, 9))
                .initialize(7);
        assertArrayEquals(weight(net, "0.weight"), weight(longer, "0.weight"));
        assertArrayEquals(weight(net, "2.weight"), weight(longer, "2.weight"));
        assertFalse(Arrays.equals(Arrays.copyOf(weight(longer, "0.weight"), 20), weight(longer, "2.weight")),
                "each path has its own stream");
    }

    @Test
    void linearAndBitLinearAtEqualPathsStartEqual() {
        Layer floats = net(new Linear(6, 5)).initialize(7);
        Layer ternary = net(BitLinear.builder(6, 5).build()).initialize(7);
        assertEquals(floats.namedParameters().keySet(), ternary.namedParameters().keySet());
        floats.namedParameters().keySet()
                .forEach(path -> assertArrayEquals(weight(floats, path), weight(ternary, path), path));
    }

    @Test
    void parametersAreDrawnOnceAndOnlyWhenNeeded() {
        AtomicInteger draws = new AtomicInteger();
        Initializer counting = (shape, random) -> {
            draws.incrementAndGet();
            return Initializer.XAVIER_UNIFORM.values(shape, random);
        };
        Linear layer = new Linear(6, 5, true, counting);
        layer.parameterCount();
        layer.memory();
        assertEquals("Linear(6 -> 5)  35 parameters", layer.toString());
        assertEquals(0, draws.get());
        layer.forward(X);
        layer.forward(X);
        layer.eval();
        assertEquals(1, draws.get());
        Linear loaded = new Linear(6, 5, true, counting);
        loaded.loadStateDict(layer.stateDict());
        assertArrayEquals(layer.forward(X).toArray(), loaded.forward(X).toArray());
        assertEquals(1, draws.get(), "a loaded layer draws nothing");
    }

    @Test
    void initializingKeepsTheTensorsOfAnOptimizer() {
        Linear layer = new Linear(6, 5);
        Tensor weight = layer.weight();
        layer.initialize(9);
        assertSame(weight, layer.weight());
        assertTrue(weight.requiresGrad());
    }

    @Test
    void givenValuesAreKept() {
        Layer layer = new Layer() {
            private final Tensor given = parameter("given", Tensor.of(new float[] {1, 2}, 2));

            @Override
            public Tensor forward(Tensor x) {
                return given;
            }
        };
        layer.initialize(3);
        assertArrayEquals(new float[] {1, 2}, layer.forward(X).toArray());
    }

    @Test
    void uniformInitializersFillTheirRange() {
        assertUniform(Initializer.XAVIER_UNIFORM, Math.sqrt(6.0 / (300 + 200)), 200, 300);
        assertUniform(Initializer.KAIMING_UNIFORM, Math.sqrt(6.0 / 300), 200, 300);
        // a convolution: fan-in 10*3*3, fan-out 20*3*3
        assertUniform(Initializer.XAVIER_UNIFORM, Math.sqrt(6.0 / (90 + 180)), 20, 10, 3, 3);
        assertUniform(Initializer.KAIMING_UNIFORM, Math.sqrt(6.0 / 90), 20, 10, 3, 3);
    }

    private static void assertUniform(Initializer initializer, double bound, int... shape) {
        float[] values = initializer.values(shape, new CounterRandom(5, 1));
        DescriptiveStatistics statistics = new DescriptiveStatistics();
        for (float value : values) {
            statistics.addValue(value);
        }
        String label = Arrays.toString(shape);
        double deviations = 5 / Math.sqrt(values.length); // five standard deviations of a mean
        assertEquals(0, statistics.getMean(), deviations * bound / Math.sqrt(3), label);
        assertEquals(bound / Math.sqrt(3), statistics.getStandardDeviation(), deviations * bound, label);
        assertTrue(statistics.getMax() <= bound && statistics.getMax() > 0.98 * bound, label);
        assertTrue(statistics.getMin() >= -bound && statistics.getMin() < -0.98 * bound, label);
    }

    @Test
    void biasesStartAtZeroAndNormsAtOne() {
        assertArrayEquals(new float[5], new Linear(6, 5).namedParameters().get("bias").toArray());
        assertArrayEquals(new float[5], BitLinear.builder(6, 5).build().namedParameters().get("bias").toArray());
        assertArrayEquals(new float[] {1, 1, 1}, new RMSNorm(3).namedParameters().get("weight").toArray());
    }
}
