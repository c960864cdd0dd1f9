import io.bitlab.core.BitQuantConfig;
import io.bitlab.layers.Layer;
import io.bitlab.layers.Linear;
import io.bitlab.layers.ReLU;
import io.bitlab.layers.Sequential;
import io.bitlab.layers.TernaryLayer;
import io.bitlab.layers.convert.Ternarizer;
import io.bitlab.layers.optim.AdamW;
import io.bitlab.layers.optim.Schedule;
import io.bitlab.models.train.Dataset;
import io.bitlab.models.train.Evaluation;
import io.bitlab.models.train.Trainer;
import io.bitlab.models.train.TrainingListener;
import java.io.InputStreamReader;
import java.io.Reader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.zip.GZIPInputStream;

/** The second tutorial: a float network is trained, turned ternary, and fine-tuned with rising quantisation. */
public final class FloatToTernary {
    public static void main(String[] args) throws Exception {
        Path file = Path.of("src/main/resources/io/bitlab/examples/digits.csv.gz");
        Dataset all;
        try (Reader text = new InputStreamReader(new GZIPInputStream(Files.newInputStream(file)))) {
            all = Dataset.readCsv(file.toString(), text).scaled(1f / 16);
        }
        Dataset.Split digits = all.split(0.2, 42);

        // 1. A float network, trained as usual.
        Layer network = new Sequential(new Linear(64, 128), new ReLU(), new Linear(128, 128), new ReLU(), new Linear(128, 10));
        network.initialize(1);
        train(network, 10, 2e-3f, digits.train(), new TrainingListener() { });
        System.out.printf("float:              %.2f %%%n", 100 * Evaluation.accuracy(network, digits.test()));

        // 2. Each Linear becomes a BitLinear with the same latent weights.
        network = Ternarizer.convert(network, BitQuantConfig.defaults());
        System.out.printf("ternary, as it is:  %.2f %%%n", 100 * Evaluation.accuracy(network, digits.test()));

        // 3. Fine-tuning: the quantisation grows from 0 to full over the first half of the steps.
        train(network, 4, 1e-3f, digits.train(), new QuantisationWarmUp(network));
        System.out.printf("ternary, finetuned: %.2f %%%n", 100 * Evaluation.accuracy(network, digits.test()));

        network.deploy();
        System.out.printf("deployed:           %.2f %%%n", 100 * Evaluation.accuracy(network, digits.test()));
    }

    private static void train(Layer network, int epochs, float learningRate, Dataset data, TrainingListener listener) {
        Trainer.builder(network, new AdamW(network.parameters(), learningRate)).epochs(epochs).seed(1)
                .schedule(Schedule.cosine()).listener(listener).build().fit(data, null);
    }

    /** Raises the strength of the quantisation from 0 to 1 in the first half of a training. */
    private static final class QuantisationWarmUp implements TrainingListener {
        private final Layer network;
        private int warmUpSteps;
        private int done;

        QuantisationWarmUp(Layer network) {
            this.network = network;
        }

        @Override
        public void onStart(int epochs, int stepsPerEpoch) {
            warmUpSteps = epochs * stepsPerEpoch / 2;
            strength(0f);
        }

        @Override
        public void onStep(int epoch, int step, double loss, double accuracy) {
            done++;
            strength(Math.min(1f, done / (float) warmUpSteps));
        }

        private void strength(float value) {
            for (Layer layer : network.layers().values()) {
                if (layer instanceof TernaryLayer ternary) {
                    ternary.quantStrength(value);
                }
            }
        }
    }
}
