package io.bitlab.models.snippets;

import io.bitlab.core.BitQuantConfig;
import io.bitlab.core.Granularity;
import io.bitlab.core.tensor.Tensor;
import io.bitlab.models.AutoBitModel;
import io.bitlab.models.mlp.BitMlp;
import io.bitlab.models.mlp.BitMlpConfig;

/** Snippets of the Javadoc in {@code io.bitlab.models.mlp}. */
final class MlpSnippets {

    private MlpSnippets() {
    }

    static void config() {
        // @start region="config"
        BitMlpConfig config = BitMlpConfig.builder().nLayers(3).inChannels(64).hiddenDim(128).outChannels(10)
                .dropout(0.1f)
                .quantConfig(BitQuantConfig.defaults().withWeightGranularity(Granularity.PER_CHANNEL))
                .build();
        // @end
        AutoBitModel.fromConfig(config);
    }

    static void model() {
        // @start region="model"
        BitMlp model = AutoBitModel.fromConfig(
                BitMlpConfig.builder().inChannels(64).outChannels(10).build(), 42); // seed
        Tensor logits = model.forward(Tensor.zeros(8, 64)); // [8, 10]
        // @end
        logits.size();
    }
}
