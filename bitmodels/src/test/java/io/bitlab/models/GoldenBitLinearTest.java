package io.bitlab.models;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.bitlab.core.ActivationDtype;
import io.bitlab.core.BitQuantConfig;
import io.bitlab.core.Granularity;
import io.bitlab.core.WeightScale;
import io.bitlab.core.quant.ActivationQuantizer;
import io.bitlab.core.quant.QuantizedActivations;
import io.bitlab.core.quant.TernaryMatrix;
import io.bitlab.core.quant.TernaryQuantizer;
import io.bitlab.core.tensor.Tensor;
import io.bitlab.layers.BitLinear;
import io.bitlab.layers.Linear;
import io.bitlab.layers.ReLU;
import io.bitlab.layers.Sequential;
import io.bitlab.layers.StateDict;
import io.bitlab.layers.loss.CrossEntropy;
import io.bitlab.layers.optim.AdamW;
import io.bitlab.models.io.safetensors.SafetensorsFile;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Forwards, gradients and training losses against PyTorch's, float32. Within a tolerance t means that no element
 * differs by more than t times the largest magnitude of its tensor.
 */
class GoldenBitLinearTest {

    private static SafetensorsFile golden;

    @BeforeAll
    static void open() throws IOException, URISyntaxException {
        golden = SafetensorsFile.open(
                Path.of(GoldenBitLinearTest.class.getResource("/golden/bitlinear.safetensors").toURI()));
    }

    @AfterAll
    static void close() {
        golden.close();
    }

    private static Tensor tensor(String name) throws IOException {
        return Tensor.of(golden.floats(name), golden.info(name).shape());
    }

    private static void assertWithin(double tolerance, String name, float[] actual) throws IOException {
        float[] expected = golden.floats(name);
        assertEquals(expected.length, actual.length, name);
        double largest = 0;
        double worst = 0;
        for (int i = 0; i < expected.length; i++) {
            largest = Math.max(largest, Math.abs(expected[i]));
            worst = Math.max(worst, Math.abs((double) actual[i] - expected[i]));
            assertTrue(Float.isFinite(actual[i]), name + "[" + i + "] is " + actual[i]);
        }
        assertTrue(worst <= tolerance * largest,
                name + " differs by " + worst + ", allowed are " + tolerance + " * " + largest);
    }

    private static BitLinear layer(BitQuantConfig config) throws IOException {
        BitLinear layer = BitLinear.builder(37, 23).quantConfig(config).build();
        layer.loadStateDict(new StateDict().put("weight", tensor("weight")).put("bias", tensor("bias")));
        return layer;
    }

    @ParameterizedTest
    @CsvSource({"per_tensor,absmean", "per_tensor,absmedian", "per_tensor,absmax",
        "per_channel,absmean", "per_channel,absmedian", "per_channel,absmax"})
    void ternaryCodesAndScales(String granularity, String scale) throws IOException {
        assertTernary("weight", granularity + "." + scale, granularity, scale);
    }

    /** Of an even count, the median is the mean of the two middle values. */
    @ParameterizedTest
    @CsvSource({"per_tensor", "per_channel"})
    void evenMedians(String granularity) throws IOException {
        assertTernary("even.weight", "even." + granularity + ".absmedian", granularity, "absmedian");
    }

    private static void assertTernary(String weight, String result, String granularity, String scale)
            throws IOException {
        int[] shape = golden.info(weight).shape();
        TernaryMatrix ternary = TernaryQuantizer.quantize(golden.floats(weight), shape[0], shape[1],
                Granularity.fromJson(granularity), WeightScale.fromJson(scale));
        assertArrayEquals(golden.bytes(result + ".ternary"), ternary.trits());
        assertWithin(1e-6, result + ".scale", ternary.scales());
    }

