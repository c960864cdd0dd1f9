package io.bitlab.models.train;

import io.bitlab.core.math.CounterRandom;
import io.bitlab.core.memory.Workspace;
import io.bitlab.core.tensor.Tensor;
import io.bitlab.layers.Layer;
import io.bitlab.layers.TernaryLayer;
import io.bitlab.layers.optim.GradientClipping;
import io.bitlab.layers.optim.GradientException;
import io.bitlab.layers.optim.Optimizer;
import io.bitlab.layers.optim.OptimizerState;
import io.bitlab.models.internal.Uninterrupted;
import io.bitlab.models.io.ModelFormatException;
import io.bitlab.models.train.TrainingCheckpoint.Progress;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.stream.IntStream;

/** One run of a {@link Trainer}: the counters of {@link Progress}, moved on step by step. */
final class TrainingLoop {

    private final Trainer.Settings settings;
    private final Layer model;
    private final Optimizer optimizer;
    private final Task task;
    private final int samplesPerStep;
    private final int stepsPerEpoch;
    private final float learningRate;
    private final float weightDecay;
    private final SequencedMap<String, Tensor> parameters;
    private final List<TernaryLayer> ternaryLayers;
    private SequencedMap<String, String> fingerprint; // null without checkpoints
    private final Workspace workspace = new Workspace();
    private final ShutdownHook hook = new ShutdownHook();

    private int epoch = 1;
    private int step;
    private double lossSum;
    private int correct;
    private int seen;
    private double bestScore;
    private int bestEpoch;
    private SequencedMap<String, float[]> best = new LinkedHashMap<>();
    private List<EpochResult> results = new ArrayList<>();
    private double secondsBefore; // of this epoch, before it was resumed
    private long epochStart;

    TrainingLoop(Trainer.Settings settings, Task task) {
        this.settings = settings;
        this.model = settings.model();
        this.optimizer = settings.optimizer();
        this.task = task;
        samplesPerStep = Math.multiplyExact(settings.batchSize(), settings.accumulate());
        stepsPerEpoch = Math.ceilDiv(task.samples(), samplesPerStep);
        learningRate = optimizer.learningRate();
        weightDecay = optimizer.weightDecay();
        parameters = model.namedParameters();
        ternaryLayers = model.layers().values().stream().filter(TernaryLayer.class::isInstance)
                .map(TernaryLayer.class::cast).toList();
    }

