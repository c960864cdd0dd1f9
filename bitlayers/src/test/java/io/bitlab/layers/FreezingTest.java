package io.bitlab.layers;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.bitlab.core.BitQuantConfig;
import io.bitlab.core.tensor.Tensor;
import io.bitlab.layers.convert.Ternarizer;
import io.bitlab.layers.optim.AdamW;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

class FreezingTest {

    private static final Tensor X = Tensor.randn(1, 4, 6);

    private static Sequential net() {
        return new Sequential(BitLinear.builder(6, 5).build(), new ReLU(), new Linear(5, 4), new LayerNorm(4));
    }

    private static void step(Layer net, AdamW optimizer) {
        Tensor y = net.forward(X);
        y.mul(y).sum().backward();
        optimizer.step();
        optimizer.zeroGrad();
    }

    @Test
    void frozenParametersStayAsTheyAre() {
        Sequential net = net();
        AdamW optimizer = new AdamW(net.parameters(), 0.1f);
        step(net, optimizer); // so that the optimiser remembers a direction
        Layer first = net.children().get("0");
        assertSame(first, first.freeze());
        float[] frozen = ((BitLinear) first).weight().toArray();
        float[] free = net.namedParameters().get("2.weight").toArray();
        step(net, optimizer);
        assertArrayEquals(frozen, ((BitLinear) first).weight().data());
        assertFalse(Arrays.equals(free, net.namedParameters().get("2.weight").data()));
        first.unfreeze();
        step(net, optimizer);
        assertFalse(Arrays.equals(frozen, ((BitLinear) first).weight().data()));
    }

    @Test
    void gradientsFlowThroughAFrozenLayer() {
        Sequential net = net();
        net.children().get("2").freeze();
        net.forward(X).sum().backward();
        assertNotNull(net.namedParameters().get("0.weight").grad());
        assertNull(net.namedParameters().get("2.weight").grad());
    }

    @Test
    void staysFrozenInEveryMode() {
        Sequential net = net();
        net.children().get("2").freeze(); // its values are not yet drawn
        assertAsks(net, true);
        net.eval();
        assertFalse(net.namedParameters().get("0.weight").requiresGrad());
        net.train();
        assertAsks(net, true);
        net.initialize(3).loadStateDict(net().stateDict());
        assertAsks(net, true);
        Ternarizer.convert(net, BitQuantConfig.defaults());
        assertAsks(net, true);
        net.eval();
        net.freeze();
        net.unfreeze();
        assertTrue(net.parameters().stream().noneMatch(Tensor::requiresGrad), "evaluation asks for none");
        net.train();
        assertAsks(net, false);
    }

    private static void assertAsks(Sequential net, boolean frozen) {
        net.namedParameters().forEach((path, parameter) -> assertEquals(!frozen || !path.startsWith("2."),
                parameter.requiresGrad(), path));
    }
}
