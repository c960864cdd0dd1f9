package io.bitlab.models.snippets;

import io.bitlab.layers.Layer;
import io.bitlab.layers.optim.AdamW;
import io.bitlab.models.train.Dataset;
import io.bitlab.models.train.GradientExchange;
import io.bitlab.models.train.GradientPrecision;
import io.bitlab.models.train.ShardGradient;
import io.bitlab.models.train.ShardStep;
import io.bitlab.models.train.ShardWorker;
import io.bitlab.models.train.Trainer;

/** Snippets of {@link GradientExchange} and what belongs to it. */
public final class ExchangeSnippets {

    private ExchangeSnippets() {
    }

    public static void exchange(Layer model, Dataset train) {
        // @start region="exchange"
        Trainer trainer = Trainer.builder(model, new AdamW(model.parameters(), 1e-3f)).batchSize(256)
                .gradientExchange(GradientExchange.inOneJvm(8)).build(); // 8 shards of 32 samples
        trainer.fit(train, null);
        // @end
    }

    public static GradientExchange precision() {
        // @start region="precision"
        GradientExchange exchange = GradientExchange.inOneJvm(8, GradientPrecision.BFLOAT16);
        // @end
        return exchange;
    }

    public static ShardWorker worker(Layer model, Dataset train) {
        // @start region="worker"
        Trainer twin = Trainer.builder(model, new AdamW(model.parameters(), 1e-3f)).seed(7).build(); // as the trainer
        ShardWorker worker = ShardWorker.of(twin, train);
        // @end
        return worker;
    }

    public static int[] step() {
        // @start region="step"
        ShardStep step = new ShardStep(1, 0, 2, new int[] {5, 3, 8}, Float.NaN);
        int[] first = step.samplesOf(0); // 5
        int[] second = step.samplesOf(1); // 3, 8
        // @end
        return new int[] {first.length, second.length};
    }

    public static ShardGradient tree(ShardStep step, ShardWorker worker, ShardWorker other) {
        // @start region="tree"
        other.load(worker.state());
        ShardGradient sum = worker.compute(step, 0, 2).plus(other.compute(step, 2, 4)); // of 4 shards
        // @end
        return sum;
    }
}
