package io.bitlab.models.train;

import io.bitlab.core.tensor.Tensor;
import io.bitlab.layers.Layer;
import io.bitlab.layers.StateDict;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.SequencedMap;
import java.util.function.Supplier;

/**
 * The exponential moving average (EMA) of a model's parameters while it trains, which usually scores better than the
 * parameters themselves (Polyak and Juditsky, <i>Acceleration of Stochastic Approximation by Averaging</i>, 1992).
 *
 * {@snippet class="io.bitlab.models.snippets.TaskSnippets" region="ema"}
 *
 * <p>After step t, from 0, {@code average += (1 - d)·(parameter - average)} in float32, with
 * {@code d = min(decay, (1 + t) / (10 + t))}, so that the first parameters are soon forgotten (the warm-up of
 * TensorFlow's {@code ExponentialMovingAverage}). Only parameters are averaged. Buffers, such as running statistics,
 * are the model's own: those of the raw weights, which a learning rate that falls to 0 brings close to the averaged
 * ones.
 *
 * <p>The trainer validates the averaged weights beside the raw ones after each epoch; {@link Trainer.Builder#keepBest}
 * and early stopping then go by the averaged ones. Listeners see the raw weights. It takes the memory of one more set
 * of parameters, and during validation of another one.
 *
 * <p><b>Thread safety:</b> changed by the training; for one training at a time.
 */
public final class WeightAverage {

    private final double decay;
    private final boolean rawAtEnd;
    private SequencedMap<String, Tensor> parameters = new LinkedHashMap<>();
    private SequencedMap<String, float[]> values = new LinkedHashMap<>();
    private StateDict raw;
    private StateDict averaged;

    private WeightAverage(double decay, boolean rawAtEnd) {
        this.decay = decay;
        this.rawAtEnd = rawAtEnd;
    }

    /**
     * Creates an average, with whose weights the model ends training.
     *
     * @param decay share of the average that a step keeps, from 0 to below 1; 0.999 to 0.9999 is usual
     * @return the average, empty until training begins
     * @throws IllegalArgumentException if the decay is outside its range
     */
    public static WeightAverage of(double decay) {
        if (!(decay >= 0 && decay < 1)) {
            throw new IllegalArgumentException("WeightAverage: decay " + decay + " is not in [0, 1)");
        }
        return new WeightAverage(decay, false);
    }

    /**
     * Leaves the model with the raw weights when training ends; can't be combined with
     * {@link Trainer.Builder#keepBest}.
     *
     * @return a new average of the same decay
     */
    public WeightAverage keepingRawAtEnd() {
        return new WeightAverage(decay, true);
    }

    /**
     * The state with averaged weights when training ended: with {@link Trainer.Builder#keepBest}, of the best epoch.
     *
     * @return a copy, which the model can load
     * @throws IllegalStateException if no training has ended
     */
    public StateDict averagedState() {
        return requireEnded(averaged);
    }

    /**
     * The state with raw weights when training ended: those after its last step.
     *
     * @return a copy, which the model can load
     * @throws IllegalStateException if no training has ended
     */
    public StateDict rawState() {
        return requireEnded(raw);
    }

    private static StateDict requireEnded(StateDict state) {
        if (state == null) {
            throw new IllegalStateException("WeightAverage: no training with this average has ended; give it to "
                    + "Trainer.Builder.ema, and call fit");
        }
        return state;
    }

    double decay() {
        return decay;
    }

    boolean isRawAtEnd() {
        return rawAtEnd;
    }

    // ---------------------------------------------------------------- for the training

    /** Begins with the current parameters. */
    void start(SequencedMap<String, Tensor> current) {
        parameters = current;
        values = TrainingCheckpoint.copy(current);
        raw = null;
        averaged = null;
    }

    /** The live averages by path. */
    SequencedMap<String, float[]> values() {
        return values;
    }

    /** Goes on with averages of a checkpoint, whose names and sizes were checked; from now on they belong to this. */
    void restore(Map<String, float[]> saved) {
        values.replaceAll((name, _) -> saved.get(name));
    }

    /** Adds the parameters after a step. */
    void update(long step) {
        float weight = (float) (1 - Math.min(decay, (1.0 + step) / (10.0 + step)));
        values.forEach((name, average) -> {
            float[] now = parameters.get(name).data();
            for (int i = 0; i < average.length; i++) {
                average[i] += weight * (now[i] - average[i]);
            }
        });
    }

    /** Computes something with the averaged weights in the model. */
    <T> T applied(Supplier<T> computation) {
        SequencedMap<String, float[]> before = TrainingCheckpoint.copy(parameters);
        write(values);
        try {
            return computation.get();
        } finally {
            write(before);
        }
    }

    private void write(Map<String, float[]> source) {
        parameters.forEach((name, tensor) -> System.arraycopy(source.get(name), 0, tensor.data(), 0, tensor.size()));
    }

    /** Training ends, and the model has the raw weights. */
    void end(Layer model) {
        raw = copy(model.stateDict());
        averaged = applied(() -> copy(model.stateDict()));
    }

    /** The model gets the averaged weights of the end, or of the best epoch, which it already has. */
    void leaveIn(Layer model, boolean best) {
        if (best) {
            averaged = copy(model.stateDict());
        } else if (!rawAtEnd) {
            write(values);
        }
    }

    private static StateDict copy(StateDict live) {
        StateDict copy = new StateDict();
        live.names().forEach(name -> copy.put(name, live.tensor(name).detach()));
        return copy;
    }
}
