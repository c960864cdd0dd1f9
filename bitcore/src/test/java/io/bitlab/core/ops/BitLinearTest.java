package io.bitlab.core.ops;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.bitlab.core.ActivationDtype;
import io.bitlab.core.BitQuantConfig;
import io.bitlab.core.Granularity;
import io.bitlab.core.WeightScale;
import io.bitlab.core.kernel.KernelRegistry;
import io.bitlab.core.kernel.TernaryKernel;
import io.bitlab.core.quant.ActivationQuantizer;
import io.bitlab.core.quant.Activations;
import io.bitlab.core.quant.FloatActivations;
import io.bitlab.core.quant.QuantizedActivations;
import io.bitlab.core.quant.TernaryMatrix;
import io.bitlab.core.quant.TernaryQuantizer;
import io.bitlab.core.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

@Tag("fallback")
class BitLinearTest {

    private static final int[][] INPUTS = {{7}, {1, 1}, {3, 5}, {2, 3, 11}, {2, 1, 3, 64}};
    private static final int OUT = 6;

    private static List<BitQuantConfig> configurations() {
        List<BitQuantConfig> configurations = new ArrayList<>();
        for (Granularity weights : List.of(Granularity.PER_TENSOR, Granularity.PER_CHANNEL)) {
            for (WeightScale scale : WeightScale.values()) {
                for (ActivationDtype dtype : ActivationDtype.values()) {
                    for (Granularity activations : Granularity.values()) {
                        configurations.add(new BitQuantConfig(weights, scale, dtype, activations));
                    }
                }
            }
        }
        return configurations;
    }

    /** One layer with its input, quantised by the classes that define how. */
    private static final class Case {
        private final BitQuantConfig config;
        private final Tensor x;
        private final Tensor weight;
        private final Tensor bias;
        private final int in;
        private final int rows;
        private final String label;

        Case(BitQuantConfig config, boolean withBias, long seed, int... shape) {
            this.config = config;
            this.in = shape[shape.length - 1];
            this.x = Tensor.randn(seed, shape).requiresGrad(true);
            this.weight = Tensor.randn(seed + 100, OUT, in).requiresGrad(true);
            this.bias = withBias ? Tensor.randn(seed + 200, OUT).requiresGrad(true) : null;
            this.rows = x.size() / in;
            this.label = config + ", x " + x + ", bias " + withBias + ", seed " + seed;
        }

        static List<Case> all(BitQuantConfig config) {
            List<Case> cases = new ArrayList<>();
            for (int[] shape : INPUTS) {
                cases.add(new Case(config, true, 1 + cases.size(), shape));
                cases.add(new Case(config, false, 1 + cases.size(), shape));
            }
            return cases;
        }

        Tensor forward(float strength) {
            return LinearOps.bitLinear(x, weight, bias, config, strength, "layer");
        }

        TernaryMatrix ternary() {
            return TernaryQuantizer.quantize(weight.data(), OUT, in, config.weightGranularity(), config.weightScale());
        }

        Activations activations() {
            return config.activationDtype() == ActivationDtype.FLOAT32 ? new FloatActivations(x.data(), rows, in)
                    : ActivationQuantizer.quantize(x.data(), rows, in, x.rank() == 1 ? 1 : x.length(0),
                            config.activationGranularity(), "layer");
        }

        /** The float values that the quantised input stands for, {@code [rows, in]}. */
        double[][] quantizedX() {
            double[][] values = new double[rows][in];
            for (int row = 0; row < rows; row++) {
                for (int i = 0; i < in; i++) {
                    values[row][i] = activations() instanceof QuantizedActivations int8
                            ? int8.values()[row * in + i] * (double) int8.scale(row) : x.data()[row * in + i];
                }
            }
            return values;
        }

