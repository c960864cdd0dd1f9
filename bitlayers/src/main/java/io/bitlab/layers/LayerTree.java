package io.bitlab.layers;

import io.bitlab.core.tensor.Tensor;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.SequencedMap;
import java.util.Set;
import java.util.function.BiFunction;

/** The tree of layers below a root: its layers, each once and under its first path, and what follows from them. */
final class LayerTree {

    private LayerTree() {
    }

    /** All layers by path, parents before their children. */
    static SequencedMap<String, Layer> layers(Layer root) {
        SequencedMap<String, Layer> all = new LinkedHashMap<>();
        collect(root, "", all, Collections.newSetFromMap(new IdentityHashMap<>()));
        return all;
    }

    private static void collect(Layer layer, String path, SequencedMap<String, Layer> all, Set<Layer> seen) {
        if (seen.add(layer)) {
            all.put(path, layer);
            layer.node().children()
                    .forEach((name, child) -> collect(child, LayerNode.join(path, name), all, seen));
        }
    }

    /** All parameters by path, each tensor once. */
    static SequencedMap<String, Tensor> namedParameters(Layer root) {
        SequencedMap<String, Tensor> named = new LinkedHashMap<>();
        Set<Tensor> seen = Collections.newSetFromMap(new IdentityHashMap<>());
        layers(root).forEach((path, layer) -> layer.node().parameters().forEach((name, parameter) -> {
            if (seen.add(parameter.tensor())) {
                named.put(LayerNode.join(path, name), parameter.tensor());
            }
        }));
        return named;
    }

    /** All buffers by path. */
    static SequencedMap<String, Tensor> namedBuffers(Layer root) {
        SequencedMap<String, Tensor> named = new LinkedHashMap<>();
        layers(root).forEach((path, layer) -> layer.node().buffers()
                .forEach((name, buffer) -> named.put(LayerNode.join(path, name), buffer.tensor())));
        return named;
    }

    static long parameterCount(Layer root) {
        return layers(root).values().stream().mapToLong(Layer::ownParameterCount).sum()
                - TiedParameter.in(root).stream().mapToLong(TiedParameter::parameterCount).sum();
    }

    static MemoryFootprint memory(Layer root) {
        MemoryFootprint all = layers(root).values().stream().map(LayerTree::ownMemory).reduce(MemoryFootprint.NONE,
                MemoryFootprint::plus);
        return TiedParameter.in(root).stream().map(TiedParameter::memory).reduce(all, MemoryFootprint::minus);
    }

    private static MemoryFootprint ownMemory(Layer layer) {
        return layer.node().buffers().values().stream().map(Buffer::memory).reduce(layer.ownMemory(),
                MemoryFootprint::plus);
    }

    /** Replaces layers, children before their parents; returns the replacement of the root. */
    static Layer replace(Layer root, BiFunction<String, Layer, Layer> replacement) {
        return replace(root, "", replacement, new IdentityHashMap<>());
    }

    private static Layer replace(Layer layer, String path, BiFunction<String, Layer, Layer> replacement,
            Map<Layer, Layer> done) {
        Layer known = done.get(layer);
        if (known != null) {
            return known;
        }
        layer.node().children().replaceAll((name, child) -> {
            Layer replaced = replace(child, LayerNode.join(path, name), replacement, done);
            replaced.node().adoptedBy(layer.node(), name);
            if (replaced != child) {
                replaced.succeed(child);
                layer.weightsChanged();
            }
            return replaced;
        });
        Layer result = replacement.apply(path, layer);
        done.put(layer, result);
        return result;
    }

    /** One layer a line, with its parameter count. */
    static String print(Layer root) {
        StringBuilder text = new StringBuilder();
        append(root, text, "", "");
        return text.toString();
    }

    private static void append(Layer layer, StringBuilder text, String label, String indent) {
        text.append(label).append(layer.describe());
        if (layer.parameterCount() > 0) {
            text.append(String.format(Locale.ROOT, "  %,d parameters", layer.parameterCount()));
        }
        int left = layer.node().children().size();
        for (Map.Entry<String, Layer> child : layer.node().children().entrySet()) {
            boolean last = --left == 0;
            text.append('\n').append(indent).append(last ? "└─ " : "├─ ");
            append(child.getValue(), text, child.getKey() + ": ", indent + (last ? "   " : "│  "));
        }
    }
}
