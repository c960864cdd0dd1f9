package io.bitlab.models.train;

import io.bitlab.core.tensor.Tensor;
import io.bitlab.layers.optim.Optimizer;
import io.bitlab.layers.optim.OptimizerState;
import io.bitlab.models.internal.Uninterrupted;
import io.bitlab.models.io.ModelFormatException;
import java.io.IOException;
import java.nio.file.Files;
import java.util.LinkedHashMap;
import java.util.SequencedMap;

/** Writes the checkpoints of a training, and resumes it from one; does nothing without a checkpoint file. */
final class Checkpointing {

    private final TrainingSettings settings;
    private final Task task;
    private final TrainingStep steps;
    private final Optimizer optimizer;
    private final SequencedMap<String, Tensor> weights;
    private SequencedMap<String, String> fingerprint; // from resume on

    Checkpointing(TrainingSettings settings, Task task, TrainingStep steps) {
        this.settings = settings;
        this.task = task;
        this.steps = steps;
        this.optimizer = settings.optimizer();
        this.weights = steps.weights();
    }

    boolean isEnabled() {
        return settings.checkpoint() != null;
    }

    void write(TrainingState state) throws IOException {
        if (!isEnabled()) {
            return;
        }
        TrainingCheckpoint.Progress progress = state.snapshot();
        SequencedMap<String, String> facts = new LinkedHashMap<>(fingerprint);
        facts.putAll(steps.probe(state));
        new TrainingCheckpoint(facts, progress, TrainingCheckpoint.live(weights), optimizer.state(), state.best(),
                settings.average() == null ? new LinkedHashMap<>() : settings.average().values())
                .write(settings.checkpoint());
    }

    /**
     * Resumes from the checkpoint, if there is one. Called once, before the first step.
     *
     * @param state modified: becomes that of the checkpoint
     * @throws IllegalStateException if the checkpoint is from a training with other settings, data or code; model and
     *     optimiser are unchanged then
     */
    void resume(TrainingState state) throws IOException {
        if (!isEnabled()) {
            return;
        }
        fingerprint = TrainingFingerprint.of(settings, task, steps.stepsPerEpoch());
        if (!Uninterrupted.call(() -> Files.exists(settings.checkpoint()))) {
            return;
        }
        String source = settings.checkpoint().toString();
        TrainingCheckpoint checkpoint = TrainingCheckpoint.read(settings.checkpoint());
        requireSame(source, TrainingFingerprint.difference(checkpoint.settings(), fingerprint));
        SequencedMap<String, float[]> initial = TrainingCheckpoint.copy(weights);
        OptimizerState initialState = optimizer.state();
        TrainingCheckpoint.requireFit(checkpoint.weights(), weights, source);
        if (!checkpoint.average().isEmpty()) {
            TrainingCheckpoint.requireFit(checkpoint.average(), steps.parameters(), source);
        }
        try {
            optimizer.loadState(checkpoint.optimizer());
        } catch (IllegalArgumentException e) {
            throw new ModelFormatException(source, e.getMessage(), e);
        }
        TrainingCheckpoint.restore(checkpoint.weights(), weights, source);
        state.restore(checkpoint.progress());
        try {
            requireSame(source, probeDifference(checkpoint, state));
        } catch (RuntimeException e) {
            TrainingCheckpoint.restore(initial, weights, source);
            optimizer.loadState(initialState);
            throw e;
        }
        // a parameter that had gradients has some for good, if only zeros: momentum and decay go on in every step
        long[] parameterSteps = checkpoint.optimizer().steps();
        for (int i = 0; i < parameterSteps.length; i++) {
            if (parameterSteps[i] > 0) {
                optimizer.parameters().get(i).gradBuffer();
            }
        }
        state.keepBest(checkpoint.best());
        if (settings.keepBest()) {
            state.forgetBestWithoutWeights();
        }
        if (settings.average() != null) {
            settings.average().start(steps.parameters());
            if (!checkpoint.average().isEmpty()) {
                settings.average().restore(checkpoint.average());
            }
        }
        if (!fingerprint.get(TrainingFingerprint.STEPS)
                .equals(checkpoint.settings().get(TrainingFingerprint.STEPS))) {
            state.restartEpoch();
        }
    }

    private void requireSame(String source, String difference) {
        if (difference != null && !settings.resumeWithChanges()) {
            throw new IllegalStateException("Trainer: the checkpoint " + source + " is of another training: "
                    + difference + "; go on with the same settings, data and code, or knowingly with others "
                    + "(resumeWithChanges), or delete the file to start over");
        }
    }

    /** Null also if the results differ from call to call: then nothing can be concluded from them. */
    private String probeDifference(TrainingCheckpoint checkpoint, TrainingState state) {
        SequencedMap<String, String> probe = steps.probe(state);
        String dropped = TrainingFingerprint.dropped(checkpoint.settings(), fingerprint, probe);
        if (dropped != null) {
            return dropped;
        }
        String difference = TrainingFingerprint.difference(checkpoint.settings(), probe);
        return difference == null || !probe.equals(steps.probe(state)) ? null : difference;
    }
}
