package io.bitlab.models.train;

import io.bitlab.core.math.CounterRandom;
import io.bitlab.core.memory.Workspace;
import io.bitlab.core.tensor.Tensor;
import io.bitlab.layers.Layer;
import io.bitlab.layers.TernaryLayer;
import io.bitlab.layers.optim.GradientClipping;
import io.bitlab.layers.optim.Optimizer;
import io.bitlab.models.io.ModelFormatException;
import io.bitlab.models.train.Checkpoint.Progress;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Objects;
import java.util.SequencedMap;
import java.util.concurrent.CountDownLatch;
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
    private final Workspace workspace = new Workspace();
    private volatile boolean stopped;

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
        model.train();
        restore(Progress.START);
        Thread hook = settings.stopOnShutdown() ? addShutdownHook() : null;
        int targets = task.samples() * task.targetsPerSample();
        settings.listeners().forEach(listener -> listener.onStart(settings.epochs(), stepsPerEpoch, targets));
        try (Batches batches = new Batches(task)) {
            resume();
            while (epoch <= settings.epochs() && !stopsEarly() && !isInterrupted()) {
                epoch(batches);
            }
            if (settings.keepBest() && !best.isEmpty() && !isInterrupted()) {
                Checkpoint.restore(best, parameters, "best epoch");
            }
            return List.copyOf(results);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } finally {
            optimizer.learningRate(learningRate);
            optimizer.weightDecay(weightDecay);
            settings.listeners().forEach(TrainingListener::onEnd);
            removeShutdownHook(hook);
        }
    }

    private boolean isInterrupted() {
        return stopped || Thread.currentThread().isInterrupted();
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
            best = settings.keepBest() ? Checkpoint.copy(parameters) : best;
        }
        epoch++;
        step = 0;
        lossSum = 0;
        correct = 0;
        seen = 0;
        secondsBefore = 0;
        epochStart = System.nanoTime();
        settings.listeners().forEach(listener -> listener.onEpoch(result));
        if (model.mode() != Layer.Mode.TRAIN) { // a listener looked at what the model can do
            model.train();
        }
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
        long now = (epoch - 1L) * stepsPerEpoch + step;
        long all = (long) settings.epochs() * stepsPerEpoch;
        optimizer.learningRate(learningRate * settings.schedule().factor(now, all));
        optimizer.weightDecay(weightDecay * settings.weightDecaySchedule().factor(now, all));
        if (settings.quantStrengthSchedule() != null) {
            float strength = settings.quantStrengthSchedule().factor(now, all);
            ternaryLayers.forEach(layer -> layer.quantStrength(strength));
        }
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
        optimizer.step();
        optimizer.zeroGrad();
        step++;
        lossSum += loss;
        correct += right;
        seen += targets;
        for (TrainingListener listener : settings.listeners()) {
            listener.onStep(epoch, step, loss, correct / (double) seen);
        }
    }

    private record BatchResult(float loss, int correct) {
    }

    private BatchResult backward(Task.Batch batch, float share) {
        Task.Loss answered = batch.loss();
        Tensor loss = answered.mean();
        if (!Float.isFinite(loss.item())) {
            optimizer.zeroGrad();
            throw new ArithmeticException("Trainer: the loss is " + loss.item() + " in epoch " + epoch + ", step "
                    + (step + 1) + "; " + Divergence.of(model, batch)
                    + ". Try a smaller learning rate or clipNorm, and look for NaN in the data");
        }
        (share == 1f ? loss : loss.mul(share)).backward();
        return new BatchResult(loss.item(), answered.correct());
    }

    // ---------------------------------------------------------------- checkpoints

    /** What must be the same when training goes on. */
    private SequencedMap<String, String> fingerprint() {
        SequencedMap<String, String> facts = new LinkedHashMap<>();
        facts.put("epochs", Integer.toString(settings.epochs()));
        facts.put("batch size", Integer.toString(settings.batchSize()));
        facts.put("accumulated batches", Integer.toString(settings.accumulate()));
        facts.put("seed", Long.toString(settings.seed()));
        facts.put("learning rate", Float.toString(learningRate));
        facts.put("weight decay", Float.toString(weightDecay));
        facts.put("largest gradient norm", Float.toString(settings.clipNorm()));
        facts.putAll(task.facts());
        facts.put("early stopping", String.valueOf(settings.earlyStopping()));
        facts.put("keeping the best", Boolean.toString(settings.keepBest()));
        facts.put("model", model.toString());
        return facts;
    }

    private void writeCheckpoint() throws IOException {
        if (settings.checkpoint() == null) {
            return;
        }
        Progress progress = new Progress(epoch, step, lossSum, correct, seen, seconds(), bestScore, bestEpoch,
                results);
        boolean interrupted = Thread.interrupted(); // a thread that is interrupted can't write files
        try {
            new Checkpoint(fingerprint(), progress, Checkpoint.copy(parameters), optimizer.state(), best)
                    .write(settings.checkpoint());
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    private void resume() throws IOException {
        if (settings.checkpoint() == null || !Files.exists(settings.checkpoint())) {
            return;
        }
        String source = settings.checkpoint().toString();
        Checkpoint checkpoint = Checkpoint.read(settings.checkpoint());
        fingerprint().forEach((fact, expected) -> {
            String found = checkpoint.settings().get(fact);
            if (!Objects.equals(expected, found)) {
                throw new IllegalStateException("Trainer: the checkpoint " + source + " is of another training: "
                        + fact + " was " + found + " and is now " + expected
                        + "; go on with the same settings, or delete the file to start anew");
            }
        });
        Checkpoint.restore(checkpoint.parameters(), parameters, source);
        try {
            optimizer.loadState(checkpoint.optimizer());
        } catch (IllegalArgumentException e) {
            throw new ModelFormatException(source, e.getMessage(), e);
        }
        best = checkpoint.best();
        restore(checkpoint.progress());
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

    // ---------------------------------------------------------------- Ctrl-C

    private final CountDownLatch ended = new CountDownLatch(1);

    private Thread addShutdownHook() {
        Thread hook = new Thread(() -> {
            stopped = true;
            try {
                ended.await();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt(); // somebody is in a hurry: the older checkpoint is still there
            }
        }, "bitlab-stop-training");
        Runtime.getRuntime().addShutdownHook(hook);
        return hook;
    }

    private void removeShutdownHook(Thread hook) {
        ended.countDown();
        if (hook != null && !stopped) {
            Runtime.getRuntime().removeShutdownHook(hook);
        }
    }
}
