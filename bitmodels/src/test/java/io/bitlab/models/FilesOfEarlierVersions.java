package io.bitlab.models;

import io.bitlab.core.embedding.EmbeddingFormat;
import io.bitlab.core.tensor.Tensor;
import io.bitlab.layers.StateDict;
import io.bitlab.layers.optim.AdamW;
import io.bitlab.layers.optim.Schedule;
import io.bitlab.models.io.folder.StateFile;
import io.bitlab.models.mlp.BitMlp;
import io.bitlab.models.mlp.BitMlpConfig;
import io.bitlab.models.train.Dataset;
import io.bitlab.models.train.Trainer;
import io.bitlab.models.train.TrainingListener;
import io.bitlab.models.transformer.BitTransformer;
import io.bitlab.models.transformer.BitTransformerConfig;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * What {@link EarlierFilesTest} reads, and the program that wrote it: a deployed transformer with an nf4 table, a
 * training that stopped in its second epoch, and the states with which both must agree. Written once; a file format
 * that changes gets a folder of its own beside this one.
 */
final class FilesOfEarlierVersions {

    static final String MODEL = "transformer";
    static final String CHECKPOINT = "training.safetensors";
    static final String TRAINED = "trained.safetensors";
    static final String LOGITS = "logits.safetensors";
    static final int[] PROMPT = {5, 12, 0, 39, 7};

    private FilesOfEarlierVersions() {
    }

    static Dataset samples() {
        float[] features = Tensor.randn(1, 60, 6).data();
        int[] labels = new int[60];
        for (int i = 0; i < labels.length; i++) {
            labels[i] = features[i * 6] > features[i * 6 + 1] ? 1 : 0;
        }
        return Dataset.of(features, labels);
    }

    static BitMlp network() {
        return AutoBitModel.fromConfig(
                BitMlpConfig.builder().nLayers(2).inChannels(6).hiddenDim(8).outChannels(2).dropout(0.1f).build(), 7);
    }

    static Trainer.Builder training(BitMlp network) {
        return Trainer.builder(network, new AdamW(network.parameters(), 0.01f)).epochs(3).batchSize(8).seed(3)
                .schedule(Schedule.cosine().withWarmUp(3)).clipNorm(1f);
    }

    public static void main(String[] arguments) throws IOException {
        Path folder = Path.of(arguments[0]);
        Files.createDirectories(folder);
        BitTransformer model = AutoBitModel.fromConfig(BitTransformerConfig.builder(40, 64, 2, 4)
                .numKeyValueHeads(2).maxPositionEmbeddings(32).embeddingFormat(EmbeddingFormat.NF4).build(), 3);
        model.deploy();
        AutoBitModel.save(model, folder.resolve(MODEL));
        StateFile.write(folder.resolve(LOGITS),
                new StateDict().put("logits", Tensor.of(model.newSession().append(PROMPT), 40)));

        BitMlp trained = network();
        training(trained).build().fit(samples(), null);
        StateFile.write(folder.resolve(TRAINED), trained.stateDict());
        training(network()).checkpoints(folder.resolve(CHECKPOINT), 0).listener(new TrainingListener() {
            @Override
            public void onStep(int epoch, int step, double loss, double accuracy) {
                if (epoch == 2 && step == 3) {
                    Thread.currentThread().interrupt();
                }
            }
        }).build().fit(samples(), null);
    }
}
