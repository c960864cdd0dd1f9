package io.bitlab.models.snippets;

import io.bitlab.models.io.JsonObject;
import java.util.Map;

/** Compiled snippets of the Javadoc of {@code io.bitlab.models.io}. */
final class IoSnippets {

    private IoSnippets() {}

    record ResidualConfig(int features, int blocks) {}

    static ResidualConfig jsonObject(Map<String, ?> members) {
        // @start region="jsonObject"
        JsonObject json = JsonObject.of("ResidualConfig", members);
        int features = json.integer("features");
        int blocks = json.integer("blocks", 2); // 2 if it is missing
        json.requireNothingElse(); // refuses "blokcs"
        // @end
        return new ResidualConfig(features, blocks);
    }
}
