package io.bitlab.models.snippets;

import io.bitlab.layers.Layer;
import io.bitlab.layers.optim.AdamW;
import io.bitlab.layers.optim.Optimizer;
import io.bitlab.layers.optim.Schedule;
import io.bitlab.models.train.Augmentation;
import io.bitlab.models.train.Dataset;
import io.bitlab.models.train.DivergedException;
import io.bitlab.models.train.EpochResult;
import io.bitlab.models.train.Evaluation;
import io.bitlab.models.train.Objective;
import io.bitlab.models.train.Objectives;
import io.bitlab.models.train.ProgressReport;
import io.bitlab.models.train.TokenDataset;
import io.bitlab.models.train.Trainer;
import io.bitlab.models.train.TrainingListener;
import io.bitlab.models.transformer.BitTransformer;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/** Snippets in the Javadoc of {@link io.bitlab.models.train}. */
final class TrainSnippets {

    private TrainSnippets() {}

    static void classifier(Layer model, Dataset data) {
        // @start region="classifier"
        Dataset.Split split = data.split(0.2, 1);
        List<EpochResult> history = Trainer.builder(model, new AdamW(model.parameters(), 1e-3f))
                .epochs(20).batchSize(64).seed(1)
                .listener(new ProgressReport("ternary", System.out))
                .build()
                .fit(split.train(), split.test());
        System.out.println("accuracy " + history.getLast().validationAccuracy());
        // @end
    }

    static void languageModel(BitTransformer model, int... tokens) {
        // @start region="languageModel"
        TokenDataset.Split text = TokenDataset.of(tokens, 256).split(0.1);
        List<EpochResult> history = Trainer.builder(model, new AdamW(model.parameters(), 2e-3f))
                .epochs(5).batchSize(16).clipNorm(1f)
                .build()
                .fit(text.train(), text.validation());
        System.out.println("perplexity " + history.getLast().perplexity());
        // @end
    }

    static List<EpochResult> trainer(Layer model, Optimizer optimizer, Dataset train, Dataset validation) {
        // @start region="trainer"
        Trainer trainer = Trainer.builder(model, optimizer)
                .epochs(20)
                .batchSize(128)
                .schedule(Schedule.cosine())
                .checkpoints(Path.of("run.checkpoint"), 500)
                .build();
        List<EpochResult> history = trainer.fit(train, validation);
        // @end
        return history;
    }

    static List<EpochResult> diverged(Trainer trainer, Dataset train, Dataset validation) {
        // @start region="diverged"
        try {
            return trainer.fit(train, validation);
        } catch (DivergedException e) {
            System.err.println(e.getMessage()); // names the step and the layer
            throw e;
        }
        // @end
    }

    static void tokens(Trainer trainer, int... tokens) {
        // @start region="tokens"
        TokenDataset.Split data = TokenDataset.of(tokens, 256).split(0.1);
        trainer.fit(data.train(), data.validation());
        // @end
    }

    static Dataset.Split dataset() throws IOException {
        // @start region="dataset"
        Dataset digits = Dataset.readIdx(
                Path.of("train-images-idx3-ubyte.gz"), Path.of("train-labels-idx1-ubyte.gz"));
        Dataset.Split split = digits.split(0.1, 42); // 10 % of each class for testing
        // @end
        return split;
    }

    static Augmentation augmentation() {
        // @start region="augmentation"
        Augmentation augmentation = Augmentation.flip(28, 28).andThen(Augmentation.shift(28, 28, 2));
        // @end
        return augmentation;
    }

    static Objective objective(Objective penalty) {
        // @start region="objective"
        Objective crossEntropy = Objectives.crossEntropy(0.1f);
        Objective objective = (logits, batch, labels) -> crossEntropy.loss(logits, batch, labels)
                .add(penalty.loss(logits, batch, labels).mul(0.01f));
        // @end
        return objective;
    }

    static Trainer distillation(Layer teacher, Layer student) {
        // @start region="distillation"
        Trainer trainer = Trainer.builder(student, new AdamW(student.parameters(), 1e-3f))
                .objective(Objectives.distillation(teacher, 4f, 0.1f))
                .build();
        // @end
        return trainer;
    }

    static void evaluation(Layer model, Dataset test) {
        // @start region="evaluation"
        model.eval();
        System.out.println("accuracy " + Evaluation.accuracy(model, test));
        // @end
    }

    static TrainingListener listener() {
        // @start region="listener"
        TrainingListener listener = new TrainingListener() {
            @Override
            public void onEpoch(EpochResult result) {
                System.out.println(result.epoch() + ": " + result.validationAccuracy());
            }
        };
        // @end
        return listener;
    }

    static void progress(Trainer.Builder trainer) {
        // @start region="progress"
        trainer.listener(new ProgressReport("ternary", System.out));
        // @end
    }
}
