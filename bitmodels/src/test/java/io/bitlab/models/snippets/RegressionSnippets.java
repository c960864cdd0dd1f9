package io.bitlab.models.snippets;

import io.bitlab.layers.Layer;
import io.bitlab.layers.optim.AdamW;
import io.bitlab.models.train.EpochResult;
import io.bitlab.models.train.RegressionDataset;
import io.bitlab.models.train.RegressionErrors;
import io.bitlab.models.train.RegressionTask;
import io.bitlab.models.train.Trainer;
import java.util.List;

/** Snippets about training models that predict a number. */
final class RegressionSnippets {

    private RegressionSnippets() {}

    static RegressionDataset dataset() {
        // @start region="dataset"
        float[] features = {1, 2, 3, 4, 5, 6}; // 3 samples of 2 features
        double[] prices = {10.5, 20, 31};
        RegressionDataset data = RegressionDataset.of(features, prices);
        // @end
        return data;
    }

    static List<EpochResult> task(Layer model, RegressionDataset train, RegressionDataset test) {
        // @start region="task"
        RegressionTask task = RegressionTask.builder(model, train).validation(test)
                .scale(250, 80) // prices are about 250, give or take 80
                .build();
        List<EpochResult> epochs = Trainer.builder(model, new AdamW(model.parameters(), 1e-3f)).epochs(50)
                .build().fit(task);
        double error = epochs.getLast().validation().number("RMSE"); // a price
        // @end
        return error > 0 ? epochs : null;
    }

    static void errors(RegressionTask task, RegressionDataset test) {
        // @start region="errors"
        RegressionErrors errors = RegressionErrors.of(task.predictions(test), test.targets());
        System.out.printf("off by %.2f on average, %.0f %% of the variance explained%n", errors.meanAbsolute(),
                100 * errors.r2());
        // @end
    }
}
