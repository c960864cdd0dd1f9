package io.bitlab.layers;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.bitlab.core.BitQuantConfig;
import io.bitlab.core.tensor.Tensor;
import io.bitlab.layers.convert.Ternarizer;
import io.bitlab.layers.optim.AdamW;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

/** One parameter in two layers, such as embedding and output head of a language model. */
class TyingTest {

    private static final Tensor IDS = Tensor.of(new float[] {4, 0, 2}, 3);

    private static final class Tied extends Layer {
        private final Embedding table = child("table", new Embedding(5, 4));
        private final Linear middle = child("middle", new Linear(4, 4));
        private final Layer head = child("head", table.tiedLinear());

        @Override
        public Tensor forward(Tensor x) {
            return head.forward(middle.forward(table.forward(x)));
        }
    }

    @Test
    void countsAndSavesOnceUnderTheFirstPath() {
        Tied net = new Tied();
        List<String> names = List.of("table.weight", "middle.weight", "middle.bias");
        assertEquals(20 + 20, net.parameterCount());
        assertEquals(names, List.copyOf(net.namedParameters().keySet()));
        assertEquals(names, List.copyOf(net.stateDict().names()));
        assertEquals(40 * 4, net.memory().floatBytes());
        assertEquals(40 * 4, net.memory().ternaryBytes());
        net.forward(IDS).sum().backward();
        assertEquals(2 * 40 * 4, net.memory().residentBytes(), "values and gradients");
        assertEquals(20, net.head.parameterCount(), "alone, the head has them");
        assertEquals(List.of("weight"), List.copyOf(net.head.stateDict().names()));
    }

    @Test
    void bothPlacesLearnTogether() {
        Tied net = new Tied();
        Tensor weight = net.table.weight();
        float[] before = weight.toArray();
        net.forward(IDS).sum().backward();
        float[] both = weight.grad().toArray();
        weight.zeroGrad();
        Tensor hidden = net.middle.forward(net.table.forward(IDS)).detach();
        net.head.forward(hidden).sum().backward();
        float[] headOnly = weight.grad().toArray();
        assertFalse(Arrays.equals(both, headOnly), "the table's share is missing");
        new AdamW(net.parameters(), 0.1f).step();
        assertFalse(Arrays.equals(before, weight.data()));
        assertSame(weight, ((Linear) net.head).weight());
    }

    @Test
    void drawsOnceByTheFirstPath() {
        Tied net = new Tied();
        net.initialize(5);
        Layer alone = new Layer() {
            private final Embedding table = child("table", new Embedding(5, 4));

            @Override
            public Tensor forward(Tensor x) {
                return table.forward(x);
            }
        };
        alone.initialize(5);
        assertArrayEquals(alone.forward(IDS).data(), net.table.forward(IDS).data());
    }

    @Test
    void loadsAStateWithOneNameOrWithBoth() {
        Tied net = new Tied();
        net.initialize(6);
        float[] expected = net.forward(IDS).toArray();
        StateDict once = net.stateDict();
        StateDict second = new StateDict().put("head.weight", once.tensor("table.weight"))
                .put("middle.weight", once.tensor("middle.weight")).put("middle.bias", once.tensor("middle.bias"));
        StateDict twice = new StateDict().put("table.weight", once.tensor("table.weight").detach())
                .put("middle.weight", once.tensor("middle.weight")).put("middle.bias", once.tensor("middle.bias"))
                .put("head.weight", once.tensor("table.weight").detach());
        for (StateDict state : List.of(once, second, twice)) {
            Tied other = new Tied();
            other.loadStateDict(state);
            assertArrayEquals(expected, other.forward(IDS).toArray(), state.names().toString());
            assertSame(other.table.weight(), ((Linear) other.head).weight());
            assertTrue(other.loadMatching(state).isComplete());
        }
        twice.tensor("head.weight").data()[0]++;
        Tied other = new Tied();
        assertEquals(
                "loadStateDict: 'table.weight' and 'head.weight' are one parameter here, but the state has different "
                        + "values for them; nothing was loaded",
                assertThrows(IllegalArgumentException.class, () -> other.loadStateDict(twice)).getMessage());
        assertThrows(IllegalArgumentException.class, () -> other.loadStateDict(new StateDict()));
    }

    /** As files are read: what differs is only known once it is read. */
    @Test
    void deferredValuesAreCompared() {
        StateDict once = new Tied().stateDict();
        Tensor table = once.tensor("table.weight");
        for (float added : new float[] {0f, 1f}) {
            StateDict twice = new StateDict().put("table.weight", table)
                    .put("middle.weight", once.tensor("middle.weight")).put("middle.bias", once.tensor("middle.bias"))
                    .putDeferred("head.weight", Tensor.class, table.shape(), () -> table.detach().add(added));
            if (added == 0f) {
                new Tied().loadStateDict(twice);
            } else {
                assertTrue(assertThrows(IllegalArgumentException.class, () -> new Tied().loadStateDict(twice))
                        .getMessage().contains("the state has different values for them"));
            }
        }
    }

    @Test
    void aTernaryHeadStaysTiedUntilItIsPacked() {
        Tied net = new Tied();
        Ternarizer.convert(net, BitQuantConfig.defaults(), (path, layer) -> path.equals("head"));
        BitLinear head = assertInstanceOf(BitLinear.class, net.children().get("head"));
        assertSame(net.table.weight(), head.weight());
        assertEquals(40, net.parameterCount());
        float[] expected = net.forward(IDS).toArray();
        StateDict deployed = net.stateDict(Layer.Mode.DEPLOYED);
        assertTrue(deployed.isTernary("head.weight") && !deployed.isTernary("table.weight"));
        Tied other = new Tied();
        Ternarizer.convert(other, BitQuantConfig.defaults(), (path, layer) -> path.equals("head"));
        other.loadStateDict(deployed);
        assertArrayEquals(expected, other.forward(IDS).toArray());
        assertArrayEquals(expected, net.deploy().forward(IDS).toArray());
        assertEquals(60, net.parameterCount(), "packed, they are two");
    }

    @Test
    void oneTensorDeclaredByTwoLayersIsTiedToo() {
        Tensor shared = Tensor.full(2, 3);
        Sequential net = new Sequential(holder(shared), holder(shared));
        assertEquals(3, net.parameterCount());
        assertEquals(12, net.memory().floatBytes());
        assertEquals(List.of("0.scale"), List.copyOf(net.stateDict().names()));
        assertArrayEquals(new float[] {4, 8, 12}, net.forward(Tensor.of(new float[] {1, 2, 3}, 3)).toArray());
        net.loadStateDict(new StateDict().put("0.scale", Tensor.full(3, 3)));
        assertArrayEquals(new float[] {9, 18, 27}, net.forward(Tensor.of(new float[] {1, 2, 3}, 3)).toArray());
    }

    private static Layer holder(Tensor shared) {
        return new Layer() {
            private final Tensor scale = parameter("scale", shared);

            @Override
            public Tensor forward(Tensor x) {
                return x.mul(scale);
            }
        };
    }
}
