package io.bitlab.layers.optim;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.bitlab.core.tensor.Tensor;
import io.bitlab.layers.BitLinear;
import io.bitlab.layers.Layer;
import io.bitlab.layers.Linear;
import io.bitlab.layers.RMSNorm;
import io.bitlab.layers.Sequential;
import io.bitlab.layers.loss.CrossEntropy;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;
import java.util.Set;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class OptimizerStateTest {

    private static final int STEPS = 20;

    private static Layer network() {
        return new Sequential(new RMSNorm(8), BitLinear.builder(8, 16).build(), new Linear(16, 3)).initialize(4);
    }

    private static Optimizer optimizer(String kind, Layer net) {
        List<ParameterGroup> groups = ParameterGroup.splitByRank(net);
        return switch (kind) {
            case "AdamW" -> AdamW.builder().groups(groups).learningRate(0.01f).weightDecay(0.1f).build();
            case "SGD" -> SGD.builder().groups(groups).learningRate(0.1f).weightDecay(0.1f).build();
            case "momentum" -> SGD.builder().groups(groups).learningRate(0.1f).momentum(0.9f).build();
            case "nesterov" -> SGD.builder().groups(groups).learningRate(0.1f).momentum(0.9f).nesterov(true).build();
            default -> throw new AssertionError(kind);
        };
    }

    /** Runs the steps from {@code first} to {@code last} of a training of {@link #STEPS} steps. */
    private static void train(Layer net, Optimizer optimizer, int first, int last) {
        Schedule rate = Schedule.twoStage().withWarmUp(4);
        Schedule decay = Schedule.firstHalf().withWarmUp(4);
        for (int step = first; step < last; step++) {
            optimizer.learningRate(0.02f * rate.factor(step, STEPS));
            optimizer.weightDecay(0.1f * decay.factor(step, STEPS));
            new CrossEntropy().forward(net.forward(Tensor.randn(step, 6, 8)), new int[] {0, 1, 2, 0, 1, 2}).backward();
            GradientClipping.byNorm(optimizer.parameters(), 1f);
            optimizer.step();
            optimizer.zeroGrad();
        }
    }

    private static float[][] values(Layer net) {
        return net.parameters().stream().map(Tensor::toArray).toArray(float[][]::new);
    }

    @ParameterizedTest
    @ValueSource(strings = {"AdamW", "SGD", "momentum", "nesterov"})
    void resumedTrainingEndsWithTheSameBits(String kind) {
        Layer net = network();
        train(net, optimizer(kind, net), 0, STEPS);
        for (int stop : new int[] {0, 1, 7, STEPS - 1}) {
            Layer begun = network();
            Optimizer first = optimizer(kind, begun);
            train(begun, first, 0, stop);
            OptimizerState state = first.state();

            Layer resumed = network().loadStateDict(begun.stateDict());
            Optimizer second = optimizer(kind, resumed);
            second.loadState(state);
            assertEquals(state, second.state());
            train(begun, first, stop, STEPS); // if anything were shared, this would disturb the resumed one
            train(resumed, second, stop, STEPS);
            assertArrayEquals(values(net), values(resumed), kind + " resumed at step " + stop);
            assertEquals(first.state(), second.state());
        }
    }

    @Test
    void withoutTheStateTheBitsDiffer() {
        Layer net = network();
        Optimizer optimizer = optimizer("AdamW", net);
        train(net, optimizer, 0, 7);
        Layer resumed = network().loadStateDict(net.stateDict());
        train(net, optimizer, 7, STEPS);
        train(resumed, optimizer("AdamW", resumed), 7, STEPS);
        assertNotEquals(values(net)[0][0], values(resumed)[0][0]);
    }

    @Test
    void hasArraysOnlyForParametersThatWereChanged() {
        Tensor used = Tensor.zeros(2).requiresGrad(true);
        Tensor unused = Tensor.zeros(3).requiresGrad(true);
        AdamW optimizer = new AdamW(List.of(unused, used), 0.1f);
        assertEquals(Set.of(), optimizer.state().buffers().keySet());
        used.gradBuffer()[1] = 2f;
        optimizer.step();
        optimizer.step();
        OptimizerState state = optimizer.state();
        assertArrayEquals(new long[] {0, 2}, state.steps());
        assertEquals(Set.of("mean.1", "variance.1"), state.buffers().keySet());
        assertArrayEquals(new float[] {0, 0.38f}, state.buffers().get("mean.1"), 1e-6f);
        assertEquals("AdamW state after 2 steps of 2 parameters", state.toString());
        optimizer.step();
        assertArrayEquals(new float[] {0, 0.38f}, state.buffers().get("mean.1"), 1e-6f, "the state is a copy");
    }

    @Test
    void aLoadedStateIsCopied() {
        Tensor parameter = Tensor.zeros(2).requiresGrad(true);
        parameter.gradBuffer()[1] = 2f;
        AdamW optimizer = new AdamW(List.of(parameter), 0.1f);
        optimizer.step();
        OptimizerState state = optimizer.state();
        AdamW other = new AdamW(List.of(parameter), 0.1f);
        other.loadState(state);
        other.step();
        assertEquals(optimizer.state(), state);
    }

    @Test
    void loadingAnEarlyStateForgetsWhatCameLater() {
        Tensor parameter = Tensor.zeros(2).requiresGrad(true);
        AdamW optimizer = new AdamW(List.of(parameter), 0.1f);
        OptimizerState fresh = optimizer.state();
        parameter.gradBuffer()[1] = 2f;
        optimizer.step();
        assertNotEquals(fresh, optimizer.state());
        assertNotEquals(fresh.hashCode(), optimizer.state().hashCode());
        optimizer.loadState(fresh);
        assertEquals(fresh, optimizer.state());
        assertEquals(fresh.hashCode(), optimizer.state().hashCode());
    }

    @Test
    void refusesStatesThatDoNotFitAndChangesNothing() {
        Tensor a = Tensor.zeros(2).requiresGrad(true);
        Tensor b = Tensor.zeros(3).requiresGrad(true);
        a.gradBuffer();
        b.gradBuffer();
        AdamW optimizer = new AdamW(List.of(a, b), 0.1f);
        optimizer.step();
        OptimizerState good = optimizer.state();

        assertMisfit(optimizer, new SGD(List.of(a, b), 0.1f).state(), "it belongs to SGD");
        assertMisfit(optimizer, new AdamW(List.of(a), 0.1f).state(), "it has 1 parameters, expected 2");
        assertMisfit(optimizer, new OptimizerState("AdamW", new long[] {-1, 0}, new LinkedHashMap<>()),
                "parameter 0 has seen -1 steps");
        assertMisfit(optimizer, changed(good, buffers -> buffers.remove("mean.1")),
                "mean.1 has no values, expected 3");
        assertMisfit(optimizer, changed(good, buffers -> buffers.put("mean.0", buffers.put("mean.1", new float[5]))),
                "mean.0 has 3 values, expected 2; mean.1 has 5 values, expected 3");
        assertMisfit(optimizer, changed(good, buffers -> buffers.put("momentum.0", new float[2])),
                "it has 5 arrays, expected 4 of [mean, variance]");
        assertEquals(good, optimizer.state());
    }

    private static OptimizerState changed(OptimizerState state, Consumer<SequencedMap<String, float[]>> change) {
        SequencedMap<String, float[]> buffers = new LinkedHashMap<>(state.buffers());
        change.accept(buffers);
        return new OptimizerState(state.optimizer(), state.steps(), buffers);
    }

    private static void assertMisfit(Optimizer optimizer, OptimizerState state, String reason) {
        Exception e = assertThrows(IllegalArgumentException.class, () -> optimizer.loadState(state));
        assertEquals("AdamW.loadState: the state doesn't fit: " + reason + "; nothing was loaded", e.getMessage());
    }

    private static String digest(AdamW.Builder settings, Layer net) {
        return settings.parameters(net.parameters()).build().formulaDigest();
    }

    private static String digest(SGD.Builder settings, Layer net) {
        return settings.parameters(net.parameters()).build().formulaDigest();
    }

    /** A formula of an application. */
    private static final class Sign extends Optimizer {
        private final float power;

        Sign(List<Tensor> parameters, float power) {
            super(List.of(ParameterGroup.of(parameters)), 0.1f, 0f);
            this.power = power;
        }

        @Override
        protected void update(float[] p, float[] g, float[][] memory, long step, float rate, float decay) {
            for (int i = 0; i < p.length; i++) {
                p[i] -= rate * Math.copySign(power * g[i] * g[i], g[i]);
            }
        }
    }

    @Test
    void theFormulasDigestTellsSettingsApart() {
        Layer net = network();
        List<Tensor> parameters = net.parameters();
        String plain = digest(AdamW.builder(), net);
        List<String> all = List.of(plain, digest(AdamW.builder().betas(0.8f, 0.999f), net),
                digest(AdamW.builder().betas(0.9f, 0.99f), net), digest(AdamW.builder().betas(0.9f, 0.9991f), net),
                digest(AdamW.builder().eps(1e-7f), net), digest(AdamW.builder().eps(2e-8f), net),
                digest(SGD.builder(), net), digest(SGD.builder().momentum(0.9f), net),
                digest(SGD.builder().momentum(0.9f).nesterov(true), net), digest(SGD.builder().momentum(0.8f), net),
                new Sign(parameters, 1f).formulaDigest(), new Sign(parameters, 1.5f).formulaDigest());
        assertEquals(all.size(), Set.copyOf(all).size(), all.toString());
        assertEquals(plain, digest(AdamW.builder().learningRate(0.5f).weightDecay(0.3f), net),
                "the rates are not in it");
        AdamW used = new AdamW(parameters, 0.1f);
        train(net, used, 0, 3);
        OptimizerState state = used.state();
        assertEquals(plain, used.formulaDigest(), "nor is the state");
        assertEquals(state, used.state());
        assertEquals("AdamW(betas 0.9 and 0.999, eps 1.0E-8)", used.toString());
        assertEquals("SGD(momentum 0.9, Nesterov's form)",
                SGD.builder().parameters(parameters).momentum(0.9f).nesterov(true).build().toString());
        assertEquals("Sign", new Sign(parameters, 1f).toString());
    }
}
