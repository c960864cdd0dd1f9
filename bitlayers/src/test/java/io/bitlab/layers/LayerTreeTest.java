package io.bitlab.layers;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.bitlab.core.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LayerTreeTest {

    /** A layer whose declarations the test makes. */
    private static final class Node extends Layer {
        @Override
        public Tensor forward(Tensor x) {
            return x;
        }

        <L extends Layer> L with(String name, L layer) {
            return child(name, layer);
        }

        Tensor learns(String name, Tensor values) {
            return parameter(name, values);
        }

        Parameter draws(String name, int... shape) {
            return parameter(name, Initializer.ONES, shape);
        }
    }

    private static Sequential body() {
        return new Sequential(new Linear(784, 256), new ReLU(), BitLinear.builder(256, 10).bias(false).build());
    }

    @Test
    void pathsJoinTheNamesByDots() {
        Node root = new Node();
        Node block = root.with("block", new Node());
        Sequential body = block.with("body", body());
        assertEquals("", root.path());
        assertEquals("block.body.2", body.children().get("2").path());
        assertEquals(List.of("", "block", "block.body", "block.body.0", "block.body.1", "block.body.2"),
                List.copyOf(root.layers().keySet()));
        assertEquals(List.of("block.body.0.weight", "block.body.0.bias", "block.body.2.weight"),
                List.copyOf(root.namedParameters().keySet()));
        assertEquals(List.of("0.weight", "0.bias", "2.weight"), List.copyOf(body.namedParameters().keySet()));
        assertEquals(List.copyOf(root.namedParameters().values()), root.parameters());
    }

    @Test
    void ownParametersComeBeforeThoseOfChildren() {
        Node root = new Node();
        root.with("a", new RMSNorm(3));
        Tensor gain = Tensor.of(new float[] {2, 3}, 2);
        assertSame(gain, root.learns("gain", gain));
        Parameter drawn = root.draws("drawn", 4);
        assertEquals(List.of("gain", "drawn", "a.weight"), List.copyOf(root.namedParameters().keySet()));
        assertSame(gain, root.namedParameters().get("gain"));
        assertSame(drawn.tensor(), root.namedParameters().get("drawn"));
        assertTrue(gain.requiresGrad());
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "a.b", "."})
    void refusesNamesThatWouldBreakPaths(String name) {
        Node root = new Node();
        for (Exception e : List.of(assertThrows(IllegalArgumentException.class, () -> root.with(name, new Node())),
                assertThrows(IllegalArgumentException.class, () -> root.draws(name, 1)))) {
            assertEquals("Layer: '" + name + "' can't be a name: it must not be empty and must not contain a dot",
                    e.getMessage());
        }
        assertEquals(1, root.layers().size());
    }

    @Test
    void refusesAnameThatIsTaken() {
        Node root = new Node();
        root.with("a", new ReLU());
        root.draws("w", 1);
        for (String taken : List.of("a", "w")) {
            for (Exception e : List.of(assertThrows(IllegalArgumentException.class, () -> root.with(taken, new Node())),
                    assertThrows(IllegalArgumentException.class, () -> root.draws(taken, 1)))) {
                assertEquals("Layer: the name '" + taken + "' is taken in Node", e.getMessage());
            }
        }
        assertEquals(List.of("a"), List.copyOf(root.children().keySet()));
    }

    @Test
    void refusesCycles() {
        Node root = new Node();
        Node middle = root.with("middle", new Node());
        Node leaf = middle.with("leaf", new Node());
        Node second = new Node();
        second.with("shared", middle); // another ancestor, which is not on the path of the leaf
        for (Layer ancestor : List.of(leaf, middle, root, second)) {
            Exception e = assertThrows(IllegalArgumentException.class, () -> leaf.with("again", ancestor));
            assertEquals("Layer.child: 'again' would contain itself", e.getMessage());
        }
        assertTrue(leaf.children().isEmpty());
    }

    @Test
    void aSharedLayerCountsOnceUnderItsFirstPath() {
        Linear shared = new Linear(4, 4);
        Sequential net = new Sequential(shared, new ReLU(), shared);
        assertEquals(List.of("", "0", "1"), List.copyOf(net.layers().keySet()));
        assertEquals(List.of("0.weight", "0.bias"), List.copyOf(net.namedParameters().keySet()));
        assertEquals(20, net.parameterCount());
        assertEquals(80, net.memory().floatBytes());
        assertEquals(List.of("0.weight", "0.bias"), List.copyOf(net.stateDict().names()));
        assertEquals("0", shared.path());
    }

    @Test
    void aSharedTensorIsListedOnce() {
        Tensor shared = Tensor.zeros(2, 2);
        Node root = new Node();
        root.with("a", new Node()).learns("w", shared);
        root.with("b", new Node()).learns("w", shared);
        assertEquals(List.of("a.w"), List.copyOf(root.namedParameters().keySet()));
    }

    @Test
    void childrenCanNotBeChangedFromOutside() {
        Sequential net = body();
        assertThrows(UnsupportedOperationException.class, () -> net.children().put("x", new ReLU()));
        assertThrows(UnsupportedOperationException.class, () -> net.children().pollFirstEntry());
    }

    @Test
    void printsTheTree() {
        Node root = new Node();
        root.with("norm", new RMSNorm(784));
        root.with("body", body());
        root.with("drop", new Dropout(0.5f));
        assertEquals("""
                Node  204,304 parameters
                ├─ norm: RMSNorm(784)  784 parameters
                ├─ body: Sequential  203,520 parameters
                │  ├─ 0: Linear(784 -> 256)  200,960 parameters
                │  ├─ 1: ReLU
                │  └─ 2: BitLinear(256 -> 10)  2,560 parameters
                └─ drop: Dropout(0.5)""", root.toString());
        String before = root.toString();
        assertEquals(before, root.deploy().toString(), "deployed, it has learnt as many values");
        assertEquals("ReLU", new ReLU().toString());
    }

    @Test
    void replacesLayersChildrenFirstEachOnce() {
        Node root = new Node();
        Sequential body = root.with("body", body());
        Layer relu = body.children().get("1");
        root.with("same", relu);
        List<String> asked = new ArrayList<>();
        Dropout dropout = new Dropout(0);
        Layer result = root.replaceLayers((path, layer) -> {
            asked.add(path);
            return layer instanceof ReLU ? dropout : layer;
        });
        assertSame(root, result);
        assertEquals(List.of("body.0", "body.1", "body.2", "body", ""), asked);
        assertSame(dropout, body.children().get("1"));
        assertSame(dropout, root.children().get("same"));
        assertEquals("body.1", dropout.path());
        assertEquals(List.of("0", "1", "2"), List.copyOf(body.children().keySet()));
    }

    @Test
    void replacesTheRoot() {
        Dropout other = new Dropout(0);
        assertSame(other, body().replaceLayers((path, layer) -> path.isEmpty() ? other : layer));
    }
}