    @ParameterizedTest
    @CsvSource({"per_tensor,per_channel", "per_tensor,per_tensor", "per_channel,per_channel", "per_channel,per_tensor"})
    void int8Activations(String weights, String activations) throws IOException {
        String prefix = weights + ".int8." + activations;
        QuantizedActivations quantized =
                ActivationQuantizer.quantize(golden.floats("x"), 5, 37, Granularity.fromJson(activations), "golden");
        assertArrayEquals(golden.bytes(prefix + ".qx"), quantized.values());
        assertWithin(1e-6, prefix + ".sx", quantized.scales());
    }

    @ParameterizedTest
    @CsvSource({"per_tensor,float32,per_channel", "per_tensor,int8,per_channel", "per_tensor,int8,per_tensor",
        "per_channel,float32,per_channel", "per_channel,int8,per_channel", "per_channel,int8,per_tensor"})
    void forwardsAndGradients(String weights, String dtype, String activations) throws IOException {
        String prefix = weights + "." + dtype + "." + activations;
        BitLinear layer = layer(new BitQuantConfig(Granularity.fromJson(weights), WeightScale.ABS_MEAN,
                ActivationDtype.fromJson(dtype), Granularity.fromJson(activations)));
        Tensor x = tensor("x").requiresGrad(true);
        Tensor y = layer.forward(x);
        y.backward(golden.floats("grad_out"));
        assertWithin(1e-5, prefix + ".y", y.data());
        assertWithin(1e-5, prefix + ".dx", x.grad().data());
        assertWithin(1e-5, prefix + ".dw", layer.weight().grad().data());
        assertWithin(1e-5, prefix + ".db", layer.namedParameters().get("bias").grad().data());
        assertWithin(1e-5, prefix + ".y", layer.eval().forward(x).data());
        assertWithin(1e-5, prefix + ".y", layer.deploy().forward(x).data());
    }

    @ParameterizedTest
    @CsvSource({"0.0", "0.5"})
    void strengths(String strength) throws IOException {
        BitLinear layer = layer(BitQuantConfig.defaults()).quantStrength(Float.parseFloat(strength));
        Tensor x = tensor("x").requiresGrad(true);
        Tensor y = layer.forward(x);
        y.backward(golden.floats("grad_out"));
        String prefix = "strength" + strength;
        assertWithin(1e-5, prefix + ".y", y.data());
        assertWithin(1e-5, prefix + ".dx", x.grad().data());
        assertWithin(1e-5, prefix + ".dw", layer.weight().grad().data());
    }

    /**
     * In the first step, two of the 1024 integer sums are 0, and so is the bias: there the rectifier behind has its
     * kink. PyTorch multiplies in float; its sums are 6e-10 (row 0, feature 2) and -2e-8 (row 11, feature 6), so that
     * the first passes its gradient on. A bias of that size in place of 0 puts the exact sum on the same side.
     */
    @Test
    void tenStepsOfTraining() throws IOException {
        Sequential net = new Sequential(new Linear(12, 16), new ReLU(), BitLinear.builder(16, 16).build(), new ReLU(),
                new Linear(16, 4));
        List<Tensor> parameters = net.parameters();
        for (int i = 0; i < 6; i++) {
            float[] start = golden.floats("train.p" + i);
            System.arraycopy(start, 0, parameters.get(i).data(), 0, start.length);
        }
        parameters.get(3).data()[2] = 6e-10f;
        Tensor x = tensor("train.x");
        long[] labels = golden.longs("train.y");
        int[] y = new int[labels.length];
        for (int i = 0; i < y.length; i++) {
            y[i] = Math.toIntExact(labels[i]);
        }
        float[] losses = golden.floats("train.losses");
        AdamW optimizer = new AdamW(parameters, 1e-2f);
        for (int step = 0; step < losses.length; step++) {
            Tensor loss = new CrossEntropy().forward(net.forward(x), y);
            assertEquals(losses[step], loss.item(), 1e-4 * losses[step], "step " + step);
            loss.backward();
            optimizer.step();
            optimizer.zeroGrad();
        }
        assertEquals(10, losses.length);
        for (int i = 0; i < 6; i++) {
            assertWithin(1e-5, "train.final" + i, parameters.get(i).data());
        }
    }
}
