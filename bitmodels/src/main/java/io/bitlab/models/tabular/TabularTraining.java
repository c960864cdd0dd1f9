package io.bitlab.models.tabular;

import io.bitlab.layers.optim.AdamW;
import io.bitlab.layers.optim.Schedule;
import io.bitlab.models.mlp.BitMlpConfig;
import io.bitlab.models.train.RegressionTask;
import io.bitlab.models.train.Trainer;
import io.bitlab.models.train.TrainingListener;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Objects;

/**
 * Trains a {@link Classifier} or a {@link Regressor} on a table, with defaults that suit most. It holds rows back for
 * the validation, standardises, builds a {@link BitTabular}, and trains it with AdamW at a cosine schedule; the epoch
 * that is best in the validation is kept. All of it can be done by hand with the public classes, see
 * {@link BitTabular}.
 *
 * {@snippet class="io.bitlab.models.snippets.TabularSnippets" region="training"}
 *
 * <p>The same data, settings and seed give the same model to the bit. For one thread.
 */
public final class TabularTraining {

    /** What small tables need until the validation no longer improves; large ones see each row a few times. */
    private static final int STEPS = 3000;
    private static final int FEWEST_EPOCHS = 5;
    private static final int MOST_EPOCHS = 100;

    private final TabularData data;
    private final List<TrainingListener> listeners = new ArrayList<>();
    private TabularData validation; // null for a share of the data
    private double validationShare = 0.2;
    private MissingValues missing = MissingValues.REFUSE;
    private BitMlpConfig.Builder network; // null for the default
    private int epochs; // 0 for the default
    private int batchSize = 32;
    private float learningRate = 3e-3f;
    private float weightDecay = 0.01f;
    private float huber; // 0 for the mean squared error
    private long seed;
    private Path checkpoint;
    private int checkpointEvery;

    private TabularTraining(TabularData data) {
        this.data = Objects.requireNonNull(data, "TabularTraining: the data is null");
    }

    /**
     * Starts setting up a training.
     *
     * @param data rows with labels or targets
     * @return a training with the defaults that its methods give
     */
    public static TabularTraining of(TabularData data) {
        return new TabularTraining(data);
    }

    // ---------------------------------------------------------------- settings

    /**
     * Sets the share of the rows that is held back to choose the best epoch.
     *
     * @param share from 0, which keeps the last epoch, to below 1; default 0.2
     * @return this
     * @throws IllegalArgumentException if it is out of range
     */
    public TabularTraining validationShare(double share) {
        if (!(share >= 0 && share < 1)) {
            throw new IllegalArgumentException("TabularTraining: the validation share is " + share
                    + ", expected 0 to below 1");
        }
        validationShare = share;
        return this;
    }

    /**
     * Sets the rows by which the best epoch is chosen, instead of a share of the data.
     *
     * @param value rows with the same columns
     * @return this
     */
    public TabularTraining validation(TabularData value) {
        validation = Objects.requireNonNull(value, "TabularTraining: the validation data is null");
        return this;
    }

    /**
     * Sets what becomes of missing values.
     *
     * @param value default {@link MissingValues#REFUSE}
     * @return this
     */
    public TabularTraining missingValues(MissingValues value) {
        missing = Objects.requireNonNull(value, "TabularTraining: missingValues is null");
        return this;
    }

    /**
     * Sets the network.
     *
     * @param value sizes and choices; inputs and outputs follow from the data. Default as
     *     {@link BitTabularConfig#of(TabularInput, TabularTarget)}
     * @return this
     */
    public TabularTraining network(BitMlpConfig.Builder value) {
        network = value;
        return this;
    }

    /**
     * Sets the number of epochs.
     *
     * @param value at least 1; default about {@value #STEPS} steps, {@value #FEWEST_EPOCHS} to {@value #MOST_EPOCHS}
     *     epochs
     * @return this
     * @throws IllegalArgumentException if it is less than 1
     */
    public TabularTraining epochs(int value) {
        if (value < 1) {
            throw new IllegalArgumentException("TabularTraining: epochs is " + value + ", expected at least 1");
        }
        epochs = value;
        return this;
    }

    /**
     * Sets the number of rows per step.
     *
     * @param value at least 1; default 32
     * @return this
     * @throws IllegalArgumentException if it is less than 1
     */
    public TabularTraining batchSize(int value) {
        if (value < 1) {
            throw new IllegalArgumentException("TabularTraining: batchSize is " + value + ", expected at least 1");
        }
        batchSize = value;
        return this;
    }

    /**
     * Sets the learning rate, which falls to 0 along a cosine.
     *
     * @param value positive; default 3e-3
     * @return this
     */
    public TabularTraining learningRate(float value) {
        learningRate = value;
        return this;
    }

    /**
     * Sets the weight decay of AdamW.
     *
     * @param value not negative; default 0.01
     * @return this
     */
    public TabularTraining weightDecay(float value) {
        weightDecay = value;
        return this;
    }

    /**
     * Trains a regressor with Huber's loss, which a few wrong targets don't dominate, see
     * {@link io.bitlab.models.train.RegressionTask.Builder#huber}.
     *
     * @param delta the threshold in deviations of the target; 0, the default, for the mean squared error
     * @return this
     */
    public TabularTraining huber(float delta) {
        huber = delta;
        return this;
    }

