package io.bitlab.examples;

import io.bitlab.cli.data.Digits;
import io.bitlab.core.BitQuantConfig;
import io.bitlab.core.Granularity;
import io.bitlab.core.WeightScale;
import io.bitlab.layers.BitLinear;
import io.bitlab.layers.Layer;
import io.bitlab.layers.Linear;
import io.bitlab.layers.RMSNorm;
import io.bitlab.layers.ReLU;
import io.bitlab.layers.Sequential;
import io.bitlab.layers.optim.AdamW;
import io.bitlab.layers.optim.ParameterGroup;
import io.bitlab.layers.optim.Schedule;
import io.bitlab.models.train.Dataset;
import io.bitlab.models.train.Evaluation;
import io.bitlab.models.train.Objective;
import io.bitlab.models.train.Objectives;
import io.bitlab.models.train.Trainer;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.function.LongFunction;
import org.apache.commons.math3.stat.descriptive.SummaryStatistics;
import picocli.CommandLine.Command;

/**
 * Compares the recipes of {@code docs/tutorials/recipes.md} on the handwritten digits: one change at a time, against
 * the same network trained with AdamW and a cosine. Prints the mean of five seeds.
 */
@Command(name = "CompareRecipes", mixinStandardHelpOptions = true,
        description = "Compares ways to train on handwritten digits.")
public final class CompareRecipes implements Callable<Integer> {

    private static final int SEEDS = 5;
    private static final int HIDDEN = 128;
    private static final BitQuantConfig TERNARY = BitQuantConfig.defaults();

    private CompareRecipes() {
    }

    /**
     * Runs all recipes.
     *
     * @param arguments none but {@code --help}
     */
    public static void main(String[] arguments) {
        ExampleCommand.run(new CompareRecipes(), arguments);
    }

    @Override
    public Integer call() throws IOException {
        Dataset.Split digits = Digits.load();
        Dataset train = digits.train();
        Map<String, LongFunction<Layer>> recipes = new LinkedHashMap<>();
        recipes.put("float twin", seed -> fit(base(floats(), seed, 0.01f), train));
        recipes.put("ternary: AdamW, cosine", seed -> fit(base(ternary(TERNARY), seed, 0.01f), train));
        recipes.put("constant learning rate",
                seed -> fit(base(ternary(TERNARY), seed, 0.01f).schedule(Schedule.CONSTANT), train));
        recipes.put("two-stage learning rate",
                seed -> fit(base(ternary(TERNARY), seed, 0.01f).schedule(Schedule.twoStage()), train));
        recipes.put("two-stage, weight decay 0.1 in the first half",
                seed -> fit(base(ternary(TERNARY), seed, 0.1f).schedule(Schedule.twoStage())
                        .weightDecaySchedule(Schedule.firstHalf()), train));
        recipes.put("absmedian scale", seed -> fit(base(ternary(TERNARY.withWeightScale(WeightScale.ABS_MEDIAN)), seed,
                0.01f), train));
        recipes.put("absmax scale",
                seed -> fit(base(ternary(TERNARY.withWeightScale(WeightScale.ABS_MAX)), seed, 0.01f), train));
        recipes.put("a scale a row", seed -> fit(
                base(ternary(TERNARY.withWeightGranularity(Granularity.PER_CHANNEL)), seed, 0.01f), train));
        recipes.put("RMSNorm before each BitLinear", seed -> fit(base(normed(), seed, 0.01f), train));
        recipes.put("labels smoothed by 0.1",
                seed -> fit(base(ternary(TERNARY), seed, 0.01f).objective(Objectives.crossEntropy(0.1f)), train));
        recipes.put("distilled from the float twin", seed -> {
            Layer teacher = fit(base(floats(), seed, 0.01f), train);
            return fit(base(ternary(TERNARY), seed, 0.01f).objective(Objectives.distillation(teacher, 4f, 0.1f)),
                    train);
        });
        System.out.printf("%-46s %10s %10s%n", "recipe", "accuracy", "deviation");
        recipes.forEach((name, recipe) -> {
            SummaryStatistics accuracies = new SummaryStatistics();
            for (long seed = 1; seed <= SEEDS; seed++) {
                accuracies.addValue(100 * Evaluation.accuracy(recipe.apply(seed).eval(), digits.test()));
            }
            System.out.printf(Locale.ROOT, "%-46s %8.2f %% %8.2f %%%n", name, accuracies.getMean(),
                    accuracies.getStandardDeviation());
        });
        return 0;
    }

    /** A model and the trainer that will train it. */
    private record Training(Layer model, Trainer.Builder trainer) {

        Training schedule(Schedule schedule) {
            return new Training(model, trainer.schedule(schedule));
        }

        Training weightDecaySchedule(Schedule schedule) {
            return new Training(model, trainer.weightDecaySchedule(schedule));
        }

        Training objective(Objective objective) {
            return new Training(model, trainer.objective(objective));
        }
    }

    private static Training base(Layer model, long seed, float weightDecay) {
        model.initialize(seed);
        AdamW optimizer = AdamW.builder().groups(ParameterGroup.splitByRank(model)).learningRate(2e-3f)
                .weightDecay(weightDecay).build();
        return new Training(model,
                Trainer.builder(model, optimizer).epochs(20).seed(seed).schedule(Schedule.cosine()));
    }

    private static Layer fit(Training training, Dataset data) {
        training.trainer.build().fit(data, null);
        return training.model;
    }

    private static Layer floats() {
        return new Sequential(new Linear(Digits.PIXELS, HIDDEN), new ReLU(), new Linear(HIDDEN, HIDDEN), new ReLU(),
                new Linear(HIDDEN, Digits.CLASSES));
    }

    private static Layer ternary(BitQuantConfig config) {
        return new Sequential(linear(Digits.PIXELS, HIDDEN, config), new ReLU(), linear(HIDDEN, HIDDEN, config),
                new ReLU(), linear(HIDDEN, Digits.CLASSES, config));
    }

    private static Layer normed() {
        return new Sequential(new RMSNorm(Digits.PIXELS), linear(Digits.PIXELS, HIDDEN, TERNARY), new ReLU(),
                new RMSNorm(HIDDEN), linear(HIDDEN, HIDDEN, TERNARY), new ReLU(), new RMSNorm(HIDDEN),
                linear(HIDDEN, Digits.CLASSES, TERNARY));
    }

    private static Layer linear(int in, int out, BitQuantConfig config) {
        return BitLinear.builder(in, out).bias(true).quantConfig(config).build();
    }
}
