package io.bitlab.layers.optim;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.bitlab.core.tensor.Tensor;
import io.bitlab.layers.BitLinear;
import io.bitlab.layers.Layer;
import io.bitlab.layers.Linear;
import io.bitlab.layers.RMSNorm;
import io.bitlab.layers.Sequential;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ParameterGroupTest {

    private static void refused(String message, Executable action) {
        assertEquals(message, assertThrows(IllegalArgumentException.class, action).getMessage());
    }

    private static Tensor parameter(float value, int... shape) {
        Tensor parameter = Tensor.full(value, shape).requiresGrad(true);
        parameter.gradBuffer()[0] = 1f;
        return parameter;
    }

    @Test
    void splitsMatricesFromNormsAndBiases() {
        Layer net = new Sequential(new RMSNorm(4), BitLinear.builder(4, 3).build(), new Linear(3, 2));
        List<ParameterGroup> groups = ParameterGroup.splitByRank(net);
        assertEquals(2, groups.size());
        assertEquals(1f, groups.get(0).weightDecayFactor());
        assertEquals(0f, groups.get(1).weightDecayFactor());
        assertEquals(1f, groups.get(1).learningRateFactor());
        assertEquals(List.of(net.namedParameters().get("1.weight"), net.namedParameters().get("2.weight")),
                groups.get(0).parameters());
        assertEquals(List.of(net.namedParameters().get("0.weight"), net.namedParameters().get("1.bias"),
                net.namedParameters().get("2.bias")), groups.get(1).parameters());
        assertEquals(net.parameters().size(), AdamW.builder().groups(groups).build().parameters().size());
    }

    @Test
    void oneOfTheTwoGroupsMayBeEmpty() {
        List<ParameterGroup> groups = ParameterGroup.splitByRank(new RMSNorm(4));
        assertEquals(0, groups.get(0).parameters().size());
        assertEquals(1, SGD.builder().groups(groups).build().parameters().size());
    }

    @Test
    void factorsScaleTheOptimizersRatesAsTheyChange() {
        Tensor a = parameter(1f, 1);
        Tensor b = parameter(1f, 1);
        SGD optimizer = SGD.builder().group(ParameterGroup.of(List.of(a)))
                .group(ParameterGroup.of(List.of(b)).withLearningRateFactor(0.5f).withWeightDecayFactor(2f))
                .learningRate(0.25f).weightDecay(0.5f).build();
        assertSame(a, optimizer.parameters().get(0));
        assertSame(b, optimizer.groups().get(1).parameters().get(0));
        optimizer.step();
        assertEquals(1f - 0.25f * 1.5f, a.item());
        assertEquals(1f - 0.125f * 2f, b.item());
        optimizer.weightDecay(0f);
        optimizer.learningRate(0.5f);
        optimizer.step();
        assertEquals(0.625f - 0.5f, a.item());
        assertEquals(0.75f - 0.25f, b.item());
        assertEquals(0f, optimizer.weightDecay());
    }

    @Test
    void refusesParametersThatAreThereTwice() {
        Tensor a = Tensor.zeros(2, 3);
        Tensor b = Tensor.zeros(2, 3); // equal values alone are no reason to refuse
        assertEquals(2, new SGD(List.of(a, b), 0.1f).parameters().size());
        refused("AdamW: a parameter of shape [2, 3] is in group 0 and again in group 1; it would be changed twice a "
                + "step",
                () -> AdamW.builder().parameters(List.of(b, a)).parameters(List.of(a)).build());
        refused("SGD: a parameter of shape [2, 3] is in group 0 and again in group 0; it would be changed twice a step",
                () -> new SGD(List.of(a, a), 0.1f));
    }

    @ParameterizedTest
    @ValueSource(floats = {-0.1f, Float.NaN, Float.POSITIVE_INFINITY})
    void refusesFactorsThatAreNone(float factor) {
        ParameterGroup group = ParameterGroup.of(List.of());
        refused("ParameterGroup: learning-rate factor " + factor + " is not a number of 0 or more",
                () -> group.withLearningRateFactor(factor));
        refused("ParameterGroup: weight-decay factor " + factor + " is not a number of 0 or more",
                () -> group.withWeightDecayFactor(factor));
        refused("SGD: weight decay " + factor + " is not a number of 0 or more",
                () -> new SGD(List.of(Tensor.zeros(1)), 1f).weightDecay(factor));
    }

    @Test
    void frozenParametersStayAsTheyAre() {
        Tensor frozen = parameter(1f, 3).requiresGrad(false);
        Tensor trained = parameter(1f, 3);
        for (Optimizer optimizer : List.of(new AdamW(List.of(frozen, trained), 0.1f),
                SGD.builder().parameters(List.of(frozen, trained)).weightDecay(0.1f).momentum(0.9f).build())) {
            optimizer.step();
            assertArrayEquals(new float[] {1, 1, 1}, frozen.toArray(), optimizer.toString());
        }
        assertEquals(0.9f, trained.data()[0], 0.01f);
    }

    @ParameterizedTest
    @ValueSource(floats = {-0.1f, 1f, Float.NaN})
    void refusesMomentumOutOfRange(float momentum) {
        SGD.Builder builder = SGD.builder().parameters(List.of(Tensor.zeros(1))).momentum(momentum);
        refused("SGD: momentum " + momentum + " is not in [0, 1)", builder::build);
    }

    @Test
    void nesterovNeedsMomentum() {
        SGD.Builder builder = SGD.builder().parameters(List.of(Tensor.zeros(1))).nesterov(true);
        refused("SGD: Nesterov's form needs a momentum above 0, such as 0.9", builder::build);
    }
}
