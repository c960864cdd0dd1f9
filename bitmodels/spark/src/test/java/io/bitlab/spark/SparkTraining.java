package io.bitlab.spark;

import io.bitlab.core.tensor.Tensor;
import io.bitlab.layers.Layer;
import io.bitlab.layers.optim.AdamW;
import io.bitlab.models.AutoBitModel;
import io.bitlab.models.mlp.BitMlp;
import io.bitlab.models.mlp.BitMlpConfig;
import io.bitlab.models.train.Dataset;
import io.bitlab.models.train.GradientExchange;
import io.bitlab.models.train.ShardWorker;
import io.bitlab.models.train.Trainer;
import java.util.stream.IntStream;

/** A small training, for the trainer and its workers. */
final class SparkTraining {

    private SparkTraining() {
    }

    static BitMlp model(int hidden) {
        return AutoBitModel.fromConfig(BitMlpConfig.builder().nLayers(3).inChannels(20).hiddenDim(hidden)
                .outChannels(4).dropout(0.1f).build(), 42);
    }

    static Dataset data() {
        return Dataset.of(Tensor.randn(3, 200, 20).toArray(), IntStream.range(0, 200).map(i -> i % 4).toArray());
    }

    static Trainer.Builder trainer(Layer model) {
        return Trainer.builder(model, new AdamW(model.parameters(), 1e-2f)).epochs(2).batchSize(64).seed(6);
    }

    static ShardWorker worker(int hidden) {
        return ShardWorker.of(trainer(model(hidden)).build(), data());
    }

    /** Trains, and returns all weights. */
    static float[] weights(GradientExchange exchange, int hidden) {
        BitMlp model = model(hidden);
        trainer(model).gradientExchange(exchange).build().fit(data(), null);
        return ShardWorker.of(trainer(model).build(), data()).state();
    }
}
