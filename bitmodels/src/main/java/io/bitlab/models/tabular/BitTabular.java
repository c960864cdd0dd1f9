package io.bitlab.models.tabular;

import io.bitlab.core.tensor.Tensor;
import io.bitlab.models.BitModel;
import io.bitlab.models.internal.Quote;
import io.bitlab.models.mlp.BitMlp;
import io.bitlab.models.train.Dataset;
import io.bitlab.models.train.RegressionDataset;
import io.bitlab.models.train.RegressionTask;
import java.util.BitSet;

/**
 * A model of tables: a {@link BitMlp} whose configuration also holds the columns with their standardisation, and what
 * is predicted. {@link Classifier} and {@link Regressor} predict with it, and {@link TabularTraining} trains it; for a
 * training of your own:
 *
 * {@snippet class="io.bitlab.models.snippets.TabularSnippets" region="model"}
 *
 * <p>Input of {@link #forward}: rows {@code [n, inputs]} that {@link TabularInput#encode} has encoded; output: logits
 * {@code [n, classes]}, or {@code [n, 1]} for a number.
 *
 * <p><b>Thread safety:</b> in evaluation, any number of threads may share a model.
 */
public final class BitTabular extends BitModel {

    private final BitTabularConfig config;
    private final BitMlp network;

    /**
     * Builds the network, in training, not yet initialised.
     *
     * @param config columns, target, sizes and choices
     */
    public BitTabular(BitTabularConfig config) {
        this.config = config;
        this.network = child("network", config.network().newModel());
    }

    @Override
    public BitTabularConfig config() {
        return config;
    }

    @Override
    public Tensor forward(Tensor x) {
        return observed(network.forward(x));
    }

    /** Sets the weights of inputs to 0; they stay so where an input is never anything else in training. */
    void silence(BitSet silenced) {
        Tensor weight = namedParameters().values().stream().filter(each -> each.rank() == 2) // not of a norm before it
                .findFirst().orElseThrow();
        int inputs = weight.length(1);
        for (int unit = 0; unit < weight.length(0); unit++) {
            int row = unit * inputs;
            silenced.stream().forEach(input -> weight.data()[row + input] = 0f);
        }
    }

    /**
     * Makes training or validation data of a table with labels. Labels become this model's classes by name.
     *
     * @param data rows with this model's columns, and labels that it knows
     * @return samples for {@link io.bitlab.models.train.Trainer} and {@link io.bitlab.models.train.Evaluation}
     * @throws IllegalArgumentException if this model predicts a number, a column is missing, a value can't be encoded,
     *     or the model does not know a label
     * @throws IllegalStateException if the data has nothing to predict
     */
    public Dataset samples(TabularData data) {
        if (!(config.target() instanceof TabularTarget.Classes classes)) {
            throw new IllegalArgumentException("BitTabular.samples: the model predicts the number "
                    + Quote.value(config.target().name()) + "; use task");
        }
        if (!(data.requireTarget("target") instanceof DataColumn.Texts labels)) {
            throw new IllegalArgumentException("BitTabular.samples: the data has numbers to predict, and the model "
                    + "predicts classes; read it with CsvOptions.label");
        }
        int[] classOf = labels.texts().stream().mapToInt(classes.classNames().toList()::indexOf).toArray();
        int[] indices = new int[data.size()];
        for (int row = 0; row < indices.length; row++) {
            int text = labels.codes()[row];
            indices[row] = classOf[text];
            if (indices[row] < 0) {
                throw new IllegalArgumentException(data.place(row) + ", column " + Quote.value(labels.name()) + ": "
                        + Quote.value(labels.texts().get(text)) + " is not one of the classes that the model knows: "
                        + Quote.names(classes.classNames().toList()));
            }
        }
        return Dataset.of(config.input().encode(data), indices);
    }

    /**
     * Makes training or validation data of a table with numbers to predict.
     *
     * @param data rows with this model's columns, and targets
     * @return the samples, with targets in their own unit
     * @throws IllegalArgumentException if this model predicts classes, a column is missing, or a value can't be encoded
     * @throws IllegalStateException if the data has nothing to predict
     */
    public RegressionDataset regressionSamples(TabularData data) {
        requireQuantity();
        if (!(data.requireTarget("target") instanceof DataColumn.Numbers targets)) {
            throw new IllegalArgumentException("BitTabular.regressionSamples: the data has labels to predict, and the "
                    + "model predicts a number; read it with CsvOptions.target");
        }
        return RegressionDataset.of(config.input().encode(data), targets.values());
    }

    /**
     * Starts the training task of a model that predicts a number, with the scale of its targets.
     *
     * @param train rows with this model's columns, and targets
     * @param validation likewise; null for none
     * @return a builder of the task for {@link io.bitlab.models.train.Trainer#fit(io.bitlab.models.train.Task)}
     * @throws IllegalArgumentException as for {@link #regressionSamples}
     */
    public RegressionTask.Builder task(TabularData train, TabularData validation) {
        TabularTarget.Quantity target = requireQuantity();
        return RegressionTask.builder(this, regressionSamples(train))
                .validation(validation == null ? null : regressionSamples(validation))
                .scale(target.mean(), target.deviation());
    }

    private TabularTarget.Quantity requireQuantity() {
        if (config.target() instanceof TabularTarget.Quantity quantity) {
            return quantity;
        }
        throw new IllegalArgumentException("BitTabular: the model predicts the classes of "
                + Quote.value(config.target().name()) + "; use samples");
    }

    @Override
    protected Tensor exampleInput() {
        return Tensor.zeros(1, config.network().inChannels());
    }

    @Override
    protected String describe() {
        return "BitTabular(" + config.input().columns().size() + " columns -> " + config.target().name() + ")";
    }
}
