package io.bitlab.layers;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.bitlab.core.ops.Sinusoids;
import io.bitlab.core.ops.Window;
import io.bitlab.core.tensor.Tensor;
import java.io.IOException;
import java.io.InputStream;
import java.util.Properties;
import org.junit.jupiter.api.Test;

/** The layers of vision networks against values from PyTorch, see make_vision_golden.py. */
class VisionGoldenTest {

    private static final Properties GOLDEN = new Properties();
    private static final double TOLERANCE = 2e-6;

    static {
        try (InputStream in = VisionGoldenTest.class.getResourceAsStream("/golden/vision.properties")) {
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

    /** Result and all gradients. */
    private static void check(String name, Layer layer, int... shape) {
        Tensor x = Tensor.of(golden(name + ".x"), shape).requiresGrad(true);
        Tensor y = layer.forward(x);
        assertGolden(name + ".y", y.toArray());
        layer.namedParameters().values().forEach(Tensor::zeroGrad);
        y.backward(golden(name + ".g"));
        assertGolden(name + ".dx", x.grad().toArray());
        layer.namedParameters().forEach((parameter, values) -> {
            if (values.requiresGrad()) {
                assertGolden(name + ".d" + parameter, values.grad().toArray());
            }
        });
    }

    private static void setParameters(Layer layer, String name) {
        layer.namedParameters().forEach((parameter, values) -> System.arraycopy(golden(name + "." + parameter), 0,
                values.data(), 0, values.size()));
    }

    @Test
    void batchNorm() {
        BatchNorm2d norm = new BatchNorm2d(5, 1e-3f, 0.3f);
        setParameters(norm, "batchNorm.0");
        for (int step = 0; step < 2; step++) {
            check("batchNorm." + step, norm, 3, 5, 2, 3);
            assertGolden("batchNorm." + step + ".running_mean", norm.namedBuffers().get("running_mean").data());
            assertGolden("batchNorm." + step + ".running_var", norm.namedBuffers().get("running_var").data());
        }
        assertEquals(2, norm.namedBuffers().get("num_batches_tracked").item());
        norm.eval();
        check("batchNorm.eval", norm, 3, 5, 2, 3);
    }

    @Test
    void groupNorm() {
        GroupNorm norm = new GroupNorm(2, 6);
        setParameters(norm, "groupNorm");
        check("groupNorm", norm, 2, 6, 3, 2);
        norm.eval();
        assertGolden("groupNorm.y", norm.forward(Tensor.of(golden("groupNorm.x"), 2, 6, 3, 2)).toArray());
    }

    @Test
    void pooling() {
        int[] shape = {2, 3, 5, 7};
        check("maxPool", new MaxPool2d(Window.of(3, 2).withStride(2, 2).withPadding(1, 0)), shape);
        check("avgPool", new AvgPool2d(Window.of(3, 2).withStride(2, 2).withPadding(1, 0)), shape);
        check("adaptiveAvgPool", new AdaptiveAvgPool2d(3, 4), shape);
        check("globalAvgPool", new GlobalAvgPool2d(), shape);
    }

    @Test
    void resolution() {
        int[] shape = {1, 2, 5, 4};
        check("bilinear.larger", new ResizeBilinear(7, 9), shape);
        check("bilinear.smaller", new ResizeBilinear(3, 2), shape);
        check("bilinear.doubled", new ResizeBilinear(2), shape);
        check("pixelShuffle", new PixelShuffle(2), 1, 8, 3, 2);
        check("pixelUnshuffle", new PixelUnshuffle(2), 1, 2, 4, 6);
    }

    @Test
    void sinusoids() {
        check("positions", new SinusoidalEmbedding(6), 4);
        check("times", new SinusoidalEmbedding(8, Sinusoids.Arrangement.COSINES_FIRST), 4);
    }

    @Test
    void residualBlock() {
        Layer body = new Sequential(new BatchNorm2d(4), new ReLU(), new GroupNorm(2, 4));
        Layer block = new Residual(body, new MaxPool2d(3, 1, 1), new ReLU());
        setParameters(block, "residual");
        check("residual", block, 2, 4, 3, 3);
    }
}