        /** The float values that the ternary weights stand for, {@code [out, in]}. */
        double[][] quantizedW() {
            TernaryMatrix ternary = ternary();
            byte[] trits = ternary.trits();
            double[][] values = new double[OUT][in];
            for (int o = 0; o < OUT; o++) {
                for (int i = 0; i < in; i++) {
                    values[o][i] = trits[o * in + i] * (double) ternary.scale(o, 0);
                }
            }
            return values;
        }

        private double[][] blendedX(double strength) {
            return blend(quantizedX(), x.data(), strength);
        }

        private double[][] blendedW(double strength) {
            return blend(quantizedW(), weight.data(), strength);
        }

        private static double[][] blend(double[][] quantized, float[] latent, double strength) {
            for (int row = 0, at = 0; row < quantized.length; row++) {
                for (int i = 0; i < quantized[row].length; i++, at++) {
                    quantized[row][i] = latent[at] + strength * (quantized[row][i] - latent[at]);
                }
            }
            return quantized;
        }

        /** The straight-through gradients, from the operands that the forward used. */
        void assertGradients(float[] g, double[][] xs, double[][] ws) {
            double[] dx = new double[rows * in];
            double[] dw = new double[OUT * in];
            double[] db = new double[OUT];
            for (int row = 0; row < rows; row++) {
                for (int o = 0; o < OUT; o++) {
                    double share = g[row * OUT + o];
                    db[o] += share;
                    for (int i = 0; i < in; i++) {
                        dx[row * in + i] += share * ws[o][i];
                        dw[o * in + i] += share * xs[row][i];
                    }
                }
            }
            GradientCheck.assertNear(dx, x.grad().data(), 2e-6, label + ": dx");
            GradientCheck.assertNear(dw, weight.grad().data(), 2e-6, label + ": dW");
            if (bias != null) {
                GradientCheck.assertNear(db, bias.grad().data(), 2e-6, label + ": db");
            }
        }
    }

    @ParameterizedTest
    @MethodSource("configurations")
    void equalsTheKernelToTheBit(BitQuantConfig config) {
        TernaryKernel kernel = KernelRegistry.kernel("scalar");
        for (Case c : Case.all(config)) {
            float[] expected = new float[c.rows * OUT];
            kernel.multiply(kernel.pack(c.ternary()), kernel.prepare(c.activations()),
                    c.bias == null ? null : c.bias.data(), expected, 0, OUT);
            Tensor y = c.forward(1f);
            int[] shape = c.x.shape();
            shape[shape.length - 1] = OUT;
            assertArrayEquals(shape, y.shape(), c.label);
            assertArrayEquals(expected, y.data(), c.label);
        }
    }

    @ParameterizedTest
    @MethodSource("configurations")
    void passesGradientsStraightThrough(BitQuantConfig config) {
        for (Case c : Case.all(config)) {
            float[] g = Tensor.randn(9, c.rows, OUT).data();
            c.forward(1f).backward(g);
            c.assertGradients(g, c.quantizedX(), c.quantizedW());
        }
    }

    @ParameterizedTest
    @MethodSource("configurations")
    void withoutStrengthIsTheFloatLayerToTheBit(BitQuantConfig config) {
        for (Case c : Case.all(config)) {
            Tensor x = c.x.detach().requiresGrad(true);
            Tensor weight = c.weight.detach().requiresGrad(true);
            Tensor bias = c.bias == null ? null : c.bias.detach().requiresGrad(true);
            Tensor expected = LinearOps.linear(x, weight, bias, "layer");
            Tensor y = c.forward(0f);
            assertArrayEquals(expected.data(), y.data(), c.label);
            float[] g = Tensor.randn(9, c.rows, OUT).data();
            expected.backward(g);
            y.backward(g);
            assertArrayEquals(x.grad().data(), c.x.grad().data(), c.label + ": dx");
            assertArrayEquals(weight.grad().data(), c.weight.grad().data(), c.label + ": dW");
            if (bias != null) {
                assertArrayEquals(bias.grad().data(), c.bias.grad().data(), c.label + ": db");
            }
        }
    }

