package io.bitlab.cli.train;

import io.bitlab.models.io.folder.ModelFolder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** The folder that a training saves into at its end. */
final class OutputFolder {

    private OutputFolder() {
    }

    /**
     * Checks before the training that the model can be saved after it.
     *
     * @param out the folder, or where it is to be made
     * @throws IOException if it can't be made or written to, or holds another program's model: the message names what
     *     is in the way
     */
    static void check(Path out) throws IOException {
        Path existing = out.toAbsolutePath();
        while (!Files.exists(existing) && existing.getParent() != null) {
            existing = existing.getParent();
        }
        if (!Files.isDirectory(existing) || !Files.isWritable(existing)) {
            throw new IOException("--out " + out + ": " + existing + " is not a folder that can be written to; choose "
                    + "another, nothing was trained yet");
        }
        if ((Files.exists(out.resolve("config.json")) || Files.exists(out.resolve("model.safetensors")))
                && !ModelFolder.isHere(out)) {
            throw new IOException("--out " + out + ": there is a model of another program, which would be replaced, or "
                    + "a damaged one; choose another folder, or remove it");
        }
    }
}
