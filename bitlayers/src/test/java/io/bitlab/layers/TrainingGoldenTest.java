package io.bitlab.layers;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.bitlab.core.tensor.Tensor;
import io.bitlab.layers.loss.BinaryCrossEntropy;
import io.bitlab.layers.loss.CrossEntropy;
import io.bitlab.layers.loss.KLDivergence;
import io.bitlab.layers.loss.MeanSquaredError;
import io.bitlab.layers.optim.AdamW;
import io.bitlab.layers.optim.GradientClipping;
import io.bitlab.layers.optim.Optimizer;
import io.bitlab.layers.optim.ParameterGroup;
import io.bitlab.layers.optim.SGD;
import io.bitlab.layers.optim.Schedule;
import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;
import java.util.List;
import java.util.Properties;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Losses, optimisers, schedules and clipping against values from PyTorch, see make_training_golden.py. */
class TrainingGoldenTest {

    private static final Properties GOLDEN = new Properties();
    private static final double TOLERANCE = 1e-6;

    static {
        try (InputStream in = TrainingGoldenTest.class.getResourceAsStream("/golden/training.properties")) {
            GOLDEN.load(in);
        } catch (IOException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    private static float[] golden(String name) {
        String[] words = GOLDEN.getProperty(name).split(" ");
        float[] values = new float[words.length];
        for (int i = 0; i < values.length; i++) {
            values[i] = Float.parseFloat(words[i]);
        }
        return values;
    }

    private static Tensor tensor(String name, int... shape) {
        return Tensor.of(golden(name), shape);
    }

    private static int[] labels(String name) {
        return Arrays.stream(GOLDEN.getProperty(name).split(" ")).mapToInt(Integer::parseInt).toArray();
    }

    /** Each difference is at most the tolerance times the largest expected magnitude. */
    private static void assertGolden(String name, float[] actual) {
        float[] expected = golden(name);
        assertEquals(expected.length, actual.length, name);
        double largest = 0;
        for (float value : expected) {
            largest = Math.max(largest, Math.abs(value));
        }
        for (int i = 0; i < expected.length; i++) {
            assertEquals(expected[i], actual[i], TOLERANCE * largest, name + ", element " + i);
        }
    }

    private static void assertLoss(String name, Tensor x, UnaryOperator<Tensor> loss) {
        Tensor value = loss.apply(x.requiresGrad(true));
        value.backward();
        assertGolden(name + ".loss", value.toArray());
        assertGolden(name + ".gradient", x.grad().toArray());
    }

    // ---------------------------------------------------------------- losses

    @ParameterizedTest
    @CsvSource({"logits,0.0", "logits,0.1", "large,0.0", "large,0.1"})
    void crossEntropy(String logits, float smoothing) {
        CrossEntropy loss = new CrossEntropy().withLabelSmoothing(smoothing);
        String name = "crossEntropy." + logits + "." + smoothing;
        assertLoss(name, tensor(logits, 6, 5), x -> loss.forward(x, labels("labels")));
        assertLoss(name + ".partly", tensor(logits, 6, 5), x -> loss.forward(x, labels("partly")));
        int[] padded = Arrays.stream(labels("partly")).map(label -> label == -100 ? 77 : label).toArray();
        assertLoss(name + ".partly", tensor(logits, 6, 5), x -> loss.withIgnoreIndex(77).forward(x, padded));
    }

    @Test
    void crossEntropyOfLeadingAxes() {
        assertLoss("crossEntropy.deep", tensor("deep", 2, 3, 5), x -> new CrossEntropy().forward(x, labels("labels")));
    }

    @Test
    void meanSquaredError() {
        assertLoss("meanSquaredError", tensor("logits", 6, 5),
                x -> new MeanSquaredError().forward(x, tensor("target", 6, 5)));
    }

    @Test
    void binaryCrossEntropy() {
        Tensor target = tensor("probability", 6, 5);
        assertLoss("binaryCrossEntropy", tensor("logits", 6, 5), x -> new BinaryCrossEntropy().forward(x, target));
        assertLoss("binaryCrossEntropy.large", tensor("large", 6, 5), x -> new BinaryCrossEntropy().forward(x, target));
    }

    @ParameterizedTest
    @ValueSource(floats = {1f, 2.5f})
    void klDivergence(float temperature) {
        assertLoss("klDivergence." + temperature, tensor("logits", 6, 5),
                x -> new KLDivergence(temperature).forward(x, tensor("teacher", 6, 5)));
        // leading axes make no difference
        assertLoss("klDivergence." + temperature, tensor("logits", 2, 3, 5),
                x -> new KLDivergence(temperature).forward(x, tensor("teacher", 2, 3, 5)));
    }

    // ---------------------------------------------------------------- optimisers

    /** Ten steps along given gradients. The second parameter gets its first gradient at the fourth step. */
    private static void assertSteps(String name, Tensor weight, Tensor bias, Optimizer optimizer) {
        float[] weightGradients = golden("gradients.0");
        float[] biasGradients = golden("gradients.1");
        float[] weights = new float[weightGradients.length];
        float[] biases = new float[biasGradients.length];
        for (int step = 0; step < 10; step++) {
            System.arraycopy(weightGradients, step * 12, weight.gradBuffer(), 0, 12);
            if (step >= 3) {
                System.arraycopy(biasGradients, step * 3, bias.gradBuffer(), 0, 3);
            }
            optimizer.step();
            System.arraycopy(weight.data(), 0, weights, step * 12, 12);
            System.arraycopy(bias.data(), 0, biases, step * 3, 3);
        }
        assertGolden(name + ".0", weights);
        assertGolden(name + ".1", biases);
    }

    @ParameterizedTest
    @ValueSource(strings = {"adamw", "adamw.settings", "adamw.groups", "sgd", "sgd.decay", "sgd.momentum",
        "sgd.momentum.decay", "sgd.nesterov", "sgd.groups"})
    void tenSteps(String name) {
        Tensor weight = tensor("start.0", 4, 3).requiresGrad(true);
        Tensor bias = tensor("start.1", 3).requiresGrad(true);
        List<Tensor> together = List.of(weight, bias);
        List<ParameterGroup> apart = List.of(ParameterGroup.of(List.of(weight)),
                new ParameterGroup(List.of(bias), 0.5f, 0f));
        assertSteps(name, weight, bias, switch (name) {
            case "adamw" -> new AdamW(together, 0.01f);
            case "adamw.settings" -> AdamW.builder().parameters(together).learningRate(0.03f).betas(0.8f, 0.95f)
                    .eps(1e-3f).weightDecay(0.2f).build();
            case "adamw.groups" -> AdamW.builder().groups(apart).learningRate(0.01f).weightDecay(0.1f).build();
            case "sgd" -> new SGD(together, 0.01f);
            case "sgd.decay" -> SGD.builder().parameters(together).learningRate(0.01f).weightDecay(0.1f).build();
            case "sgd.momentum" -> SGD.builder().parameters(together).learningRate(0.01f).momentum(0.9f).build();
            case "sgd.momentum.decay" -> SGD.builder().parameters(together).learningRate(0.01f).momentum(0.9f)
                    .weightDecay(0.1f).build();
            case "sgd.nesterov" -> SGD.builder().parameters(together).learningRate(0.01f).momentum(0.9f).nesterov(true)
                    .weightDecay(0.1f).build();
            case "sgd.groups" -> SGD.builder().groups(apart).learningRate(0.01f).momentum(0.5f).weightDecay(0.1f)
                    .build();
            default -> throw new AssertionError(name);
        });
    }

    // ---------------------------------------------------------------- schedules and clipping

    @ParameterizedTest
    @ValueSource(strings = {"constant", "linear", "cosine", "cosine.downTo", "twoStage", "firstHalf"})
    void schedules(String name) {
        Schedule schedule = switch (name) {
            case "constant" -> Schedule.CONSTANT;
            case "linear" -> Schedule.linear();
            case "cosine" -> Schedule.cosine();
            case "cosine.downTo" -> Schedule.cosine().downTo(0.1f);
            case "twoStage" -> Schedule.twoStage();
            case "firstHalf" -> Schedule.firstHalf();
            default -> throw new AssertionError(name);
        };
        assertGolden("schedule." + name, factors(schedule));
        assertGolden("schedule." + name + ".warm", factors(schedule.withWarmUp(8)));
    }

    private static float[] factors(Schedule schedule) {
        float[] factors = new float[40];
        for (int step = 0; step < factors.length; step++) {
            factors[step] = schedule.factor(step, factors.length);
        }
        return factors;
    }

    private static List<Tensor> clippable() {
        List<Tensor> parameters = List.of(Tensor.zeros(4, 3), Tensor.zeros(3));
        for (int i = 0; i < 2; i++) {
            float[] gradient = golden("clip." + i);
            System.arraycopy(gradient, 0, parameters.get(i).gradBuffer(), 0, gradient.length);
        }
        return parameters;
    }

    private static void assertClipped(String name, List<Tensor> parameters) {
        for (int i = 0; i < 2; i++) {
            assertGolden("clip." + name + "." + i, parameters.get(i).grad().toArray());
        }
    }

    @Test
    void clipping() {
        for (int max : new int[] {2, 100}) {
            List<Tensor> parameters = clippable();
            assertGolden("clip.byNorm." + max + ".norm", new float[] {GradientClipping.byNorm(parameters, max)});
            assertClipped("byNorm." + max, parameters);
        }
        List<Tensor> parameters = clippable();
        GradientClipping.byValue(parameters, 1.5f);
        assertClipped("byValue.1.5", parameters);
    }
}
