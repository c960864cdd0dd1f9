package io.bitlab.models.train;

import io.bitlab.core.memory.Workspace;
import io.bitlab.core.quant.NonFiniteException;
import io.bitlab.core.tensor.Tensor;
import io.bitlab.layers.Layer;
import io.bitlab.layers.TernaryLayer;
import io.bitlab.layers.optim.GradientClipping;
import io.bitlab.layers.optim.GradientException;
import io.bitlab.layers.optim.Optimizer;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.SequencedMap;

/**
 * The steps of a training: sets the scheduled values, accumulates the gradients of some batches, and lets the optimiser
 * update the parameters. The memory of a step is reused for the next one.
 */
final class TrainingStep {

    private final TrainingSettings settings;
    private final Layer model;
    private final Optimizer optimizer;
    private final Task task;
    private final int samplesPerStep;
    private final int stepsPerEpoch;
    private final long plannedSteps;
    private final float learningRate;
    private final float weightDecay;
    private final SequencedMap<String, Tensor> parameters;
    private final SequencedMap<String, Tensor> buffers;
    private final SequencedMap<TernaryLayer, Float> quantStrengths = new LinkedHashMap<>(); // before the training
    private final Workspace workspace = new Workspace();
    private final ShardWorker shards; // for an exchange

    TrainingStep(TrainingSettings settings, Task task) {
        this.settings = settings;
        this.model = settings.model();
        this.optimizer = settings.optimizer();
        this.task = task;
        samplesPerStep = Math.multiplyExact(settings.batchSize(), settings.accumulate());
        stepsPerEpoch = Math.ceilDiv(task.samples(), samplesPerStep);
        plannedSteps = (long) settings.epochs() * stepsPerEpoch;
        learningRate = optimizer.learningRate();
        weightDecay = optimizer.weightDecay();
        parameters = model.namedParameters();
        buffers = model.namedBuffers();
        for (Layer layer : model.layers().values()) {
            if (layer instanceof TernaryLayer ternary) {
                quantStrengths.put(ternary, ternary.quantStrength());
            }
        }
        shards = new ShardWorker(model, task);
    }

    int stepsPerEpoch() {
        return stepsPerEpoch;
    }

    SequencedMap<String, Tensor> parameters() {
        return parameters;
    }

    /** The parameters and buffers of the model: what a checkpoint holds. */
    SequencedMap<String, Tensor> weights() {
        SequencedMap<String, Tensor> weights = new LinkedHashMap<>(parameters);
        weights.putAll(buffers);
        return weights;
    }

    /**
     * Runs the next step of an epoch.
     *
     * @param order all samples in the order of the epoch
     * @param state modified: the step is added
     * @return the loss of the step
     */
    double run(BatchPrefetcher batches, int[] order, TrainingState state) {
        SequencedMap<String, float[]> buffersBefore = TrainingCheckpoint.copy(buffers);
        try {
            return runStep(batches, order, state);
        } catch (RuntimeException e) {
            restoreBuffers(buffersBefore);
            throw e;
        }
    }

    /** Undoes what a forward pass in training wrote into buffers, such as running statistics. */
    private void restoreBuffers(SequencedMap<String, float[]> values) {
        values.forEach((name, array) -> System.arraycopy(array, 0, buffers.get(name).data(), 0, array.length));
    }

    private double runStep(BatchPrefetcher batches, int[] order, TrainingState state) {
        long now = state.totalSteps(stepsPerEpoch);
        optimizer.learningRate(learningRate * settings.schedule().factor(now, plannedSteps));
        optimizer.weightDecay(weightDecay * settings.weightDecaySchedule().factor(now, plannedSteps));
        setQuantStrength(now);
        int from = state.step() * samplesPerStep;
        int to = Math.min(order.length, from + samplesPerStep);
        double loss = 0;
        long correct = 0;
        long targets = 0;
        if (settings.exchange() != null) {
            ShardGradient sum = exchange(new ShardStep(state.epoch(), now, settings.exchange().shards(),
                    Arrays.copyOfRange(order, from, to), quantStrength(now), settings.exchange().precision()), state);
            loss = sum.loss();
            correct = sum.correct();
            targets = sum.targets();
            from = to; // nothing is left
        }
        for (int at = from; at < to; at += settings.batchSize()) {
            model.beginStep(now * settings.accumulate() + (at - from) / settings.batchSize());
            Task.Batch batch = batches.take(state.epoch(), order, at, settings.batchSize());
            float share = Math.min(settings.batchSize(), to - at) / (float) (to - from);
            BatchResult result = workspace.call(() -> backward(batch, share, state));
            workspace.reset();
            loss += result.loss * (double) share;
            correct += result.correct;
            targets += result.targets;
        }
        if (settings.clipNorm() < Float.POSITIVE_INFINITY) {
            GradientClipping.byNorm(optimizer.parameters(), settings.clipNorm());
        }
        update(loss, state);
        optimizer.zeroGrad();
        if (settings.average() != null) {
            settings.average().update(now);
        }
        state.addStep(loss, correct, targets);
        return loss;
    }

