package io.bitlab.layers;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.bitlab.core.BitQuantConfig;
import io.bitlab.core.tensor.Tensor;
import io.bitlab.layers.convert.Ternarizer;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class ObservationTest {

    /** Calls its layers from fields, as applications do, and doesn't report its own output. */
    private static final class Net extends Layer {
        private final Layer first = child("first", new Linear(3, 4));
        private final Layer last = child("last", new Sequential(new ReLU(), new Linear(4, 2)));

        @Override
        public Tensor forward(Tensor x) {
            return last.forward(first.forward(x));
        }
    }

    @Test
    void showsWhatEachLayerReturnsByPath() {
        Net net = new Net();
        Tensor x = Tensor.randn(1, 5, 3);
        Map<String, Tensor> seen = new LinkedHashMap<>();
        Observation observation = net.observe(seen::put);
        Tensor y = net.forward(x);
        assertEquals(List.of("first", "last.0", "last.1", "last"), List.copyOf(seen.keySet()));
        assertSame(y, seen.get("last"));
        assertArrayEquals(new int[] {5, 4}, seen.get("first").shape());
        observation.close();
        observation.close();
        seen.clear();
        net.forward(x);
        assertTrue(seen.isEmpty(), "closed");
    }

    @Test
    void pathsBeginWhereTheObserverStands() {
        Net net = new Net();
        List<String> seen = new ArrayList<>();
        Observation observation = net.last.observe((path, output) -> seen.add(path));
        net.forward(Tensor.randn(1, 3));
        assertEquals(List.of("0", "1", ""), seen);
        observation.close();
    }

    @Test
    void observersDoNotSeeEachOther() {
        Layer layer = new ReLU();
        AtomicInteger one = new AtomicInteger();
        AtomicInteger two = new AtomicInteger();
        Observation first = layer.observe((path, output) -> one.incrementAndGet());
        Observation second = layer.observe((path, output) -> two.incrementAndGet());
        layer.forward(Tensor.zeros(1));
        first.close();
        layer.forward(Tensor.zeros(1));
        second.close();
        layer.forward(Tensor.zeros(1));
        assertEquals(List.of(1, 2), List.of(one.get(), two.get()));
    }

    @Test
    void conversionKeepsObservers() {
        Net net = new Net();
        List<String> seen = new ArrayList<>();
        net.observe((path, output) -> seen.add(path));
        Ternarizer.convert(net, BitQuantConfig.defaults());
        net.forward(Tensor.randn(1, 3));
        assertEquals(List.of("first", "last.0", "last"), seen.stream().filter(p -> !p.equals("last.1")).toList());
        seen.clear();
        net.observe((path, output) -> seen.add("new " + path));
        net.forward(Tensor.randn(1, 3));
        assertTrue(seen.contains("new first") && seen.contains("new last.1"), seen::toString);
    }

    @Test
    void manyThreadsMayBeObserved() {
        Layer layer = BitLinear.builder(6, 5).build().eval();
        AtomicInteger count = new AtomicInteger();
        Observation observation = layer.observe((path, output) -> count.incrementAndGet());
        IntStream.range(0, 500).parallel().forEach(i -> layer.forward(Tensor.zeros(2, 6)));
        observation.close();
        assertEquals(500, count.get());
    }

    static List<Layer> libraryLayers() {
        return List.of(new Linear(4, 4), BitLinear.builder(4, 4).build(), Conv2d.builder(2, 3, 1).build(),
                BitConv2d.builder(2, 3, 1).build(), new MaxPool2d(2), new AvgPool2d(2), new AdaptiveAvgPool2d(3, 1),
                new GlobalAvgPool2d(),
                new Upsample(2), new ResizeBilinear(2), new PixelUnshuffle(2), new PixelShuffle(1), new Flatten(),
                new RMSNorm(4), new LayerNorm(4), new BatchNorm2d(2),
                new GroupNorm(1, 2), new ReLU(), new GELU(), new SiLU(),
                new SquaredReLU(), new Dropout(0.5f), new Dropout(0), new StochasticDepth(0.5f), new StochasticDepth(0),
                new SinusoidalEmbedding(4), new Sequential(), new Embedding(9, 4));
    }

    @ParameterizedTest
    @MethodSource("libraryLayers")
    void everyLayerOfTheLibraryTells(Layer layer) {
        List<Tensor> seen = new ArrayList<>();
        Observation observation = layer.observe((path, output) -> seen.add(output));
        Tensor y = layer.forward(Tensor.full(1, 1, 2, 4, 4));
        observation.close();
        assertEquals(1, seen.size(), layer::toString);
        assertSame(y, seen.getFirst());
    }
}
