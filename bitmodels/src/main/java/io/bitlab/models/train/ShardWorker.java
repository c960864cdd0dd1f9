package io.bitlab.models.train;

import io.bitlab.core.memory.Workspace;
import io.bitlab.core.quant.NonFiniteException;
import io.bitlab.core.tensor.Tensor;
import io.bitlab.layers.Layer;
import io.bitlab.layers.TernaryLayer;
import io.bitlab.models.transformer.BitTransformer;
import java.util.Collection;
import java.util.List;
import java.util.Objects;

/**
 * Computes the gradients of shards, with a model and the task that it is trained for. Every worker of a training is
 * made like the trainer: with the same model, settings and data.
 *
 * {@snippet class="io.bitlab.models.snippets.ExchangeSnippets" region="worker"}
 *
 * <p><b>Thread safety:</b> for one thread at a time; it changes its model.
 */
public final class ShardWorker {

    private final Layer model;
    private final Task task;
    private final List<Tensor> weights;
    private final Collection<Tensor> buffers;
    private final List<TernaryLayer> ternaryLayers;
    private final Workspace workspace = new Workspace();

    ShardWorker(Layer model, Task task) {
        this.model = model;
        this.task = task;
        weights = model.parameters();
        buffers = model.namedBuffers().values();
        ternaryLayers = model.layers().values().stream().filter(TernaryLayer.class::isInstance)
                .map(TernaryLayer.class::cast).toList();
    }

    /**
     * Makes the worker of a trainer for {@link Trainer#fit(SampleSource, SampleSource)}. Its model is then in training.
     *
     * @param trainer with the same model and settings as the one that trains; not used for anything else
     * @param train the same training samples
     * @return its worker
     * @throws IllegalArgumentException if the model doesn't accept the samples
     */
    public static ShardWorker of(Trainer trainer, SampleSource train) {
        TrainingSettings settings = trainer.settings;
        Objective objective = settings.objective() == null ? Objectives.crossEntropy() : settings.objective();
        return of(trainer, new ClassificationTask(settings.model(), train, null, objective, settings.augmentation(),
                settings.batchAugmentation(), settings.seed()));
    }

    /**
     * Makes the worker of a trainer for {@link Trainer#fit(TokenDataset, TokenDataset)}. Its model is then in training.
     *
     * @param trainer with the same model and settings as the one that trains; not used for anything else
     * @param train the same training text
     * @return its worker
     * @throws IllegalArgumentException if the model is no {@link BitTransformer}
     */
    public static ShardWorker of(Trainer trainer, TokenDataset train) {
        return of(trainer, new NextTokenTask(TrainingPreconditions.requireTransformer(trainer.settings), train, null,
                trainer.settings.seed()));
    }

    /**
     * Makes the worker of a trainer for {@link Trainer#fit(Task)}. Its model is then in training.
     *
     * @param trainer with the same model and settings as the one that trains; not used for anything else
     * @param task the same task; computes with this trainer's model
     * @return its worker
     */
    public static ShardWorker of(Trainer trainer, Task task) {
        Objects.requireNonNull(task, "ShardWorker.of: the task is null");
        trainer.settings.model().train();
        return new ShardWorker(trainer.settings.model(), task);
    }

    /** Those that require gradients now: in evaluation none do, and layers may be frozen on the way. */
    private List<Tensor> trained() {
        return weights.stream().filter(Tensor::requiresGrad).toList();
    }

    /**
     * All weights: what must be the same in all workers before they compute a step.
     *
     * @return the parameters and buffers of the model, one after the other; a new array
     */
    public float[] state() {
        return flat(List.of(weights, buffers));
    }

    /**
     * Takes over the weights of another worker.
     *
     * @param state what {@link #state} of a worker with an equal model returned; not modified
     * @throws IllegalArgumentException if it has another size
     */
    public void load(float[] state) {
        int at = 0;
        int size = size(weights) + size(buffers);
        if (state.length != size) {
            throw new IllegalArgumentException("ShardWorker.load: " + state.length + " weights, expected " + size
                    + "; all workers must have the trainer's model");
        }
        for (Collection<Tensor> part : List.of(weights, buffers)) {
            for (Tensor tensor : part) {
                System.arraycopy(state, at, tensor.data(), 0, tensor.size());
                at += tensor.size();
            }
        }
    }

    private static int size(Collection<Tensor> tensors) {
        return tensors.stream().mapToInt(Tensor::size).reduce(0, Math::addExact);
    }