    @ParameterizedTest
    @ValueSource(floats = {0.25f, 0.5f, 0.9f})
    void withSomeStrengthBlendsBothOperands(float strength) {
        for (BitQuantConfig config : configurations()) {
            for (Case c : Case.all(config)) {
                double[][] xs = c.blendedX(strength);
                double[][] ws = c.blendedW(strength);
                double[] expected = new double[c.rows * OUT];
                for (int i = 0; i < expected.length; i++) {
                    expected[i] = c.bias == null ? 0 : c.bias.data()[i % OUT];
                    for (int k = 0; k < c.in; k++) {
                        expected[i] += xs[i / OUT][k] * ws[i % OUT][k];
                    }
                }
                Tensor y = c.forward(strength);
                GradientCheck.assertNear(expected, y.data(), 2e-6, c.label + ", strength " + strength);
                float[] g = Tensor.randn(9, c.rows, OUT).data();
                y.backward(g);
                c.assertGradients(g, xs, ws);
            }
        }
    }

    @Test
    void isNotTheFloatLayer() {
        Case c = new Case(BitQuantConfig.defaults(), true, 1, 3, 64);
        float[] ternary = c.forward(1f).toArray();
        float[] plain = c.forward(0f).toArray();
        assertTrue(Math.abs(ternary[0] - plain[0]) > 1e-3, "quantisation must show: " + ternary[0] + ", " + plain[0]);
    }

    @ParameterizedTest
    @ValueSource(floats = {0f, 0.5f, 1f})
    void refusesInputsThatDoNotFit(float strength) {
        Tensor weight = Tensor.randn(1, 256, 512);
        assertEquals("BitLinear(512 -> 256): input [2, 500] has 500 features in its last dimension, expected 512",
                message(Tensor.zeros(2, 500), weight, null, strength));
        assertEquals("BitLinear(512 -> 256): input is a scalar (rank 0), expected shape [..., 512]",
                message(Tensor.scalar(1f), weight, null, strength));
        assertEquals("BitLinear(512 -> 256): bias [512] for 256 output features, expected [256]",
                message(Tensor.zeros(2, 512), weight, Tensor.zeros(512), strength));
    }

    @ParameterizedTest
    @ValueSource(floats = {-0.5f, 1.5f, Float.NaN})
    void refusesAStrengthOutsideItsRange(float strength) {
        assertEquals("BitLinear(512 -> 256): quantStrength " + strength + " is not in [0, 1]",
                message(Tensor.zeros(2, 512), Tensor.zeros(256, 512), null, strength));
    }

    @ParameterizedTest
    @ValueSource(floats = {Float.NaN, Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY})
    void refusesToRoundWhatIsNotFinite(float value) {
        Tensor x = Tensor.randn(1, 3, 512);
        x.data()[2 * 512 + 7] = value;
        for (float strength : new float[] {0.5f, 1f}) {
            String message = message(x, Tensor.randn(2, 256, 512), null, strength);
            assertTrue(message.startsWith("BitLinear(512 -> 256): the input in row 2, column 7 is " + value), message);
        }
    }

    private static String message(Tensor x, Tensor weight, Tensor bias, float strength) {
        return assertThrows(IllegalArgumentException.class, () -> LinearOps.bitLinear(x, weight, bias,
                BitQuantConfig.defaults(), strength, "BitLinear(512 -> 256)")).getMessage();
    }

    @Test
    void floatActivationsPropagateNaN() {
        BitQuantConfig config = BitQuantConfig.defaults().withActivationDtype(ActivationDtype.FLOAT32);
        Tensor x = Tensor.randn(1, 2, 5);
        x.data()[0] = Float.NaN;
        Tensor y = LinearOps.bitLinear(x, Tensor.randn(2, 3, 5), null, config, 1f, "layer");
        for (int o = 0; o < 3; o++) {
            assertTrue(Float.isNaN(y.at(0, o)), "row with NaN: " + y);
            assertTrue(Float.isFinite(y.at(1, o)), "row without: " + y);
        }
    }
}