    List<EpochResult> run() {
        enterTraining();
        optimizer.zeroGrad(); // of whoever used it before
        restore(Progress.START);
        if (settings.stopOnShutdown()) {
            hook.add();
        }
        int targets = task.samples() * task.targetsPerSample();
        try (Ending _ = hook::remove;
                Ending _ = this::tellEnd;
                Ending _ = this::tidyUp;
                Batches batches = new Batches(task)) {
            settings.listeners().forEach(listener -> listener.onStart(settings.epochs(), stepsPerEpoch, targets));
            resume();
            while (epoch <= settings.epochs() && !stopsEarly() && !isInterrupted()) {
                epoch(batches);
            }
            if (settings.keepBest() && !best.isEmpty() && !isInterrupted()) {
                TrainingCheckpoint.restore(best, parameters, "best epoch");
            }
            return List.copyOf(results);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void enterTraining() {
        boolean evaluated = model.mode() == Layer.Mode.EVAL;
        model.train();
        try {
            Requirements.requireSomethingToLearn(optimizer);
        } catch (IllegalArgumentException e) {
            if (evaluated) {
                model.eval();
            }
            throw e;
        }
    }

    /** Runs however training ends; a failure here does not hide why training failed. */
    private interface Ending extends AutoCloseable {
        @Override
        void close();
    }

    private void tidyUp() {
        optimizer.learningRate(learningRate);
        optimizer.weightDecay(weightDecay);
        optimizer.zeroGrad();
        if (model.mode() == Layer.Mode.EVAL) { // the validation or a listener failed
            model.train();
        }
    }

    private void tellEnd() {
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

    // ---------------------------------------------------------------- epochs

    private void epoch(Batches batches) throws IOException {
        epochStart = System.nanoTime();
        int[] order = IntStream.range(0, task.samples()).toArray();
        new CounterRandom(settings.seed(), epoch).shuffle(order);
        do { // at least one, so that there is a loss to report
            step(batches, order);
            boolean due = settings.checkpointEvery() > 0 && step % settings.checkpointEvery() == 0;
            if (step < stepsPerEpoch && (due || isInterrupted())) {
                writeCheckpoint();
            }
        } while (step < stepsPerEpoch && !isInterrupted());
        if (step < stepsPerEpoch && settings.checkpoint() != null) {
            return; // the rest of the epoch is for the run that goes on from the checkpoint
        }
        finishEpoch();
        writeCheckpoint();
    }

    private void finishEpoch() {
        Task.Score validated = task.validates() ? validate() : Task.Score.NONE;
        EpochResult result = new EpochResult(epoch, lossSum / step, correct / (double) seen, validated.accuracy(),
                validated.loss(), seconds());
        results.add(result);
        double score = validated.value();
        if (score > bestScore + (settings.earlyStopping() == null ? 0 : settings.earlyStopping().minDelta())) {
            bestScore = score;
            bestEpoch = epoch;
            best = settings.keepBest() ? TrainingCheckpoint.copy(parameters) : best;
        }
        epoch++;
        beginEpoch();
        settings.listeners().forEach(listener -> listener.onEpoch(result));
        if (model.mode() != Layer.Mode.TRAIN) { // a listener looked at what the model can do
            model.train();
        }
    }

    private void beginEpoch() {
        step = 0;
        lossSum = 0;
        correct = 0;
        seen = 0;
        secondsBefore = 0;
        epochStart = System.nanoTime();
    }

    private double seconds() {
        return secondsBefore + (System.nanoTime() - epochStart) * 1e-9;
    }

    private boolean stopsEarly() {
        return settings.earlyStopping() != null && task.validates()
                && epoch - 1 - bestEpoch >= settings.earlyStopping().patience();
    }

    private Task.Score validate() {
        model.eval();
        Task.Score score = task.validate();
        model.train();
        return score;
    }

    // ---------------------------------------------------------------- steps

    private void step(Batches batches, int[] order) {
        long now = stepsDone();
        optimizer.learningRate(learningRate * settings.schedule().factor(now, stepsInAll()));
        optimizer.weightDecay(weightDecay * settings.weightDecaySchedule().factor(now, stepsInAll()));
        setQuantStrength(now);
        int from = step * samplesPerStep;
        int to = Math.min(order.length, from + samplesPerStep);
        int targets = (to - from) * task.targetsPerSample();
        double loss = 0;
        int right = 0;
        for (int at = from; at < to; at += settings.batchSize()) {
            model.beginStep(now * settings.accumulate() + (at - from) / settings.batchSize());
            Task.Batch batch = batches.take(epoch, order, at, settings.batchSize());
            float share = batch.targets() / (float) targets;
            BatchResult result = workspace.call(() -> backward(batch, share));
            workspace.reset();
            loss += result.loss * (double) share;
            right += result.correct;
        }
        if (settings.clipNorm() < Float.POSITIVE_INFINITY) {
            GradientClipping.byNorm(optimizer.parameters(), settings.clipNorm());
        }
        update(loss);
        optimizer.zeroGrad();
        step++;
        lossSum += loss;
        correct += right;
        seen += targets;
        for (TrainingListener listener : settings.listeners()) {
            listener.onStep(epoch, step, loss, correct / (double) seen);
        }
    }

    private long stepsDone() {
        return (epoch - 1L) * stepsPerEpoch + step;
    }

    private long stepsInAll() {
        return (long) settings.epochs() * stepsPerEpoch;
    }

    private void setQuantStrength(long now) {
        if (settings.quantStrengthSchedule() != null) {
            float strength = settings.quantStrengthSchedule().factor(now, stepsInAll());
            ternaryLayers.forEach(layer -> layer.quantStrength(strength));
        }
    }

    private void update(double loss) {
        try {
            optimizer.step();
        } catch (GradientException e) {
            throw (ArithmeticException) new ArithmeticException("Trainer: the gradient of '"
                    + nameOf(e.parameter()) + "' is " + e.value() + " at element " + e.element() + " in epoch " + epoch
                    + ", step " + (step + 1) + ", though the loss is " + loss + "; the model is left as it was before "
                    + "that step. Look for an operation without a finite slope in the objective or in a layer, such as "
                    + "the root of 0, or try a smaller learning rate or clipNorm").initCause(e);
        }
    }

    private String nameOf(Tensor parameter) {
        return parameters.entrySet().stream().filter(named -> named.getValue() == parameter).map(Map.Entry::getKey)
                .findFirst().orElseThrow();
    }

    private record BatchResult(float loss, int correct) {
    }

    private BatchResult backward(Task.Batch batch, float share) {
        Task.Loss answered = batch.loss();
        Tensor loss = answered.mean();
        if (!Float.isFinite(loss.item())) {
            throw new ArithmeticException("Trainer: the loss is " + loss.item() + " in epoch " + epoch + ", step "
                    + (step + 1) + "; " + NonFiniteDiagnosis.of(model, batch)
                    + ". Try a smaller learning rate or clipNorm, and look for NaN in the data");
        }
        (share == 1f ? loss : loss.mul(share)).backward();
        return new BatchResult(loss.item(), answered.correct());
    }

    // ---------------------------------------------------------------- checkpoints

    private void writeCheckpoint() throws IOException {
        if (settings.checkpoint() == null) {
            return;
        }
        Progress progress = new Progress(epoch, step, lossSum, correct, seen, seconds(), bestScore, bestEpoch,
                results);
        SequencedMap<String, String> facts = new LinkedHashMap<>(fingerprint);
        facts.putAll(answers());
        new TrainingCheckpoint(facts, progress, TrainingCheckpoint.copy(parameters), optimizer.state(), best)
                .write(settings.checkpoint());
    }

    private void resume() throws IOException {
        if (settings.checkpoint() == null) {
            return;
        }
        fingerprint = Fingerprint.of(settings, task, stepsPerEpoch);
        if (!Uninterrupted.call(() -> Files.exists(settings.checkpoint()))) {
            return;
        }
        String source = settings.checkpoint().toString();
        TrainingCheckpoint checkpoint = TrainingCheckpoint.read(settings.checkpoint());
        requireSame(source, Fingerprint.difference(checkpoint.settings(), fingerprint));
        SequencedMap<String, float[]> first = TrainingCheckpoint.copy(parameters);
        OptimizerState firstState = optimizer.state();
        TrainingCheckpoint.requireFit(checkpoint.parameters(), parameters, source);
        try {
            optimizer.loadState(checkpoint.optimizer());
        } catch (IllegalArgumentException e) {
            throw new ModelFormatException(source, e.getMessage(), e);
        }
        TrainingCheckpoint.restore(checkpoint.parameters(), parameters, source);
        restore(checkpoint.progress());
        try {
            requireSame(source, differentAnswer(checkpoint));
        } catch (RuntimeException e) {
            TrainingCheckpoint.restore(first, parameters, source);
            optimizer.loadState(firstState);
            throw e;
        }
        best = checkpoint.best();
        if (!fingerprint.get(Fingerprint.STEPS).equals(checkpoint.settings().get(Fingerprint.STEPS))) {
            beginEpoch();
        }
    }

    private void requireSame(String source, String difference) {
        if (difference != null && !settings.resumeWithChanges()) {
            throw new IllegalStateException("Trainer: the checkpoint " + source + " is of another training: "
                    + difference + "; go on with the same settings, data and code, or knowingly with others "
                    + "(resumeWithChanges), or delete the file to start over");
        }
    }

    /** What the model answers at this point of the training; nothing without checkpoints. */
    private SequencedMap<String, String> answers() {
        long now = Math.min(stepsDone(), stepsInAll() - 1);
        setQuantStrength(now);
        model.beginStep(now);
        SequencedMap<String, String> answers = workspace.call(() -> task.answers(settings.batchSize()));
        workspace.reset();
        optimizer.zeroGrad(); // an objective may use gradients of its own
        return answers;
    }

    /** Null also if the answers differ from call to call: then nothing can be told from them. */
    private String differentAnswer(TrainingCheckpoint checkpoint) {
        SequencedMap<String, String> answers = answers();
        String difference = Fingerprint.difference(checkpoint.settings(), answers);
        return difference == null || !answers.equals(answers()) ? null : difference;
    }

    private void restore(Progress progress) {
        epoch = progress.epoch();
        step = progress.step();
        lossSum = progress.lossSum();
        correct = progress.correct();
        seen = progress.seen();
        bestScore = progress.bestScore();
        bestEpoch = progress.bestEpoch();
        results = new ArrayList<>(progress.results());
        secondsBefore = progress.seconds();
        epochStart = System.nanoTime();
    }
}
