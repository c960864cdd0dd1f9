package io.bitlab.layers;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.bitlab.core.quant.TernaryMatrix;
import io.bitlab.core.tensor.Tensor;
import io.bitlab.layers.Layer.Mode;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class BufferTest {

    private static final Tensor INITIAL = Tensor.of(new float[] {1, 2, 3}, 3);

    /** Counts in a buffer how often it trained, and multiplies with a parameter. */
    private static final class Counting extends Layer {
        private final Tensor count = buffer("count", INITIAL);
        private final Parameter factor = parameter("factor", Initializer.ONES, 3);

        @Override
        public Tensor forward(Tensor x) {
            if (mode() == Mode.TRAIN) {
                count.data()[0]++;
            }
            return x.mul(factor.tensor()).add(count.detach());
        }

        void declare(String name, Tensor initial) {
            buffer(name, initial);
        }

        void declareParameter(String name) {
            parameter(name, Initializer.ONES, 1);
        }
    }

    private static Layer net() {
        return new Sequential(BitLinear.builder(3, 3).build(), new Counting()).initialize(1);
    }

    private static float[] count(Layer net) {
        return net.namedBuffers().get("1.count").toArray();
    }

    @Test
    void areListedButNotTrained() {
        Layer net = net();
        assertEquals(List.of("1.count"), List.copyOf(net.namedBuffers().keySet()));
        assertEquals(List.of("0.weight", "0.bias", "1.factor"), List.copyOf(net.namedParameters().keySet()));
        assertEquals(9 + 3 + 3, net.parameterCount());
        net.forward(Tensor.randn(1, 2, 3)).sum().backward();
        assertFalse(net.namedBuffers().get("1.count").requiresGrad());
        assertNull(net.namedBuffers().get("1.count").grad());
        assertArrayEquals(new float[] {2, 2, 3}, count(net), "the layer wrote to it");
        assertArrayEquals(new float[] {1, 2, 3}, INITIAL.toArray(), "the initial values were copied");
    }

    @Test
    void initializingRestoresTheInitialValues() {
        Layer net = net();
        Tensor live = net.namedBuffers().get("1.count");
        net.forward(Tensor.randn(1, 2, 3));
        net.initialize(1);
        assertArrayEquals(new float[] {1, 2, 3}, count(net));
        assertSame(live, net.namedBuffers().get("1.count"));
    }

    @ParameterizedTest
    @EnumSource(Mode.class)
    void areInTheStateOfEveryMode(Mode mode) {
        Layer net = net();
        net.forward(Tensor.randn(1, 2, 3));
        switch (mode) {
            case TRAIN -> net.train();
            case EVAL -> net.eval();
            case DEPLOYED -> net.deploy();
        }
        StateDict state = net.stateDict();
        assertEquals("1.count", state.names().getLast(), "after the parameters of the layer");
        assertSame(net.namedBuffers().get("1.count"), state.tensor("1.count"));
        Layer copy = net().loadStateDict(state);
        assertArrayEquals(new float[] {2, 2, 3}, count(copy));
        assertNotSame(state.tensor("1.count"), copy.namedBuffers().get("1.count"), "copied");
        copy.eval();
        net.eval();
        assertArrayEquals(net.forward(INITIAL).toArray(), copy.forward(INITIAL).toArray());
    }

    @Test
    void aStateWithoutThemDoesNotFit() {
        Layer net = net();
        StateDict state = new StateDict();
        net.namedParameters().forEach((name, tensor) -> state.put(name, tensor.detach()));
        net.forward(Tensor.randn(1, 2, 3));
        Exception e = assertThrows(IllegalArgumentException.class, () -> net.loadStateDict(state));
        assertTrue(e.getMessage().contains("1.count"), e.getMessage());
        LoadReport report = net.loadMatching(state);
        assertEquals(List.of("1.count"), report.missing());
        assertArrayEquals(new float[] {2, 2, 3}, count(net), "kept");
    }

    @Test
    void refusesOneOfAnotherKind() {
        Layer matrix = new Layer() {
            {
                buffer("mean", Tensor.zeros(2, 2));
            }

            @Override
            public Tensor forward(Tensor x) {
                return x;
            }
        };
        TernaryMatrix ternary = BitLinear.builder(2, 2).bias(false).build().deploy().stateDict().ternary("weight");
        Exception e = assertThrows(IllegalArgumentException.class,
                () -> matrix.loadStateDict(new StateDict().put("mean", ternary)));
        assertEquals("loadStateDict: the state has ternary weights for 'mean', but that is a buffer of floats; "
                + "nothing was loaded", e.getMessage());
        assertEquals(Mode.TRAIN, matrix.mode());
    }

    @Test
    void areCountedInTheMemory() {
        MemoryFootprint without = new Sequential(BitLinear.builder(3, 3).build()).initialize(1).memory();
        MemoryFootprint with = net().memory();
        assertEquals(without.floatBytes() + 4 * 3 + 4 * 3, with.floatBytes(), "a parameter and a buffer");
        assertEquals(without.ternaryBytes() + 4 * 3 + 4 * 3, with.ternaryBytes());
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "a.b", "count", "factor"})
    void refusesNamesThatAreInvalidOrTaken(String name) {
        Counting layer = new Counting();
        assertThrows(IllegalArgumentException.class, () -> layer.declare(name, INITIAL));
        assertEquals(1, layer.namedBuffers().size());
        assertThrows(IllegalArgumentException.class, () -> layer.declareParameter("count"));
    }

    @Test
    void refusesATensorThatIsTrained() {
        Tensor trained = Tensor.zeros(2).requiresGrad(true);
        Exception e = assertThrows(IllegalArgumentException.class, () -> new Counting().declare("mean", trained));
        assertEquals("Layer.buffer: the initial values of 'mean' require gradients, but a buffer isn't trained: "
                + "declare it with parameter(), or detach() it", e.getMessage());
    }
}
