package io.bitlab.layers.snippets;

import io.bitlab.core.BitQuantConfig;
import io.bitlab.layers.Layer;
import io.bitlab.layers.Linear;
import io.bitlab.layers.ReLU;
import io.bitlab.layers.Sequential;
import io.bitlab.layers.convert.Ternarizer;

/** Code in the Javadoc of {@code io.bitlab.layers.convert}; {@code SnippetsTest} runs it. */
final class ConvertSnippets {

    private ConvertSnippets() {
    }

    static void convert() {
        // @start region="convert"
        Layer network = new Sequential(new Linear(64, 128), new ReLU(), new Linear(128, 10));
        Layer ternary = Ternarizer.convert(network, BitQuantConfig.defaults(),
                (path, layer) -> !path.equals("2")); // the output layer stays float
        // @end
        ternary.eval();
    }
}
