package io.bitlab.layers;

import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;

/**
 * A parameter in a second place of a network: it is counted, drawn and saved in the first one only.
 *
 * @param path the second place
 * @param firstPath the first place
 * @param layer the layer that declares it in the second place
 * @param parameter the parameter as declared there
 */
record Tie(String path, String firstPath, Layer layer, Parameter parameter) {

    /** All ties of a network, in the order of its layers. */
    static List<Tie> in(Layer network) {
        Map<Object, String> firstPaths = new IdentityHashMap<>();
        List<Tie> ties = new ArrayList<>();
        network.layers().forEach((path, layer) -> layer.ownParameters().forEach((name, parameter) -> {
            String place = Layer.join(path, name);
            String first = firstPaths.putIfAbsent(parameter.identity(), place);
            if (first != null) {
                ties.add(new Tie(place, first, layer, parameter));
            }
        }));
        return ties;
    }

    /** The first path of each tied parameter, by its second path. */
    static SequencedMap<String, String> firstPaths(Layer network) {
        SequencedMap<String, String> firstPaths = new LinkedHashMap<>();
        in(network).forEach(tie -> firstPaths.put(tie.path, tie.firstPath));
        return firstPaths;
    }

    long parameterCount() {
        return parameter.size();
    }

    Memory memory() {
        return layer.savedByTying(parameter);
    }
}
