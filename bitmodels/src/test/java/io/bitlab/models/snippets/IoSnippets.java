package io.bitlab.models.snippets;

import io.bitlab.models.io.AtomicFile;
import io.bitlab.models.io.Json;
import io.bitlab.models.io.JsonObject;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;

/** Snippets of the Javadoc of {@code io.bitlab.models.io}. */
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

    static void replace(Map<String, Object> settings) throws IOException {
        // @start region="replace"
        AtomicFile.replace(Path.of("settings.json"), Json.pretty(settings)); // all of it, or the file is as before
        Map<String, Object> read = Json.read(Path.of("settings.json"));
        // @end
        settings.putAll(read);
    }
}
