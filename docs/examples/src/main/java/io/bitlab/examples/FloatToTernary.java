package io.bitlab.examples;

import io.bitlab.core.BitQuantConfig;
import io.bitlab.layers.Layer;
import io.bitlab.layers.Linear;
import io.bitlab.layers.ReLU;
import io.bitlab.layers.Sequential;
import io.bitlab.layers.convert.Ternarizer;
import io.bitlab.layers.optim.AdamW;
import io.bitlab.layers.optim.Schedule;
import io.bitlab.models.train.Dataset;
import io.bitlab.models.train.Evaluation;
import io.bitlab.models.train.Objective;
import io.bitlab.models.train.Objectives;
import io.bitlab.models.train.Trainer;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.Reader;
import java.util.zip.GZIPInputStream;

/** The second tutorial: a float network is trained, turned ternary, and fine-tuned in two ways. */
public final class FloatToTernary {
    public static void main(String[] args) throws Exception {
        String file = "/io/bitlab/cli/digits.csv.gz"; // comes with the examples, on the class path
        Dataset all;
        try (InputStream packed = FloatToTernary.class.getResourceAsStream(file);
                Reader text = new InputStreamReader(new GZIPInputStream(packed))) {
            all = Dataset.readCsv(file, text).scaled(1f / 16);
        }
        Dataset.Split digits = all.split(0.2, 42);

        // 1. A float network, trained as usual.
        Layer teacher = network();
        train(teacher, 10, 2e-3f, digits.train(), Schedule.CONSTANT, Objectives.crossEntropy());
        print("float", teacher, digits);

        // 2. Each Linear becomes a BitLinear with the same latent weights.
        print("ternary, as it is", ternary(teacher), digits);

        // 3. One epoch of fine-tuning, in which the quantisation grows from 0 to full over the first half.
        Layer tuned = ternary(teacher);
        train(tuned, 1, 1e-3f, digits.train(), Schedule.rise(0.5), Objectives.crossEntropy());
        print("after one epoch", tuned, digits);

        // 4. Ten epochs of distillation: the float network's answers are the lesson.
        Layer student = ternary(teacher);
        train(student, 10, 1e-3f, digits.train(), Schedule.rise(0.5), Objectives.distillation(teacher, 4f, 0.1f));
        print("ten epochs, teacher", student, digits);

        student.deploy();
        print("deployed", student, digits);
    }

    private static Layer network() {
        return new Sequential(new Linear(64, 128), new ReLU(), new Linear(128, 128), new ReLU(), new Linear(128, 10))
                .initialize(1);
    }

    /** A ternary network with the float network's weights. */
    private static Layer ternary(Layer teacher) {
        Layer copy = network();
        copy.loadMatching(teacher.stateDict());
        return Ternarizer.convert(copy, BitQuantConfig.defaults());
    }

    private static void train(Layer network, int epochs, float learningRate, Dataset data, Schedule quantStrength,
            Objective objective) {
        Trainer.builder(network, new AdamW(network.parameters(), learningRate)).epochs(epochs).seed(1)
                .schedule(Schedule.cosine()).quantStrengthSchedule(quantStrength).objective(objective).build()
                .fit(data, null);
    }

    private static void print(String what, Layer network, Dataset.Split digits) {
        System.out.printf("%-20s %.2f %%%n", what, 100 * Evaluation.accuracy(network, digits.test()));
    }
}
