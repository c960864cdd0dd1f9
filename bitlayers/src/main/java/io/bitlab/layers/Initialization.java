package io.bitlab.layers;

import java.util.Set;

/** Draws the initial values of a network from one seed. */
final class Initialization {

    private Initialization() {
    }

    /** Draws the parameters of every layer; a tied one gets the values of its first path. */
    static void run(Layer root, long seed) {
        ModeSwitch.requireNotDeployed(root, "initialize");
        Set<String> tied = TiedParameter.firstPaths(root).keySet();
        root.layers().forEach((path, layer) -> {
            layer.node().parameters().forEach((name, parameter) -> {
                String parameterPath = LayerNode.join(path, name);
                if (!tied.contains(parameterPath)) {
                    parameter.draw(seed, parameterPath);
                }
            });
            layer.onInitialize(seed, path);
            layer.afterWeightChange();
        });
    }
}