    /**
     * Sets the seed of the split, the first weights and the order of the rows.
     *
     * @param value any number; default 0
     * @return this
     */
    public TabularTraining seed(long value) {
        seed = value;
        return this;
    }

    /**
     * Adds a listener.
     *
     * @param value is told of the progress, such as a {@link io.bitlab.models.train.ProgressReport}
     * @return this
     */
    public TabularTraining listener(TrainingListener value) {
        listeners.add(Objects.requireNonNull(value, "TabularTraining: the listener is null"));
        return this;
    }

    /**
     * Writes checkpoints, and resumes from an existing one, see {@link Trainer.Builder#checkpoints}.
     *
     * @param file the checkpoint
     * @param everySteps number of steps between further checkpoints; 0 for none within an epoch
     * @return this
     */
    public TabularTraining checkpoints(Path file, int everySteps) {
        checkpoint = file;
        checkpointEvery = everySteps;
        return this;
    }

    // ---------------------------------------------------------------- training

    /**
     * Trains a classifier.
     *
     * @return the classifier, deployed
     * @throws IllegalArgumentException if the data has numbers to predict, there are too few rows or classes, or a
     *     value can't be used; the message names the line
     * @throws IllegalStateException if the data has nothing to predict, or the checkpoint belongs to another training
     * @throws java.io.UncheckedIOException if a checkpoint can't be read or written
     */
    public Classifier trainClassifier() {
        if (data.requireTarget("trainClassifier") instanceof DataColumn.Numbers) {
            throw new IllegalArgumentException("TabularTraining.trainClassifier: the data has numbers to predict; use "
                    + "trainRegressor, or read it with CsvOptions.label");
        }
        Parts parts = parts();
        BitTabular model = newModel(parts.train());
        trainer(model, parts).build().fit(model.samples(parts.train()),
                parts.validation() == null ? null : model.samples(parts.validation()));
        model.deploy();
        return Classifier.of(model);
    }

    /**
     * Trains a regressor.
     *
     * @return the regressor, deployed
     * @throws IllegalArgumentException if the data has labels to predict, there are too few rows, or a value can't be
     *     used; the message names the line
     * @throws IllegalStateException if the data has nothing to predict, or the checkpoint belongs to another training
     * @throws java.io.UncheckedIOException if a checkpoint can't be read or written
     */
    public Regressor trainRegressor() {
        if (data.requireTarget("trainRegressor") instanceof DataColumn.Texts) {
            throw new IllegalArgumentException("TabularTraining.trainRegressor: the data has labels to predict; use "
                    + "trainClassifier, or read it with CsvOptions.target");
        }
        Parts parts = parts();
        BitTabular model = newModel(parts.train());
        RegressionTask.Builder task = model.task(parts.train(), parts.validation());
        trainer(model, parts).build().fit((huber == 0f ? task : task.huber(huber)).build());
        model.deploy();
        return Regressor.of(model);
    }

    /** The training data, and the validation data or null. */
    private record Parts(TabularData train, TabularData validation) {
    }

    private Parts parts() {
        if (validation != null || validationShare == 0) {
            return new Parts(data, validation);
        }
        TabularTarget.of(data); // its message is better than that of a split, where the data has no classes
        TabularData.Split split = data.split(validationShare, seed);
        return new Parts(split.train(), split.test());
    }

    private BitTabular newModel(TabularData train) {
        TabularInput input = TabularInput.of(train, missing);
        TabularTarget target = TabularTarget.of(train);
        BitTabular model = (network == null ? BitTabularConfig.of(input, target)
                : BitTabularConfig.of(input, target, network)).newModel();
        model.initialize(seed);
        model.silence(unseen(train));
        return model;
    }

    /** The inputs of categories that only rows for validation or for the test have, which would keep chance weights. */
    private static BitSet unseen(TabularData train) {
        BitSet unseen = new BitSet();
        int at = 0;
        for (DataColumn column : train.features()) {
            if (column instanceof DataColumn.Texts texts) {
                unseen.set(at, at + texts.texts().size());
                for (int code : texts.codes()) {
                    if (code != DataColumn.NONE) {
                        unseen.clear(at + code);
                    }
                }
                at += texts.texts().size();
            } else {
                at++;
            }
        }
        return unseen;
    }

    private Trainer.Builder trainer(BitTabular model, Parts parts) {
        int steps = Math.ceilDiv(parts.train().size(), batchSize);
        AdamW optimizer = AdamW.builder().parameters(model.parameters()).learningRate(learningRate)
                .weightDecay(weightDecay).build();
        Trainer.Builder trainer = Trainer.builder(model, optimizer)
                .epochs(epochs > 0 ? epochs : Math.clamp(Math.ceilDiv(STEPS, steps), FEWEST_EPOCHS, MOST_EPOCHS))
                .batchSize(batchSize).seed(seed).schedule(Schedule.cosine());
        listeners.forEach(trainer::listener);
        if (parts.validation() != null) {
            trainer.keepBest();
        }
        if (checkpoint != null) {
            trainer.checkpoints(checkpoint, checkpointEvery);
        }
        return trainer;
    }
}
