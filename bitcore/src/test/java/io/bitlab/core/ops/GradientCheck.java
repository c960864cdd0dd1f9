package io.bitlab.core.ops;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.fail;

import io.bitlab.core.memory.Workspace;
import io.bitlab.core.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Checks a differentiable operation against a reference that is written in double precision.
 *
 * <ol>
 * <li>the float result is near the reference's;
 * <li>every gradient, of the result's elements weighted at random, is near central differences of the reference;
 * <li>each gradient has the same bits when no other input asks for one;
 * <li>a second backward adds to the gradients that are there;
 * <li>everything has the same bits in a workspace that hands out used arrays, and no input was modified.
 * </ol>
 */
final class GradientCheck {

    private static final double STEP = 1e-5;
    private static final double FORWARD_TOLERANCE = 2e-6;
    private static final double GRADIENT_TOLERANCE = 5e-6;

    /** The operation under test. */
    @FunctionalInterface
    interface FloatOperation {
        Tensor apply(Tensor... inputs);
    }

    /** What it should compute. */
    @FunctionalInterface
    interface DoubleOperation {
        DoubleArray apply(DoubleArray... inputs);
    }

    private final String label;
    private final FloatOperation operation;
    private final DoubleOperation reference;
    private final float[][] inputs;
    private final int[][] shapes;

    private GradientCheck(String label, FloatOperation operation, DoubleOperation reference, Tensor... inputs) {
        this.label = label;
        this.operation = operation;
        this.reference = reference;
        this.inputs = Arrays.stream(inputs).map(Tensor::toArray).toArray(float[][]::new);
        this.shapes = Arrays.stream(inputs).map(Tensor::shape).toArray(int[][]::new);
    }

    static void check(String what, long seed, FloatOperation operation, DoubleOperation reference, Tensor... inputs) {
        StringBuilder label = new StringBuilder(what).append(", seed ").append(seed).append(", shapes");
        for (Tensor input : inputs) {
            label.append(' ').append(Arrays.toString(input.shape()));
        }
        new GradientCheck(label.toString(), operation, reference, inputs).run(seed);
    }

    /** Values between 0.5 and about 4, for operations that are defined there only. */
    static Tensor positive(long seed, int... shape) {
        Tensor tensor = Tensor.randn(seed, shape);
        float[] data = tensor.data();
        for (int i = 0; i < data.length; i++) {
            data[i] = 0.5f + Math.abs(data[i]);
        }
        return tensor;
    }

    private void run(long seed) {
        DoubleArray expected = reference.apply(wide());
        float[] weights = Tensor.randn(seed + 1000, expected.values().length).data();
        Results all = compute(weights, -1, 1);
        Results twice = compute(weights, -1, 2);
        assertArrayEquals(expected.shape(), all.shape, label + ": shape of the result");
        assertNear(expected.values(), all.values, FORWARD_TOLERANCE, label + ": result");
        for (int i = 0; i < inputs.length; i++) {
            assertNotNull(all.gradients.get(i), label + ": gradient of input " + i);
            String name = label + ": gradient of input " + i;
            double[] gradient = finiteDifferences(i, weights);
            assertNear(gradient, all.gradients.get(i), GRADIENT_TOLERANCE, name);
            assertNear(Arrays.stream(gradient).map(g -> 2 * g).toArray(), twice.gradients.get(i), GRADIENT_TOLERANCE,
                    name + ", added up twice");
            Results alone = compute(weights, i, 1);
            assertArrayEquals(all.gradients.get(i), alone.gradients.get(i), name + ", asked for alone");
        }
        Workspace workspace = new Workspace();
        for (int round = 0; round < 3; round++) {
            Results recycled = workspace.call(() -> compute(weights, -1, 1));
            workspace.reset();
            assertArrayEquals(all.values, recycled.values, label + ": result in a workspace, round " + round);
            for (int i = 0; i < inputs.length; i++) {
                assertArrayEquals(all.gradients.get(i), recycled.gradients.get(i),
                        label + ": gradient of input " + i + " in a workspace, round " + round);
            }
        }
    }

    private record Results(int[] shape, float[] values, List<float[]> gradients) {
    }

    /** Forward and backward; only one input asks for a gradient, or all of them if {@code only} is -1. */
    private Results compute(float[] weights, int only, int passes) {
        Tensor[] tensors = new Tensor[inputs.length];
        for (int i = 0; i < tensors.length; i++) {
            tensors[i] = Tensor.of(inputs[i].clone(), shapes[i]).requiresGrad(only < 0 || only == i);
        }
        Tensor result = operation.apply(tensors);
        float[] values = result.toArray();
        result.backward(weights);
        for (int pass = 1; pass < passes; pass++) {
            operation.apply(tensors).backward(weights);
        }
        List<float[]> gradients = new ArrayList<>();
        for (int i = 0; i < tensors.length; i++) {
            assertArrayEquals(inputs[i], tensors[i].data(), label + ": input " + i + " was modified");
            if (!tensors[i].requiresGrad()) {
                assertNull(tensors[i].grad(), label + ": input " + i + " did not ask for a gradient");
            }
            gradients.add(tensors[i].grad() == null ? null : tensors[i].grad().toArray());
        }
        return new Results(result.shape(), values, gradients);
    }

    private DoubleArray[] wide() {
        DoubleArray[] wide = new DoubleArray[inputs.length];
        Arrays.setAll(wide, i -> DoubleArray.of(inputs[i], shapes[i]));
        return wide;
    }

    private double[] finiteDifferences(int input, float[] weights) {
        DoubleArray[] arguments = wide();
        double[] x = arguments[input].values();
        double[] gradient = new double[x.length];
        for (int i = 0; i < x.length; i++) {
            double middle = x[i];
            x[i] = middle + STEP;
            double above = weighted(reference.apply(arguments), weights);
            x[i] = middle - STEP;
            double below = weighted(reference.apply(arguments), weights);
            x[i] = middle;
            gradient[i] = (above - below) / (2 * STEP);
        }
        return gradient;
    }

    private static double weighted(DoubleArray result, float[] weights) {
        double sum = 0;
        for (int i = 0; i < weights.length; i++) {
            sum += weights[i] * result.values()[i];
        }
        return sum;
    }

    /** Each difference is at most the tolerance times the largest expected magnitude (or 0.1, if that is less). */
    static void assertNear(double[] expected, float[] actual, double tolerance, String message) {
        if (expected.length != actual.length) {
            fail(message + ": expected " + expected.length + " elements, got " + actual.length);
        }
        double scale = Math.max(0.1, Arrays.stream(expected).map(Math::abs).max().orElse(0));
        for (int i = 0; i < expected.length; i++) {
            if (!(Math.abs(expected[i] - actual[i]) <= tolerance * scale)) {
                fail(message + ": element " + i + " is " + actual[i] + ", expected " + expected[i] + " within "
                        + tolerance * scale);
            }
        }
    }
}
