package io.bitlab.models.snippets;

import io.bitlab.layers.Layer;
import io.bitlab.layers.LoadReport;
import io.bitlab.models.io.folder.NameMapping;
import io.bitlab.models.io.folder.StateFile;
import java.io.IOException;
import java.nio.file.Path;

/** Snippets of the Javadoc of {@code io.bitlab.models.io.folder}. */
final class FolderSnippets {

    private FolderSnippets() {}

    static LoadReport loadMatching(Layer network) throws IOException {
        // @start region="loadMatching"
        NameMapping names = NameMapping.NONE.replace("^fc(\\d)", "linear$1");
        LoadReport report = network.loadMatching(StateFile.read(Path.of("model.safetensors"), names));
        // report.toString(): 4 fit, missing [], unexpected [], other shapes []
        // @end
        return report;
    }

    static NameMapping nameMapping() {
        // @start region="nameMapping"
        NameMapping names = NameMapping.NONE
                .replace("^model\\.", "") // model.fc1.weight -> fc1.weight
                .replace("^fc(\\d+)\\.", "linear$1.") // fc1.weight -> linear1.weight
                .drop("num_batches_tracked$"); // left out
        // @end
        return names;
    }
}
