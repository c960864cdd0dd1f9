package io.bitlab.spark;

import io.bitlab.models.train.ShardGradient;
import io.bitlab.models.train.ShardStep;
import io.bitlab.models.train.ShardWorker;
import java.io.IOException;
import org.apache.spark.api.java.function.Function;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.util.LongAccumulator;

/** Computes a part of the shards of a step. Travels to the executors; run again elsewhere, it returns the same bits. */
final class ShardTask implements Function<Integer, ShardGradient> {

    private static final long serialVersionUID = 1;

    private final Broadcast<SharedWorkers> workers;
    private final Broadcast<float[]> state;
    private final ShardStep step;
    private final int shardsEach;
    private final LongAccumulator samples;

    ShardTask(Broadcast<SharedWorkers> workers, Broadcast<float[]> state, ShardStep step, int shardsEach,
            LongAccumulator samples) {
        this.workers = workers;
        this.state = state;
        this.step = step;
        this.shardsEach = shardsEach;
        this.samples = samples;
    }

    @Override
    public ShardGradient call(Integer part) throws IOException {
        SharedWorkers shared = workers.value(); // once: Spark may drop it meanwhile, and read another
        ShardWorker worker = shared.take(); // one that fails is not used again
        worker.load(state.value());
        int from = part * shardsEach;
        ShardGradient sum = worker.compute(step, from, from + shardsEach);
        shared.giveBack(worker);
        for (int shard = from; shard < from + shardsEach; shard++) {
            samples.add(step.samplesOf(shard).length);
        }
        return sum;
    }
}
