package io.bitlab.models.train;

import io.bitlab.core.memory.Workspace;
import io.bitlab.core.tensor.Autograd;
import io.bitlab.core.tensor.Tensor;
import io.bitlab.layers.Layer;
import io.bitlab.layers.optim.Optimizer;
import io.bitlab.models.transformer.BitTransformer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Objects;
import java.util.Set;

/** Checks before training begins. They change nothing; a failed check throws an exception that names the remedy. */
final class TrainingPreconditions {

    private TrainingPreconditions() {
    }

    /** The optimiser is that of the model, and settings don't contradict each other. */
    static TrainingSettings requireConsistent(TrainingSettings settings) {
        requireOwnParameters(settings.model(), settings.optimizer());
        if ((long) settings.batchSize() * settings.accumulate() > Integer.MAX_VALUE) {
            throw new IllegalArgumentException("Trainer: batchSize " + settings.batchSize() + " times accumulate "
                    + settings.accumulate() + " is more than " + Integer.MAX_VALUE + " samples a step; take fewer");
        }
        if (settings.exchange() != null && settings.accumulate() > 1) {
            throw new IllegalArgumentException("Trainer: accumulate is " + settings.accumulate() + " and there is a "
                    + "gradient exchange, whose " + settings.exchange().shards() + " shards already are accumulated; "
                    + "take larger batches and more shards");
        }
        if (settings.keepBest() && settings.average() != null && settings.average().isRawAtEnd()) {
            throw new IllegalArgumentException("Trainer: keepBest keeps the averaged weights of the best epoch, but "
                    + "the average leaves the raw weights at the end; leave out keepingRawAtEnd or keepBest");
        }
        return settings;
    }

    static int requirePositive(String field, int value) {
        if (value < 1) {
            throw new IllegalArgumentException("Trainer: " + field + " is " + value + ", expected at least 1");
        }
        return value;
    }

    static BitTransformer requireTransformer(TrainingSettings settings) {
        if (settings.model() instanceof BitTransformer model) {
            return model;
        }
        throw new IllegalArgumentException("Trainer.fit: a TokenDataset trains a BitTransformer, but the model is a "
                + settings.model().getClass().getSimpleName()
                + "; give the Trainer a language model, or fit a Dataset");
    }

    /** Data, optimiser and settings fit together. */
    static void requireReady(TrainingSettings settings, Object train, Object validation) {
        Objects.requireNonNull(train, "Trainer.fit: the training data is null");
        requireOwnParameters(settings.model(), settings.optimizer());
        requireValidation(settings, validation);
        requireFolder(settings.checkpoint());
    }

    /** No setting is for classifiers only. */
    static void requireNothingForClassifiers(TrainingSettings settings, String data) {
        if (settings.objective() != null || settings.augmentation() != null || settings.batchAugmentation() != null) {
            throw new IllegalArgumentException("Trainer.fit: an objective or an augmentation is set, and those are for "
                    + "classifiers; leave them out for " + data);
        }
    }

    /** The model is not deployed, and all parameters of the optimiser belong to it. */
    static void requireOwnParameters(Layer model, Optimizer optimizer) {
        if (model.layers().values().stream().anyMatch(layer -> layer.mode() == Layer.Mode.DEPLOYED)) {
            model.train(); // refuses, and says why
        }
        Set<Tensor> own = Collections.newSetFromMap(new IdentityHashMap<>());
        own.addAll(model.parameters());
        List<Tensor> foreign = optimizer.parameters().stream().filter(parameter -> !own.contains(parameter)).toList();
        if (!foreign.isEmpty()) {
            throw new IllegalArgumentException("Trainer: " + foreign.size() + " of the optimiser's "
                    + optimizer.parameters().size() + " parameters are not the model's, the first has the shape "
                    + Arrays.toString(foreign.getFirst().shape())
                    + "; make the optimiser from this model's parameters, "
                    + "as in new AdamW(model.parameters(), 1e-3f), after its layers were converted or tied");
        }
    }

    /** Something is left to learn. The model is in training. */
    static void requireSomethingToLearn(Optimizer optimizer) {
        if (optimizer.parameters().stream().noneMatch(Tensor::requiresGrad)) {
            throw new IllegalArgumentException("Trainer.fit: all " + optimizer.parameters().size()
                    + " parameters of the optimiser are frozen, so nothing would be trained; unfreeze() the layers "
                    + "that should learn");
        }
    }

    /** There is validation data for settings that depend on it. */
    private static void requireValidation(TrainingSettings settings, Object validation) {
        if (validation == null && (settings.keepBest() || settings.earlyStopping() != null)) {
            throw new IllegalArgumentException("Trainer.fit: " + (settings.keepBest() ? "keepBest" : "earlyStopping")
                    + " goes by the validation data, and there is none; give fit validation data, or leave it out");
        }
    }

    /** The folder of the checkpoint exists; otherwise hours of training would be lost at the first checkpoint. */
    private static void requireFolder(Path checkpoint) {
        Path folder = checkpoint == null ? null : checkpoint.toAbsolutePath().getParent();
        if (folder != null && !Files.isDirectory(folder)) {
            throw new UncheckedIOException(
                    new IOException("Trainer.fit: cannot write the checkpoint " + checkpoint + ": "
                            + folder + (Files.exists(folder) ? " is not a folder; choose another place"
                                    : " does not exist; create it")));
        }
    }

    /** The model accepts the samples, and has an output for each of their classes. */
    static void requireFit(Layer model, SampleSource train, SampleSource validation) {
        requireSamples("training", train);
        requireClasses("Trainer.fit: the training data", train, classes(model, train));
        if (validation != null) {
            requireSamples("validation", validation);
            int classes;
            try {
                classes = classes(model, validation);
            } catch (RuntimeException e) {
                throw new IllegalArgumentException("Trainer.fit: the model can't take the validation data, of "
                        + size(validation) + " features a sample (the training data has " + size(train) + "): "
                        + e.getMessage(), e);
            }
            requireClasses("Trainer.fit: the validation data", validation, classes);
        }
    }

    private static void requireSamples(String use, SampleSource data) {
        if (data.size() < 1) {
            throw new IllegalArgumentException("Trainer.fit: the " + use + " data has " + data.size()
                    + " samples, expected at least 1");
        }
    }

    /** The model has an output for each class of the data. */
    static void requireClasses(String what, SampleSource data, int classes) {
        for (int sample = 0; sample < data.size(); sample++) {
            if (data.label(sample) < 0 || data.label(sample) >= classes) {
                throw new IllegalArgumentException(what + " has the label " + data.label(sample) + " at sample "
                        + sample + ", but the model knows the classes 0 to "
                        + (classes - 1) + "; give the model an output for each class, or correct the label");
            }
        }
    }

    /** The number of features, or the shape of images. */
    private static String size(SampleSource data) {
        int[] shape = data.sampleShape();
        return shape.length == 1 ? Integer.toString(shape[0]) : Arrays.toString(shape);
    }

    /**
     * The number of logits for the first sample; computed in evaluation mode, where the forward pass changes nothing.
     */
    private static int classes(Layer model, SampleSource data) {
        boolean training = model.mode() == Layer.Mode.TRAIN;
        try {
            model.eval();
            int[] shape = new Workspace().call(() -> Autograd.noGrad(() -> model.forward(data.batch(0))).shape());
            return shape[shape.length - 1];
        } finally {
            if (training) {
                model.train();
            }
        }
    }
}
