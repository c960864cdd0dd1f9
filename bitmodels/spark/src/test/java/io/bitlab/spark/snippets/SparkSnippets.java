package io.bitlab.spark.snippets;

import io.bitlab.layers.optim.AdamW;
import io.bitlab.models.AutoBitModel;
import io.bitlab.models.generate.SamplingConfig;
import io.bitlab.models.mlp.BitMlp;
import io.bitlab.models.mlp.BitMlpConfig;
import io.bitlab.models.train.ShardWorker;
import io.bitlab.models.train.Trainer;
import io.bitlab.spark.SparkFunctions;
import io.bitlab.spark.SparkGradientExchange;
import io.bitlab.spark.TernaryScorer;
import java.io.IOException;
import java.nio.file.Path;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;

/** Snippets in the Javadoc of {@link io.bitlab.spark}. */
public final class SparkSnippets {

    private SparkSnippets() {
    }

    public static Dataset<Row> score(Dataset<Row> fruits, Path model) throws IOException {
        // @start region="score"
        TernaryScorer scorer = TernaryScorer.load(model); // a folder that Classifier.save wrote
        Dataset<Row> scored = scorer.transform(fruits); // adds prediction, probability, probabilities and error
        // @end
        return scored;
    }

    public static Dataset<Row> generate(Dataset<Row> prompts, Path model) throws IOException {
        // @start region="generate"
        TernaryScorer scorer = TernaryScorer.load(model).withInput("prompt")
                .generating(builder -> builder.maxTokens(20).sampling(SamplingConfig.TEXT.withSeed(7)));
        Dataset<Row> continued = scorer.transform(prompts); // adds generated, finish_reason and error
        // @end
        return continued;
    }

    public static void train(SparkSession session) throws IOException {
        // @start region="train"
        try (SparkGradientExchange exchange = SparkGradientExchange.of(session, 8, 2,
                () -> ShardWorker.of(trainer().build(), data()))) { // runs in the executors
            trainer().gradientExchange(exchange).build().fit(data(), null);
        }
        // @end
    }

    private static Trainer.Builder trainer() {
        BitMlp model = AutoBitModel.fromConfig(
                BitMlpConfig.builder().nLayers(3).inChannels(4).hiddenDim(8).outChannels(2).build(), 42);
        return Trainer.builder(model, new AdamW(model.parameters(), 1e-3f)).epochs(1);
    }

    private static io.bitlab.models.train.Dataset data() {
        return io.bitlab.models.train.Dataset.of(new float[32 * 4], new int[32]);
    }

    public static Dataset<Row> sql(SparkSession session) {
        // @start region="sql"
        SparkFunctions.register(session);
        Dataset<Row> scored = session.sql("select id, answer.prediction, answer.error from (select id, "
                + "bitlab_predict('target/fruit-model', weight, width, colour) as answer from fruits)");
        // @end
        return scored;
    }
}
