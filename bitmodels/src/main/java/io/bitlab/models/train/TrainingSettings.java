package io.bitlab.models.train;

import io.bitlab.layers.Layer;
import io.bitlab.layers.optim.Optimizer;
import io.bitlab.layers.optim.Schedule;
import java.nio.file.Path;
import java.util.List;

/** What the builder of a {@link Trainer} collected; see its methods. */
record TrainingSettings(Layer model, Optimizer optimizer, List<TrainingListener> listeners, int epochs, int batchSize,
        int accumulate, GradientExchange exchange, long seed, Schedule schedule, Schedule weightDecaySchedule,
        Schedule quantStrengthSchedule,
        float clipNorm, Objective objective, Augmentation augmentation, BatchAugmentation batchAugmentation,
        WeightAverage average, EarlyStopping earlyStopping, boolean keepBest, Path checkpoint, int checkpointEvery,
        boolean resumeWithChanges, boolean stopOnShutdown) {
}
