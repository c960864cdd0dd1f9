package io.bitlab.spark;

import io.bitlab.models.AutoBitModel;
import io.bitlab.models.BitModel;
import io.bitlab.models.tokenizer.Tokenizer;
import io.bitlab.models.tokenizer.Tokenizers;
import io.bitlab.models.transformer.BitTransformer;
import java.io.IOException;
import java.nio.file.Path;

/**
 * A model in evaluation. Tasks of a JVM share it.
 *
 * @param tokenizer of a language model; else null
 */
record LoadedModel(BitModel model, Tokenizer tokenizer) {

    static LoadedModel of(Path path) throws IOException {
        BitModel model = AutoBitModel.load(path);
        return new LoadedModel(model, model instanceof BitTransformer ? Tokenizers.ofModel(path) : null);
    }
}