    private static float[] flat(List<Collection<Tensor>> parts) {
        float[] flat = new float[parts.stream().mapToInt(ShardWorker::size).reduce(0, Math::addExact)];
        int at = 0;
        for (Collection<Tensor> part : parts) {
            for (Tensor tensor : part) {
                System.arraycopy(tensor.data(), 0, flat, at, tensor.size());
                at += tensor.size();
            }
        }
        return flat;
    }

    /**
     * Computes the sum of some shards. Weights and buffers are the same afterwards; gradients are zero.
     *
     * @param step the step
     * @param from the first shard
     * @param to the shard after the last; so many shards are a power of two, and {@code from} a multiple of it, so that
     *     this sum is a part of the tree
     * @return their sum; of no shards if there are too few samples
     * @throws IllegalArgumentException if the shards are no part of the tree
     * @throws IllegalStateException if the loss doesn't depend on a trained parameter
     */
    public ShardGradient compute(ShardStep step, int from, int to) {
        int count = to - from;
        if (from < 0 || to > step.shards() || Integer.bitCount(count) != 1 || from % count != 0) {
            throw new IllegalArgumentException("ShardWorker.compute: the shards " + from + " to " + to + " of "
                    + step.shards() + ", expected a power of two, from one of its multiples");
        }
        if (count == 1) {
            return compute(step, from);
        }
        int middle = from + count / 2;
        return compute(step, from, middle).plus(compute(step, middle, to));
    }

    private ShardGradient compute(ShardStep step, int shard) {
        int[] samples = step.samplesOf(shard);
        if (samples.length == 0) {
            return ShardGradient.NONE;
        }
        if (!Float.isNaN(step.quantStrength())) {
            ternaryLayers.forEach(layer -> layer.quantStrength(step.quantStrength()));
        }
        float[] before = flat(List.of(buffers));
        trained().forEach(Tensor::zeroGrad);
        try {
            model.beginStep(step.seed(shard));
            Task.Batch batch = task.batch(step.epoch(), samples);
            float share = samples.length / (float) step.samples().length;
            ShardGradient gradient = workspace.call(() -> backward(batch, share, before));
            return step.precision() == GradientPrecision.FLOAT32 ? gradient : gradient.rounded(step.seed(shard));
        } finally {
            workspace.reset();
            restoreBuffers(before);
            trained().forEach(Tensor::zeroGrad);
        }
    }

    private ShardGradient backward(Task.Batch batch, float share, float... before) {
        Task.Loss result;
        try {
            result = Objects.requireNonNull(batch.loss(), "Trainer: the loss of the task's batch is null");
        } catch (NonFiniteException e) { // the trainer says where it comes from
            return new ShardGradient(1, new float[gradients()], new float[before.length], Double.NaN, 0, 0);
        }
        Tensor loss = result.mean();
        if (!loss.needsGrad()) {
            throw new IllegalStateException("Trainer: the loss does not depend on a parameter that is trained; compute "
                    + "it from the output of the model that the Trainer has, without noGrad or detach");
        }
        double item = loss.item();
        if (Double.isFinite(item)) { // else the trainer says where it comes from
            (share == 1f ? loss : loss.mul(share)).backward();
        }
        float[] gradients = new float[gradients()];
        int at = 0;
        for (Tensor parameter : trained()) {
            if (parameter.grad() != null) {
                System.arraycopy(parameter.grad().data(), 0, gradients, at, parameter.size());
            }
            at += parameter.size();
        }
        float[] changes = flat(List.of(buffers));
        for (int i = 0; i < changes.length; i++) {
            changes[i] -= before[i];
        }
        return new ShardGradient(1, gradients, changes, item * share, result.correct(), result.targets());
    }

    private void restoreBuffers(float... values) {
        int at = 0;
        for (Tensor buffer : buffers) {
            System.arraycopy(values, at, buffer.data(), 0, buffer.size());
            at += buffer.size();
        }
    }

    /** Makes the sum of all shards the gradients and buffers of the model. */
    void accept(ShardGradient sum) {
        int at = 0;
        float[] gradients = sum.gradients();
        for (Tensor parameter : trained()) {
            System.arraycopy(gradients, at, parameter.gradBuffer(), 0, parameter.size());
            at += parameter.size();
        }
        at = 0;
        for (Tensor buffer : buffers) {
            float[] values = buffer.data();
            for (int i = 0; i < values.length; i++) {
                values[i] += sum.bufferChanges()[at++] / sum.shards();
            }
        }
    }

    /** Looks for the reason of a loss that is not finite. */
    String diagnosis(ShardStep step) {
        return NonFiniteDiagnosis.of(model, task.batch(step.epoch(), step.samples()));
    }

    int gradients() {
        return size(trained());
    }
}
