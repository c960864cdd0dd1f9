package io.bitlab.examples;

import io.bitlab.core.tensor.Tensor;
import io.bitlab.layers.optim.AdamW;
import io.bitlab.models.AutoBitModel;
import io.bitlab.models.mlp.BitMlp;
import io.bitlab.models.mlp.BitMlpConfig;
import io.bitlab.models.train.Dataset;
import io.bitlab.models.train.Trainer;
import java.nio.file.Path;

public final class Quickstart {
    public static void main(String[] args) throws Exception {
        float[] features = Tensor.randn(1, 1000, 16).toArray(); // your data: 1000 samples of 16 features
        int[] labels = new int[1000];
        for (int i = 0; i < labels.length; i++) {
            labels[i] = features[16 * i] > features[16 * i + 1] ? 1 : 0;
        }
        BitMlp model = AutoBitModel.fromConfig(
                BitMlpConfig.builder().nLayers(3).inChannels(16).hiddenDim(64).outChannels(2).build(), 42);
        Trainer.builder(model, new AdamW(model.parameters(), 1e-3f)).epochs(20).build()
                .fit(Dataset.of(features, labels), null);
        model.deploy(); // ternary weights only: immutable, safe to share between threads
        AutoBitModel.save(model, Path.of("target/quickstart-model"));
        System.out.println("class " + model.forward(Tensor.randn(2, 1, 16)).argmax()[0]);
    }
}
