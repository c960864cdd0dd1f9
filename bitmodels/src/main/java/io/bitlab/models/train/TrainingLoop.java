package io.bitlab.models.train;

import io.bitlab.core.math.CounterRandom;
import io.bitlab.core.quant.NonFiniteException;
import io.bitlab.layers.Layer;
import io.bitlab.models.internal.ModelEvents;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Objects;
import java.util.stream.IntStream;

/** One run of a {@link Trainer}: epochs of steps, with validation, listeners, checkpoints and early stopping. */
final class TrainingLoop {

    private final TrainingSettings settings;
    private final Layer model;
    private final Task task;
    private final TrainingStep steps;
    private final int stepsPerEpoch;
    private final Checkpointing checkpointing;
    private final TrainingState state = new TrainingState();
    private final ShutdownHook hook = new ShutdownHook();

    TrainingLoop(TrainingSettings settings, Task task) {
        this.settings = settings;
        this.model = settings.model();
        this.task = task;
        this.steps = new TrainingStep(settings, task);
        this.stepsPerEpoch = steps.stepsPerEpoch();
        this.checkpointing = new Checkpointing(settings, task, steps);
    }

    List<EpochResult> run() {
        enterTraining();
        settings.optimizer().zeroGrad(); // of an earlier use
        if (settings.stopOnShutdown()) {
            hook.add();
        }
        try (Ending _ = hook::remove;
                Ending _ = this::notifyEnd;
                Ending _ = this::cleanUp;
                BatchPrefetcher batches = new BatchPrefetcher(task)) {
            settings.listeners().forEach(listener -> listener.onStart(settings.epochs(), stepsPerEpoch,
                    task.targetsPerEpoch()));
            if (settings.average() != null) {
                settings.average().start(steps.parameters());
            }
            checkpointing.resume(state);
            while (state.epoch() <= settings.epochs() && !stopsEarly() && !isInterrupted()) {
                runEpoch(batches);
            }
            end();
            return List.copyOf(state.results());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Gives the model the weights that training ends with; an interrupted one can go on with those that it has. */
    private void end() throws IOException {
        if (settings.average() != null) {
            settings.average().end(model);
        }
        if (isInterrupted()) {
            return;
        }
        boolean best = settings.keepBest() && !state.best().isEmpty();
        if (best) {
            TrainingCheckpoint.restore(state.best(), steps.weights(), "best epoch");
        }
        if (settings.average() != null) {
            settings.average().leaveIn(model, best);
        }
    }

    private void enterTraining() {
        boolean evaluated = model.mode() == Layer.Mode.EVAL;
        model.train();
        try {
            TrainingPreconditions.requireSomethingToLearn(settings.optimizer());
        } catch (IllegalArgumentException e) {
            if (evaluated) {
                model.eval();
            }
            throw e;
        }
    }

    /** Runs however training ends. An exception here is suppressed if training failed itself. */
    private interface Ending extends AutoCloseable {
        @Override
        void close();
    }

    private void cleanUp() {
        steps.reset();
        if (model.mode() == Layer.Mode.EVAL) { // the validation or a listener failed
            model.train();
        }
    }

    private void notifyEnd() {
        RuntimeException failed = null;
        for (TrainingListener listener : settings.listeners()) {
            try {
                listener.onEnd();
            } catch (RuntimeException e) {
                if (failed == null) {
                    failed = e;
                } else {
                    failed.addSuppressed(e);
                }
            }
        }
        if (failed != null) {
            throw failed;
        }
    }

    private boolean isInterrupted() {
        return hook.isCalled() || Thread.currentThread().isInterrupted();
    }

    private boolean stopsEarly() {
        return settings.earlyStopping() != null && task.validation() != null
                && state.epochsWithoutRise(settings.earlyStopping().minDelta(), this::value) >= settings
                        .earlyStopping().patience();
    }

    /** What the epoch is judged by: the averaged weights, unless it is of before there were any. */
    private double value(EpochResult result) {
        boolean averaged = settings.average() != null && !result.averaged().measures().isEmpty();
        return (averaged ? result.averaged() : result.validation()).value();
    }

    private void runEpoch(BatchPrefetcher batches) throws IOException {
        state.startClock();
        int[] order = IntStream.range(0, task.samples()).toArray();
        new CounterRandom(settings.seed(), state.epoch()).shuffle(order);
        boolean stops;
        do { // at least one step, so that there is a loss to report
            runStep(batches, order);
            boolean due = settings.checkpointEvery() > 0 && state.step() % settings.checkpointEvery() == 0;
            stops = isInterrupted(); // once: what ends the loop also writes the checkpoint
            if (state.step() < stepsPerEpoch && (due || stops)) {
                checkpointing.write(state);
            }
        } while (state.step() < stepsPerEpoch && !stops);
        if (state.step() < stepsPerEpoch && checkpointing.isEnabled()) {
            return; // the run that resumes from the checkpoint finishes the epoch
        }
        EpochResult result = finishEpoch();
        checkpointing.write(state); // before listeners, which may fail
        settings.listeners().forEach(listener -> listener.onEpoch(result));
        if (model.mode() != Layer.Mode.TRAIN) { // a listener evaluated the model
            model.train();
        }
    }

    private void runStep(BatchPrefetcher batches, int[] order) {
        double loss = steps.run(batches, order, state);
        for (TrainingListener listener : settings.listeners()) {
            listener.onStep(state.epoch(), state.step(), loss, state.accuracy());
        }
    }

    private EpochResult finishEpoch() {
        Task.Validation validation = task.validation();
        Task.Score validated = validation == null ? Task.Score.NONE : validate(validation);
        WeightAverage average = settings.average();
        Task.Score averaged = validation == null || average == null ? Task.Score.NONE
                : average.applied(() -> validate(validation));
        EpochResult result = state.addResult(validated, averaged);
        if (state.isBest(value(result))) {
            state.setBest(value(result));
            if (settings.keepBest()) {
                state.keepBest(average == null ? TrainingCheckpoint.copy(steps.weights())
                        : average.applied(() -> TrainingCheckpoint.copy(steps.weights())));
            }
        }
        state.nextEpoch();
        ModelEvents.epoch(result.epoch(), result.loss(), result.seconds());
        return result;
    }

    private Task.Score validate(Task.Validation validation) {
        model.eval();
        Task.Score score;
        try {
            score = Objects.requireNonNull(validation.score(),
                    "Trainer: the score of the task's validation is null; return Task.Score.NONE if there is none");
        } catch (NonFiniteException e) {
            throw new DivergedException(
                    "Trainer: the validation after epoch " + state.epoch() + " stops with: " + e.getMessage(), e);
        }
        model.train();
        return score;
    }
}
