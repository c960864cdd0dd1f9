package io.bitlab.models.train;

import io.bitlab.core.memory.Workspace;
import io.bitlab.core.tensor.Autograd;
import io.bitlab.core.tensor.Tensor;
import io.bitlab.layers.Layer;
import io.bitlab.layers.optim.Optimizer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;

/** Checks before training begins. They change nothing; a failed check throws an exception that names the remedy. */
final class TrainingPreconditions {

    private TrainingPreconditions() {
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
    static void requireValidation(Trainer.Settings settings, Object validation) {
        if (validation == null && (settings.keepBest() || settings.earlyStopping() != null)) {
            throw new IllegalArgumentException("Trainer.fit: " + (settings.keepBest() ? "keepBest" : "earlyStopping")
                    + " goes by the validation data, and there is none; give fit validation data, or leave it out");
        }
    }

    /** The folder of the checkpoint exists; otherwise hours of training would be lost at the first checkpoint. */
    static void requireFolder(Path checkpoint) {
        Path folder = checkpoint == null ? null : checkpoint.toAbsolutePath().getParent();
        if (folder != null && !Files.isDirectory(folder)) {
            throw new UncheckedIOException(
                    new IOException("Trainer.fit: cannot write the checkpoint " + checkpoint + ": "
                            + folder + (Files.exists(folder) ? " is not a folder; choose another place"
                                    : " does not exist; create it")));
        }
    }

    /** The model accepts the samples, and has an output for each of their classes. */
    static void requireFit(Layer model, Dataset train, Dataset validation) {
        requireClasses("Trainer.fit: the training data", train, classes(model, train));
        if (validation != null) {
            int classes;
            try {
                classes = classes(model, validation);
            } catch (RuntimeException e) {
                throw new IllegalArgumentException("Trainer.fit: the model can't take the validation data, of "
                        + validation.featureCount() + " features a sample (the training data has "
                        + train.featureCount() + "): " + e.getMessage(), e);
            }
            requireClasses("Trainer.fit: the validation data", validation, classes);
        }
    }

    /** The model has an output for each class of the data. */
    static void requireClasses(String what, Dataset data, int classes) {
        int sample = data.firstLabelFrom(classes);
        if (sample >= 0) {
            throw new IllegalArgumentException(what + " has the label " + data.labels(sample)[0] + " at sample "
                    + sample + ", but the model knows the classes 0 to "
                    + (classes - 1) + "; give the model an output for each class, or correct the label");
        }
    }

    /**
     * The number of logits for the first sample; computed in evaluation mode, where the forward pass changes nothing.
     */
    private static int classes(Layer model, Dataset data) {
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
