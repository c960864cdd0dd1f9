package io.bitlab.layers;

import java.util.Set;

/** Sets the initial values of a network, drawn from one seed. */
final class Initialization {

    private Initialization() {
    }

    /** Draws the parameters of every layer, a tied one as at its first path, and resets the buffers. */
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
            layer.node().buffers().values().forEach(Buffer::reset);
            layer.onInitialize(seed, path);
            layer.afterWeightChange();
        });
    }
}