    private ShardGradient exchange(ShardStep step, TrainingState state) {
        ShardGradient sum = settings.exchange().sum(step, shards);
        if (sum.shards() != step.filledShards() || sum.size() != shards.gradients()) {
            throw new IllegalStateException("Trainer: the gradient exchange returned " + sum.size()
                    + " gradients of " + sum.shards() + " shards, expected " + shards.gradients() + " of "
                    + step.filledShards() + "; all workers must have the trainer's model");
        }
        if (!Double.isFinite(sum.loss())) {
            throw notFinite(sum.loss(), shards.diagnosis(step), state);
        }
        shards.accept(sum);
        return sum;
    }

    /** NaN if the layers keep theirs. */
    private float quantStrength(long now) {
        return settings.quantStrengthSchedule() == null ? Float.NaN
                : settings.quantStrengthSchedule().factor(now, plannedSteps);
    }

    private void setQuantStrength(long now) {
        if (settings.quantStrengthSchedule() != null) {
            float strength = quantStrength(now);
            quantStrengths.keySet().forEach(layer -> layer.quantStrength(strength));
        }
    }

    private record BatchResult(float loss, int correct, int targets) {
    }

    private BatchResult backward(Task.Batch batch, float share, TrainingState state) {
        Task.Loss result;
        try {
            result = Objects.requireNonNull(batch.loss(), "Trainer: the loss of the task's batch is null");
        } catch (NonFiniteException e) {
            throw new DivergedException("Trainer: the loss can't be computed in epoch " + state.epoch() + ", step "
                    + (state.step() + 1) + "; " + e.getMessage(), e);
        }
        Tensor loss = result.mean();
        if (!Float.isFinite(loss.item())) {
            throw notFinite(loss.item(), NonFiniteDiagnosis.of(model, batch), state);
        }
        if (loss.needsGrad()) {
            (share == 1f ? loss : loss.mul(share)).backward();
        }
        if (optimizer.parameters().stream().allMatch(parameter -> parameter.grad() == null)) {
            throw new IllegalStateException("Trainer: the loss does not depend on a parameter that is trained; compute "
                    + "it from the output of the model that the Trainer has, without noGrad or detach");
        }
        return new BatchResult(loss.item(), result.correct(), result.targets());
    }

    private static DivergedException notFinite(double loss, String diagnosis, TrainingState state) {
        return new DivergedException("Trainer: the loss is " + loss + " in epoch " + state.epoch() + ", step "
                + (state.step() + 1) + "; " + diagnosis
                + ". Try a smaller learning rate or clipNorm, and look for NaN in the data");
    }

    private void update(double loss, TrainingState state) {
        try {
            optimizer.step();
        } catch (GradientException e) {
            throw new DivergedException("Trainer: the gradient of '"
                    + nameOf(e.parameter()) + "' is " + e.value() + " at element " + e.element() + " in epoch "
                    + state.epoch() + ", step " + (state.step() + 1) + ", though the loss is " + loss
                    + "; the model is left as it was before that step. Look for an operation without a finite slope in "
                    + "the objective or in a layer, such as the root of 0, or try a smaller learning rate or clipNorm",
                    e);
        }
    }

    private String nameOf(Tensor parameter) {
        return parameters.entrySet().stream().filter(named -> named.getValue() == parameter).map(Map.Entry::getKey)
                .findFirst().orElseThrow();
    }

    /** The results of the model for the first samples, as the next step would compute them; see the task's probe. */
    SequencedMap<String, String> probe(TrainingState state) {
        long now = Math.min(state.totalSteps(stepsPerEpoch), plannedSteps - 1);
        setQuantStrength(now);
        model.beginStep(now);
        SequencedMap<String, float[]> buffersBefore = TrainingCheckpoint.copy(buffers);
        int together = settings.exchange() == null ? settings.batchSize()
                // more than a shard may not fit into memory
                : Math.ceilDiv(settings.batchSize(), settings.exchange().shards());
        SequencedMap<String, String> probe = workspace.call(() -> task.probe(together));
        workspace.reset();
        restoreBuffers(buffersBefore);
        optimizer.zeroGrad(); // an objective may compute gradients itself
        return probe;
    }

    /** Gives optimiser and layers back what schedules changed, and leaves no gradients. */
    void reset() {
        optimizer.learningRate(learningRate);
        optimizer.weightDecay(weightDecay);
        if (settings.quantStrengthSchedule() != null) {
            quantStrengths.forEach(TernaryLayer::quantStrength);
        }
        parameters.values().forEach(Tensor::zeroGrad); // also those that the optimiser lacks
        optimizer.zeroGrad();
    }
}
