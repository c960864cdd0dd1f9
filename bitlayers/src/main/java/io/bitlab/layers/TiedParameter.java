package io.bitlab.layers;

import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;

/**
 * A parameter that a network declares a second time. It is counted, drawn and saved under its first path only.
 *
 * @param path where it is declared again
 * @param firstPath where it was declared first
 * @param layer the layer that declares it again
 * @param parameter the parameter as that layer declares it
 */
record TiedParameter(String path, String firstPath, Layer layer, Parameter parameter) {

    /** All tied parameters of a network, in the order of its layers. */
    static List<TiedParameter> in(Layer network) {
        Map<Object, String> firstPaths = new IdentityHashMap<>();
        List<TiedParameter> tied = new ArrayList<>();
        network.layers().forEach((path, layer) -> layer.node().parameters().forEach((name, parameter) -> {
            String parameterPath = LayerNode.join(path, name);
            String first = firstPaths.putIfAbsent(parameter.identity(), parameterPath);
            if (first != null) {
                tied.add(new TiedParameter(parameterPath, first, layer, parameter));
            }
        }));
        return tied;
    }

    /** First path by path of all tied parameters. */
    static SequencedMap<String, String> firstPaths(Layer network) {
        SequencedMap<String, String> firstPaths = new LinkedHashMap<>();
        in(network).forEach(tied -> firstPaths.put(tied.path, tied.firstPath));
        return firstPaths;
    }

    long parameterCount() {
        return parameter.size();
    }

    /** What the second declaration doesn't take, although its layer reports it. */
    MemoryFootprint memory() {
        return layer.savedByTying(parameter);
    }
}
