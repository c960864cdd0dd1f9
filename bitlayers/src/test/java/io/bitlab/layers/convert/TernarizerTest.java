package io.bitlab.layers.convert;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.bitlab.core.ActivationDtype;
import io.bitlab.core.BitQuantConfig;
import io.bitlab.core.Granularity;
import io.bitlab.core.tensor.Tensor;
import io.bitlab.layers.BitLinear;
import io.bitlab.layers.Initializer;
import io.bitlab.layers.Layer;
import io.bitlab.layers.Linear;
import io.bitlab.layers.ReLU;
import io.bitlab.layers.Sequential;
import io.bitlab.layers.optim.AdamW;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

class TernarizerTest {

    private static final BitQuantConfig CONFIG = BitQuantConfig.defaults();
    private static final Tensor X = Tensor.randn(1, 4, 12);

    /** Keeps its layers in fields of their own type, as users do. */
    private static final class Fields extends Layer {
        private final Linear in = child("in", new Linear(12, 10));
        private final Sequential body = child("body", new Sequential(new ReLU(), new Linear(10, 6)));
        private final Linear out;

        Fields(Linear out) {
            this.out = child("out", out);
        }

        @Override
        public Tensor forward(Tensor x) {
            return out.forward(body.forward(in.forward(x)));
        }
    }

    /** What the converted network must compute: the same weights in BitLinear layers. */
    private static Layer ternaryTwin(Layer net, BitQuantConfig config) {
        Sequential twin = new Sequential(BitLinear.builder(12, 10).quantConfig(config).build(), new ReLU(),
                BitLinear.builder(10, 6).quantConfig(config).build(),
                BitLinear.builder(6, 3).quantConfig(config).build());
        String[] paths = {"in", "", "body.1", "out"};
        for (int i : new int[] {0, 2, 3}) {
            BitLinear layer = (BitLinear) twin.children().get(Integer.toString(i));
            for (String name : List.of("weight", "bias")) {
                float[] values = net.namedParameters().get(paths[i] + "." + name).data();
                System.arraycopy(values, 0, layer.namedParameters().get(name).data(), 0, values.length);
            }
        }
        return twin;
    }

    @Test
    void fieldsOfAUsersNetworkBecomeTernary() {
        BitQuantConfig config = new BitQuantConfig(Granularity.PER_CHANNEL, CONFIG.weightScale(),
                ActivationDtype.FLOAT32, Granularity.PER_TENSOR);
        Fields net = new Fields(new Linear(6, 3));
        net.initialize(4);
        float[] floats = net.forward(X).toArray();
        List<Tensor> before = net.parameters();
        List<String> paths = List.copyOf(net.namedParameters().keySet());
        Layer twin = ternaryTwin(net, config);

        assertSame(net, Ternarizer.convert(net, config));
        float[] ternary = twin.forward(X).toArray();
        assertFalse(Arrays.equals(floats, ternary));
        assertArrayEquals(ternary, net.forward(X).toArray());
        assertEquals(paths, List.copyOf(net.namedParameters().keySet()));
        assertEquals(before, net.parameters(), "the same tensors, so that an optimiser goes on");
        BitLinear out = assertInstanceOf(BitLinear.class, net.children().get("out"));
        assertEquals("out", out.path());
        assertSame(config, out.quantConfig());
        assertSame(out.weight(), net.out.weight());

        assertArrayEquals(ternary, net.eval().forward(X).toArray());
        assertArrayEquals(ternary, net.deploy().forward(X).toArray());
        assertEquals(net.memory().ternaryBytes(), net.memory().residentBytes(), "the latent weights are gone");
        assertThrows(IllegalStateException.class, () -> net.out.weight());
        assertEquals("""
                Fields  217 parameters
                ├─ in: BitLinear(12 -> 10)  130 parameters
                ├─ body: Sequential  66 parameters
                │  ├─ 0: ReLU
                │  └─ 1: BitLinear(10 -> 6)  66 parameters
                └─ out: BitLinear(6 -> 3)  21 parameters""", net.toString());
    }

    @Test
    void aConvertedNetworkTrains() {
        Fields net = new Fields(new Linear(6, 3));
        AdamW optimizer = new AdamW(net.parameters(), 0.01f);
        Ternarizer.convert(net, CONFIG);
        float first = 0;
        float last = 0;
        for (int step = 0; step < 20; step++) {
            Tensor y = net.forward(X);
            Tensor loss = y.mul(y).mean();
            first = step == 0 ? loss.item() : first;
            last = loss.item();
            loss.backward();
            net.parameters().forEach(parameter -> assertNotNull(parameter.grad()));
            optimizer.step();
            optimizer.zeroGrad();
        }
        assertTrue(last < first, first + " -> " + last);
    }

    @Test
    void aPredicateChoosesByPathAndLayer() {
        Fields net = new Fields(new Linear(6, 3));
        List<String> asked = new ArrayList<>();
        Ternarizer.convert(net, CONFIG, (path, linear) -> {
            asked.add(path + " " + linear.weight().length(0));
            return path.startsWith("body");
        });
        assertEquals(List.of("in 10", "body.1 6", "out 3"), asked);
        assertInstanceOf(Linear.class, net.children().get("in"));
        assertInstanceOf(BitLinear.class, net.layers().get("body.1"));
        assertInstanceOf(Linear.class, net.children().get("out"));
    }

    @Test
    void aRootIsReplaced() {
        Linear linear = new Linear(12, 5);
        float[] weight = linear.weight().toArray();
        BitLinear ternary = assertInstanceOf(BitLinear.class, Ternarizer.convert(linear, CONFIG));
        assertArrayEquals(weight, ternary.weight().toArray());
        assertArrayEquals(ternary.forward(X).toArray(), linear.forward(X).toArray());
        assertSame(ternary, linear.toBitLinear(CONFIG), "converting twice gives the same layer");
    }

    @Test
    void aSharedLinearIsConvertedOnce() {
        Linear shared = new Linear(12, 12);
        Sequential net = new Sequential(shared, new Sequential(shared), shared);
        Ternarizer.convert(net, CONFIG);
        Layer first = net.children().get("0");
        assertInstanceOf(BitLinear.class, first);
        assertSame(first, net.children().get("2"));
        assertSame(first, net.children().get("1").children().get("0"));
        assertEquals(12 * 12 + 12, net.parameterCount());
        assertEquals(List.of("0.weight", "0.bias"), List.copyOf(net.namedParameters().keySet()));
    }

    @Test
    void biasesAreKeptOrMissingAsBefore() {
        Linear linear = new Linear(12, 5, false, Initializer.XAVIER_UNIFORM);
        assertEquals(List.of("weight"),
                List.copyOf(Ternarizer.convert(linear, CONFIG).namedParameters().keySet()));
    }

    @Test
    void convertingIsForTraining() {
        Fields net = new Fields(new Linear(6, 3));
        net.eval();
        Exception e = assertThrows(IllegalStateException.class, () -> Ternarizer.convert(net, CONFIG));
        assertEquals("Ternarizer.convert: the network is in mode EVAL; call train() first", e.getMessage());
        assertInstanceOf(Linear.class, net.children().get("in"));
    }

    @Test
    void aLinearThatWasEvaluatedAloneBecomesTrainable() {
        Fields net = new Fields(new Linear(6, 3));
        net.in.eval();
        Ternarizer.convert(net, CONFIG);
        assertTrue(net.parameters().stream().allMatch(Tensor::requiresGrad));
    }
}
