package io.bitlab.examples;

import io.bitlab.core.tensor.Tensor;
import io.bitlab.layers.BitLinear;
import io.bitlab.layers.optim.AdamW;
import io.bitlab.layers.optim.Schedule;
import io.bitlab.models.AutoBitModel;
import io.bitlab.models.mlp.BitMlp;
import io.bitlab.models.mlp.BitMlpConfig;
import io.bitlab.models.train.Dataset;
import io.bitlab.models.train.EpochResult;
import io.bitlab.models.train.Evaluation;
import io.bitlab.models.train.Trainer;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.Reader;
import java.nio.file.Path;
import java.util.List;
import java.util.zip.GZIPInputStream;

/** The first tutorial: a ternary network that reads handwritten digits, from the data to the saved model. */
public final class FirstNetwork {
    public static void main(String[] args) throws Exception {
        // 1. The data: 64 pixels from 0 to 16 and the digit, a sample a line.
        String file = "/io/bitlab/cli/digits.csv.gz"; // comes with the examples, on the class path
        Dataset all;
        try (InputStream packed = FirstNetwork.class.getResourceAsStream(file);
                Reader text = new InputStreamReader(new GZIPInputStream(packed))) {
            all = Dataset.readCsv(file, text).scaled(1f / 16);
        }
        Dataset.Split digits = all.split(0.2, 42); // a fifth of each class for the test; 42 is the seed

        // 2. The network: 64 -> 128 -> 128 -> 10, all three layers ternary.
        BitMlpConfig config = BitMlpConfig.builder()
                .nLayers(3).inChannels(digits.train().featureCount()).hiddenDim(128)
                .outChannels(digits.train().classes())
                .build();
        BitMlp model = AutoBitModel.fromConfig(config, 1);

        // 3. Training.
        Trainer trainer = Trainer.builder(model, new AdamW(model.parameters(), 2e-3f))
                .epochs(12).batchSize(32).seed(1)
                .schedule(Schedule.cosine().withWarmUp(50))
                .build();
        List<EpochResult> epochs = trainer.fit(digits.train(), null);
        System.out.printf("loss %.3f -> %.3f%n", epochs.getFirst().loss(), epochs.getLast().loss());

        // 4. The same network in its three modes.
        System.out.printf("train():  %.2f %% of the test digits%n", 100 * Evaluation.accuracy(model, digits.test()));
        model.eval();
        System.out.printf("eval():   %.2f %%%n", 100 * Evaluation.accuracy(model, digits.test()));
        model.deploy();
        System.out.printf("deploy(): %.2f %%%n", 100 * Evaluation.accuracy(model, digits.test()));

        // 5. What is inside.
        BitLinear first = (BitLinear) model.children().get("linear0");
        System.out.printf("%s: %.0f %% zeros, %.2f bits a weight, kernel %s%n", first.path(),
                100 * first.ternaryWeight().zeroFraction(), first.ternaryWeight().bitsPerWeight(),
                first.kernel().name());
        System.out.printf("%d bytes instead of %d%n", model.memory().residentBytes(), model.memory().floatBytes());

        // 6. Save, load, use.
        Path folder = Path.of("target/first-network");
        AutoBitModel.save(model, folder);
        BitMlp loaded = AutoBitModel.load(folder, BitMlp.class);
        Tensor sample = digits.test().batch(0);
        System.out.println("a " + loaded.forward(sample).argmax()[0] + ", really a " + digits.test().labels(0)[0]);
    }
}
