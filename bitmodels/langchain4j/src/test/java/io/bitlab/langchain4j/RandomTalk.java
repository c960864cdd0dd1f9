package io.bitlab.langchain4j;

import io.bitlab.models.AutoBitModel;
import io.bitlab.models.generate.SamplingConfig;
import io.bitlab.models.generate.TextGenerator;
import io.bitlab.models.transformer.BitTransformer;
import io.bitlab.models.transformer.BitTransformerConfig;
import java.util.List;

/** A tiny ternary transformer with random weights: it babbles, but always the same. */
final class RandomTalk {

    /** The ids of the special tokens. */
    static final List<Integer> SPECIAL = List.of(0, 1);

    private RandomTalk() {
    }

    /** 40 tokens an answer, without an end; a context of 200. */
    static TextGenerator generator() {
        WordTokenizer tokenizer = WordTokenizer.of(List.of());
        // a wide initialisation, so that what was said before has a large influence
        BitTransformer model =
                AutoBitModel.fromConfig(BitTransformerConfig.builder(tokenizer.vocabularySize(), 32, 1, 2)
                        .maxPositionEmbeddings(200).initializerRange(0.5f).build(), 3);
        model.eval();
        return TextGenerator.builder(model, tokenizer).sampling(SamplingConfig.TEXT.withSeed(5)).maxTokens(40)
                .logits(() -> (logits, text, length) -> SPECIAL.forEach(id -> logits[id] = Float.NEGATIVE_INFINITY))
                .build();
    }
}
