package io.bitlab.models;

import io.bitlab.core.embedding.EmbeddingFormat;
import io.bitlab.core.tensor.Tensor;
import io.bitlab.layers.StateDict;
import io.bitlab.layers.optim.AdamW;
import io.bitlab.layers.optim.ParameterGroup;
import io.bitlab.layers.optim.Schedule;
import io.bitlab.models.io.folder.StateFile;
import io.bitlab.models.mlp.BitMlp;
import io.bitlab.models.mlp.BitMlpConfig;
import io.bitlab.models.train.Dataset;
import io.bitlab.models.train.TokenDataset;
import io.bitlab.models.train.Trainer;
import io.bitlab.models.train.TrainingListener;
import io.bitlab.models.transformer.BitTransformer;
import io.bitlab.models.transformer.BitTransformerConfig;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * What {@link EarlierFilesTest} reads, and the program that wrote it: a deployed transformer with an nf4 embedding,
 * trainings that stopped in their second epochs, and the states that must come of them. The files were written once; a
 * new version of a format gets a new folder.
 */
final class FilesOfEarlierVersions {

    static final String MODEL = "transformer";
    static final String CHECKPOINT = "training.safetensors";
    static final String TRAINED = "trained.safetensors";
    static final String LOGITS = "logits.safetensors";
    static final String LANGUAGE_CHECKPOINT = "language-training.safetensors";
    static final String LANGUAGE_TRAINED = "language-trained.safetensors";
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

    static TokenDataset tokens() {
        int[] tokens = new int[600];
        for (int i = 0; i < tokens.length; i++) {
            tokens[i] = i * i % 23;
        }
        return TokenDataset.of(tokens, 16);
    }

    static BitTransformer languageModel() {
        return AutoBitModel.fromConfig(
                BitTransformerConfig.builder(23, 16, 1, 2).maxPositionEmbeddings(16).dropout(0.1f).build(), 5);
    }

    static Trainer.Builder languageTraining(BitTransformer model) {
        return Trainer.builder(model, AdamW.builder().groups(ParameterGroup.splitByRank(model)).build()).epochs(3)
                .batchSize(4).seed(2).clipNorm(1f);
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
        stopped(training(network()), folder.resolve(CHECKPOINT)).fit(samples(), null);
        Thread.interrupted(); // how it was stopped

        BitTransformer languageModel = languageModel();
        languageTraining(languageModel).build().fit(tokens(), null);
        StateFile.write(folder.resolve(LANGUAGE_TRAINED), languageModel.stateDict());
        stopped(languageTraining(languageModel()), folder.resolve(LANGUAGE_CHECKPOINT)).fit(tokens(), null);
        Thread.interrupted();
    }

    /** A training that stops in its second epoch. */
    private static Trainer stopped(Trainer.Builder training, Path checkpoint) {
        return training.checkpoints(checkpoint, 0).listener(new TrainingListener() {
            @Override
            public void onStep(int epoch, int step, double loss, double accuracy) {
                if (epoch == 2 && step == 3) {
                    Thread.currentThread().interrupt();
                }
            }
        }).build();
    }
}
