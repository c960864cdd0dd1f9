package io.bitlab.layers.optim;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.bitlab.core.tensor.Tensor;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class AdamWTest {

    /** The paper's algorithm 2 (with a constant schedule), in double. */
    private static final class Reference {
        private final double[] p;
        private final double[] m;
        private final double[] v;
        private int t;

        Reference(float[] start) {
            p = new double[start.length];
            m = new double[start.length];
            v = new double[start.length];
            for (int i = 0; i < p.length; i++) {
                p[i] = start[i];
            }
        }

        void step(float[] g, double lr, double b1, double b2, double eps, double decay) {
            t++;
            for (int i = 0; i < p.length; i++) {
                m[i] = b1 * m[i] + (1 - b1) * g[i];
                v[i] = b2 * v[i] + (1 - b2) * g[i] * g[i];
                double mHat = m[i] / (1 - Math.pow(b1, t));
                double vHat = v[i] / (1 - Math.pow(b2, t));
                p[i] -= lr * (mHat / (Math.sqrt(vHat) + eps) + decay * p[i]);
            }
        }
    }

    private static void giveGradient(Tensor parameter, float[] gradient) {
        parameter.zeroGrad();
        parameter.mul(Tensor.of(gradient, parameter.shape())).sum().backward();
    }

    @ParameterizedTest
    @CsvSource({"0.01,0.9,0.999,1e-8,0.01", "0.1,0.9,0.999,1e-8,0", "0.003,0.8,0.95,1e-3,0.3", "0.02,0,0.5,1e-6,0.1"})
    void followsAnIndependentImplementationInDouble(float lr, float b1, float b2, float eps, float decay) {
        Tensor parameter = Tensor.randn(3, 4, 5).requiresGrad(true);
        Reference reference = new Reference(parameter.data());
        AdamW optimizer = new AdamW(List.of(parameter), lr, b1, b2, eps, decay);
        for (int step = 0; step < 100; step++) {
            float[] gradient = Tensor.randn(step, 20).data();
            float rate = step < 50 ? lr : lr / 2; // as a schedule would
            optimizer.learningRate(rate);
            giveGradient(parameter, gradient);
            optimizer.step();
            reference.step(gradient, rate, b1, b2, eps, decay);
            for (int i = 0; i < 20; i++) {
                assertEquals(reference.p[i], parameter.data()[i], 2e-5 * Math.max(1, Math.abs(reference.p[i])),
                        "step " + step + ", element " + i);
            }
        }
    }

    @Test
    void defaultsArePyTorchs() {
        Tensor a = Tensor.randn(3, 6).requiresGrad(true);
        Tensor b = a.detach().requiresGrad(true);
        AdamW defaults = new AdamW(List.of(a), 0.01f);
        AdamW named = new AdamW(List.of(b), 0.01f, 0.9f, 0.999f, 1e-8f, 0.01f);
        for (int step = 0; step < 5; step++) {
            float[] gradient = Tensor.randn(step, 6).data();
            giveGradient(a, gradient);
            giveGradient(b, gradient);
            defaults.step();
            named.step();
        }
        assertArrayEquals(b.toArray(), a.toArray());
    }

    @Test
    void parametersWithoutGradientStay() {
        Tensor used = Tensor.full(1f, 3).requiresGrad(true);
        Tensor unused = Tensor.full(1f, 3).requiresGrad(true);
        AdamW optimizer = new AdamW(List.of(unused, used), 0.1f);
        giveGradient(used, new float[] {1, 1, 1});
        optimizer.step();
        assertArrayEquals(new float[] {1, 1, 1}, unused.toArray());
        assertEquals(0.899f, used.data()[0], 1e-6f);
    }

    @Test
    void stepsAreReproducible() {
        float[][] ends = new float[2][];
        for (int run = 0; run < 2; run++) {
            Tensor parameter = Tensor.randn(3, 40).requiresGrad(true);
            AdamW optimizer = new AdamW(List.of(parameter), 0.01f);
            for (int step = 0; step < 20; step++) {
                giveGradient(parameter, Tensor.randn(step, 40).data());
                optimizer.step();
            }
            ends[run] = parameter.toArray();
        }
        assertArrayEquals(ends[0], ends[1]);
    }

    @Test
    void zeroGradClearsAllGradients() {
        Tensor parameter = Tensor.full(1f, 2).requiresGrad(true);
        AdamW optimizer = new AdamW(List.of(parameter), 0.1f);
        giveGradient(parameter, new float[] {3, 4});
        assertArrayEquals(new float[] {3, 4}, parameter.grad().toArray());
        optimizer.zeroGrad();
        assertArrayEquals(new float[2], parameter.grad().toArray());
    }

    @ParameterizedTest
    @CsvSource({"1,0.9,1e-8,0", "-0.1,0.9,1e-8,0", "0.9,1,1e-8,0", "0.9,0.9,0,0", "0.9,0.9,1e-8,-1", "NaN,0.9,1e-8,0"})
    void refusesSettingsOutOfRange(float beta1, float beta2, float eps, float decay) {
        List<Tensor> parameters = List.of(Tensor.zeros(1));
        Exception e = assertThrows(IllegalArgumentException.class,
                () -> new AdamW(parameters, 0.1f, beta1, beta2, eps, decay));
        assertEquals("AdamW: beta1 " + beta1 + " and beta2 " + beta2 + " must be in [0, 1), eps " + eps
                + " positive, weight decay " + decay + " not negative", e.getMessage());
    }
}
