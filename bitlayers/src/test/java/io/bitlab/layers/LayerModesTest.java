package io.bitlab.layers;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.bitlab.core.tensor.Tensor;
import io.bitlab.layers.Layer.Mode;
import java.util.Arrays;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

class LayerModesTest {

    private static final Tensor X = Tensor.randn(5, 3, 8);

    private final BitLinear first = BitLinear.builder(8, 6).build();
    private final RMSNorm norm = new RMSNorm(6);
    private final BitLinear second = BitLinear.builder(6, 4).build();
    private final Sequential net = new Sequential(first, new Sequential(norm, new ReLU()), second);

    private Set<Mode> modes() {
        return net.layers().values().stream().map(Layer::mode).collect(Collectors.toSet());
    }

    @Test
    void switchesTheWholeTree() {
        assertEquals(Set.of(Mode.TRAIN), modes());
        assertSame(net, net.eval());
        assertEquals(Set.of(Mode.EVAL), modes());
        assertSame(net, net.train());
        assertEquals(Set.of(Mode.TRAIN), modes());
        assertSame(net, net.deploy());
        assertEquals(Set.of(Mode.DEPLOYED), modes());
        assertSame(net, net.eval(), "deployed layers stay deployed");
        assertEquals(Set.of(Mode.DEPLOYED), modes());
        net.deploy();
        assertEquals(Set.of(Mode.DEPLOYED), modes());
    }

    @Test
    void gradientsAreAskedForInTrainingOnly() {
        assertTrue(net.parameters().stream().allMatch(Tensor::requiresGrad));
        net.eval();
        assertTrue(net.parameters().stream().noneMatch(Tensor::requiresGrad));
        net.train();
        assertTrue(net.parameters().stream().allMatch(Tensor::requiresGrad));
        net.forward(X).sum().backward();
        net.parameters().forEach(parameter -> assertNotNull(parameter.grad()));
    }

    @Test
    void outputIsTheSameInEveryMode() {
        float[] trained = net.forward(X).toArray();
        assertArrayEquals(trained, net.eval().forward(X).toArray());
        assertArrayEquals(trained, net.train().forward(X).toArray());
        assertArrayEquals(trained, net.deploy().forward(X).toArray());
    }

    @Test
    void trainAfterDeployNamesTheLayerAndChangesNothing() {
        second.deploy();
        first.eval();
        IllegalStateException e = assertThrows(IllegalStateException.class, net::train);
        assertEquals("train(): BitLinear(6 -> 4) '2' was deployed, its latent weights are gone; "
                + "load the model from a file that was saved before deploy()", e.getMessage());
        assertEquals(Mode.EVAL, first.mode());
        assertEquals(Mode.TRAIN, net.mode());
        assertEquals(Mode.DEPLOYED, second.mode());
        e = assertThrows(IllegalStateException.class, () -> net.initialize(1));
        assertTrue(e.getMessage().startsWith("initialize(): BitLinear(6 -> 4) '2' was deployed"), e.getMessage());
    }

    @Test
    void rootThatWasDeployedIsNamedWithoutPath() {
        BitLinear alone = BitLinear.builder(2, 3).build();
        alone.deploy();
        Exception e = assertThrows(IllegalStateException.class, alone::train);
        assertTrue(e.getMessage().startsWith("train(): BitLinear(2 -> 3) was deployed"), e.getMessage());
    }

    @Test
    void evalOfNanWeightsLeavesAtrainableTree() {
        second.weight().data()[7] = Float.NaN;
        for (Runnable attempt : new Runnable[] {net::eval, net::deploy}) {
            Exception e = assertThrows(IllegalArgumentException.class, attempt::run);
            assertTrue(e.getMessage().contains("NaN"), e.getMessage());
            assertEquals(Set.of(Mode.TRAIN), modes());
            assertTrue(net.parameters().stream().allMatch(Tensor::requiresGrad));
        }
        second.weight().data()[7] = 0f;
        float[] trained = net.forward(X).toArray();
        net.forward(X).sum().backward();
        assertNotNull(first.weight().grad());
        assertArrayEquals(trained, net.eval().forward(X).toArray());
    }

    @Test
    void evalThatFailsBesideADeployedLayerChangesNoMode() {
        first.deploy();
        norm.eval();
        second.weight().data()[0] = Float.POSITIVE_INFINITY;
        assertThrows(IllegalArgumentException.class, net::eval);
        assertEquals(Mode.DEPLOYED, first.mode());
        assertEquals(Mode.EVAL, norm.mode());
        assertEquals(Mode.TRAIN, second.mode());
        assertEquals(Mode.TRAIN, net.mode());
        assertTrue(second.weight().requiresGrad());
    }

    @Test
    void forwardInEvaluationIgnoresChangesOfLatentWeightsUntilTheNextEval() {
        net.eval();
        float[] before = net.forward(X).toArray();
        Arrays.fill(second.weight().data(), 1f);
        assertArrayEquals(before, net.forward(X).toArray());
        float[] after = net.train().eval().forward(X).toArray();
        assertFalse(Arrays.equals(before, after));
    }

    @Test
    void evalDrawsWhatWasNotDrawnYet() {
        RMSNorm fresh = new RMSNorm(4);
        fresh.eval();
        Tensor weight = fresh.namedParameters().get("weight");
        assertFalse(weight.requiresGrad());
        fresh.forward(Tensor.randn(1, 2, 4));
        assertSame(weight, fresh.namedParameters().get("weight"));
    }

    @Test
    void backwardThroughAnEvaluatedTreeNamesTheRemedy() {
        net.eval();
        Tensor loss = net.forward(X).sum();
        Exception e = assertThrows(IllegalStateException.class, loss::backward);
        assertTrue(e.getMessage().contains("by a layer in evaluation: call train() on the model"), e.getMessage());
    }

    @Test
    void backwardThroughAnEvaluatedBitLinearNamesTheRemedy() {
        first.eval();
        Tensor x = Tensor.randn(5, 3, 8).requiresGrad(true);
        Tensor loss = first.forward(x).sum();
        Exception e = assertThrows(IllegalStateException.class, loss::backward);
        assertEquals("backward: BitLinear(8 -> 6) '0' is in evaluation and records no gradients; "
                + "call train() on the model and run forward again", e.getMessage());
    }
}
