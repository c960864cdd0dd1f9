package io.bitlab.models.train;

import io.bitlab.models.train.TrainingCheckpoint.Progress;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;
import java.util.function.ToDoubleFunction;

/** How far a training is: the counters of {@link Progress}, and the best weights so far. Mutable, for one thread. */
final class TrainingState {

    private int epoch = 1;
    private int step;
    private double lossSum;
    private long correct;
    private long seen;
    private double bestScore = Progress.START.bestScore();
    private int bestEpoch;
    private SequencedMap<String, float[]> best = new LinkedHashMap<>();
    private List<EpochResult> results = new ArrayList<>();
    private double secondsBefore; // of this epoch, before training was resumed
    private long epochStart = System.nanoTime();

    int epoch() {
        return epoch;
    }

    /** The finished steps of the epoch. */
    int step() {
        return step;
    }

    /** The finished steps of the whole training. */
    long totalSteps(int stepsPerEpoch) {
        return (epoch - 1L) * stepsPerEpoch + step;
    }

    /** The share of the epoch's targets so far that the model predicted. */
    double accuracy() {
        return correct / (double) seen;
    }

    /** The parameters and buffers of the best epoch; empty if none are kept. */
    SequencedMap<String, float[]> best() {
        return best;
    }

    List<EpochResult> results() {
        return results;
    }

    /** The epochs since the score last rose by more than {@code minDelta} over the one that it last rose to. */
    int epochsWithoutRise(double minDelta, ToDoubleFunction<EpochResult> score) {
        int epochs = 0;
        double reference = Double.NaN;
        for (EpochResult result : results) {
            double value = score.applyAsDouble(result);
            boolean rises = Double.isNaN(reference) ? !Double.isNaN(value) : value > reference + minDelta;
            reference = rises ? value : reference;
            epochs = rises ? 0 : epochs + 1;
        }
        return epochs;
    }

    void startClock() {
        epochStart = System.nanoTime();
    }

    void addStep(double loss, long correctTargets, long targets) {
        step++;
        lossSum += loss;
        correct += correctTargets;
        seen += targets;
    }

    /** Adds the result of the epoch. */
    EpochResult addResult(Task.Score validated, Task.Score averaged) {
        EpochResult result = new EpochResult(epoch, lossSum / step, accuracy(), validated, averaged, seconds());
        results.add(result);
        return result;
    }

    /** Whether this score is the highest so far. */
    boolean isBest(double score) {
        return bestEpoch == 0 ? !Double.isNaN(score) : score > bestScore;
    }

    void setBest(double score) {
        bestScore = score;
        bestEpoch = epoch;
    }

    void keepBest(SequencedMap<String, float[]> values) {
        best = values;
    }

    /** If no weights were kept, such as before a change of the settings, the next epoch is the best so far. */
    void forgetBestWithoutWeights() {
        if (best.isEmpty()) {
            bestScore = Progress.START.bestScore();
            bestEpoch = 0;
        }
    }

    void nextEpoch() {
        epoch++;
        restartEpoch();
    }

    /** Begins the current epoch again. */
    void restartEpoch() {
        step = 0;
        lossSum = 0;
        correct = 0;
        seen = 0;
        secondsBefore = 0;
        startClock();
    }

    private double seconds() {
        return secondsBefore + (System.nanoTime() - epochStart) * 1e-9;
    }

    Progress snapshot() {
        return new Progress(epoch, step, lossSum, correct, seen, seconds(), bestScore, bestEpoch, results);
    }

    void restore(Progress progress) {
        epoch = progress.epoch();
        step = progress.step();
        lossSum = progress.lossSum();
        correct = progress.correct();
        seen = progress.seen();
        bestScore = progress.bestScore();
        bestEpoch = progress.bestEpoch();
        results = new ArrayList<>(progress.results());
        secondsBefore = progress.seconds();
        startClock();
    }
}
