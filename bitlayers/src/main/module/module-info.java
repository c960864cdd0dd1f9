/** What a ternary network is made of: layers, losses, optimisers, conversion. */
module io.bitlab.layers {
    requires transitive io.bitlab.core;

    exports io.bitlab.layers;
    exports io.bitlab.layers.attention;
    exports io.bitlab.layers.convert;
    exports io.bitlab.layers.loss;
    exports io.bitlab.layers.optim;
}
