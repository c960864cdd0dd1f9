package io.bitlab.spark.examples;

import io.bitlab.cli.data.Digits;
import io.bitlab.layers.optim.AdamW;
import io.bitlab.models.AutoBitModel;
import io.bitlab.models.mlp.BitMlp;
import io.bitlab.models.mlp.BitMlpConfig;
import io.bitlab.models.train.Dataset;
import io.bitlab.models.train.ProgressReport;
import io.bitlab.models.train.ShardWorker;
import io.bitlab.models.train.Trainer;
import io.bitlab.spark.SparkGradientExchange;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Locale;
import org.apache.spark.sql.SparkSession;

/**
 * Trains a ternary network with two executors. Arguments: the folder with the four files of Fashion-MNIST, or
 * {@code digits}; the number of executors (a power of two up to 8, default 2), and of epochs (default 2). The last line
 * is the same with any number of executors.
 */
public final class TrainOnCluster {

    private static final int SHARDS = 8;
    private static final int CLASSES = 10;

    private TrainOnCluster() {
    }

    public static void main(String... arguments) throws IOException {
        String data = arguments.length > 0 ? arguments[0] : "digits";
        int executors = arguments.length > 1 ? Integer.parseInt(arguments[1]) : 2;
        int epochs = arguments.length > 2 ? Integer.parseInt(arguments[2]) : 2;
        System.out.println("weights " + train(data, executors, epochs));
    }

    /** A number of all weights. */
    static String train(String data, int executors, int epochs) throws IOException {
        Dataset.Split parts = read(data);
        BitMlp model = model(parts.train().featureCount());
        Trainer.Builder trainer = trainer(model).epochs(epochs).listener(new ProgressReport("spark", System.out));
        String master = "local-cluster[" + executors + ",1,1024]";
        try (SparkSession session = LocalCluster.builder(master).getOrCreate();
                SparkGradientExchange exchange = SparkGradientExchange.of(session, SHARDS, executors,
                        () -> worker(data))) {
            trainer.gradientExchange(exchange).build().fit(parts.train(), parts.test());
        }
        float[] weights = ShardWorker.of(trainer(model).build(), parts.train()).state();
        return String.format(Locale.ROOT, "%08x", Arrays.hashCode(weights));
    }

    /** Runs in the executors, which read the data themselves. */
    private static ShardWorker worker(String data) throws IOException {
        Dataset train = read(data).train();
        return ShardWorker.of(trainer(model(train.featureCount())).build(), train);
    }

    private static Dataset.Split read(String data) throws IOException {
        if (data.equals("digits")) {
            return Digits.load();
        }
        return new Dataset.Split(readIdx(data, "train"), readIdx(data, "t10k"));
    }

    private static Dataset readIdx(String folder, String part) throws IOException {
        return Dataset.readIdx(Path.of(folder, part + "-images-idx3-ubyte.gz"),
                Path.of(folder, part + "-labels-idx1-ubyte.gz"));
    }

    private static BitMlp model(int pixels) {
        return AutoBitModel.fromConfig(BitMlpConfig.builder().nLayers(3).inChannels(pixels).hiddenDim(256)
                .outChannels(CLASSES).build(), 1);
    }

    private static Trainer.Builder trainer(BitMlp model) {
        return Trainer.builder(model, new AdamW(model.parameters(), 2e-3f)).batchSize(256).seed(1);
    }
}
