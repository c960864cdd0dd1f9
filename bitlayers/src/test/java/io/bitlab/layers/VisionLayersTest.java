package io.bitlab.layers;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.bitlab.core.ops.Window;
import io.bitlab.core.tensor.Tensor;
import org.junit.jupiter.api.Test;

/** The layers around convolutions; the tests of the operations check what they compute. */
class VisionLayersTest {

    private static final Tensor X = Tensor.of(new float[] {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12}, 1, 2, 2, 3);

    @Test
    void maximaAndMeans() {
        Layer max = new MaxPool2d(2, 1, 0);
        assertArrayEquals(new float[] {5, 6, 11, 12}, max.forward(X).toArray());
        assertArrayEquals(new int[] {1, 2, 1, 2}, max.forward(X).shape());
        assertArrayEquals(new float[] {3, 4, 9, 10}, new AvgPool2d(2, 1, 0).forward(X).toArray());
        assertArrayEquals(new float[] {5, 11}, new MaxPool2d(2).forward(X).toArray(), "the stride is the kernel");
        assertArrayEquals(new float[] {3, 9}, new AvgPool2d(2).forward(X).toArray());
        assertArrayEquals(new float[] {4, 5, 6, 10, 11, 12},
                new MaxPool2d(Window.of(2, 1)).forward(X).toArray());
        assertArrayEquals(new float[] {2.5f, 3.5f, 4.5f, 8.5f, 9.5f, 10.5f},
                new AvgPool2d(Window.of(2, 1)).forward(X).toArray());
        assertEquals("MaxPool2d(kernel 3x3, stride 2, padding 1)", new MaxPool2d(3, 2, 1).toString());
        assertEquals("AvgPool2d(kernel 2x2, stride 2)", new AvgPool2d(2).toString());
        Exception e = assertThrows(IllegalArgumentException.class, () -> new AvgPool2d(2).forward(Tensor.zeros(3, 3)));
        assertEquals("AvgPool2d(kernel 2x2, stride 2): input has shape [3, 3], expected [n, channels, height, width]",
                e.getMessage());
    }

    @Test
    void oneMeanAChannel() {
        Tensor y = new GlobalAvgPool2d().forward(X);
        assertArrayEquals(new int[] {1, 2}, y.shape());
        assertArrayEquals(new float[] {3.5f, 9.5f}, y.toArray(), 1e-6f);
        assertThrows(IllegalArgumentException.class, () -> new GlobalAvgPool2d().forward(Tensor.zeros(2, 3)));
    }

    @Test
    void asManyMeansAsAskedFor() {
        assertArrayEquals(new float[] {3, 4, 9, 10}, new AdaptiveAvgPool2d(1, 2).forward(X).toArray());
        assertEquals("AdaptiveAvgPool2d(7 x 5)", new AdaptiveAvgPool2d(7, 5).toString());
        assertEquals("AdaptiveAvgPool2d: output of 7 x 0 pixels, expected at least 1 x 1",
                assertThrows(IllegalArgumentException.class, () -> new AdaptiveAvgPool2d(7, 0)).getMessage());
        assertThrows(IllegalArgumentException.class, () -> new AdaptiveAvgPool2d(1, 1).forward(Tensor.zeros(2, 3)));
    }

    @Test
    void enlarges() {
        Tensor y = new Upsample(2).forward(Tensor.of(new float[] {1, 2}, 1, 1, 1, 2));
        assertArrayEquals(new int[] {1, 1, 2, 4}, y.shape());
        assertArrayEquals(new float[] {1, 1, 2, 2, 1, 1, 2, 2}, y.toArray());
        assertEquals("Upsample(2)", new Upsample(2).toString());
        assertEquals("Upsample: factor is 0, expected at least 1",
                assertThrows(IllegalArgumentException.class, () -> new Upsample(0)).getMessage());
    }

    @Test
    void flattens() {
        assertArrayEquals(new int[] {1, 12}, new Flatten().forward(X).shape());
        assertArrayEquals(new int[] {5, 1}, new Flatten().forward(Tensor.zeros(5)).shape());
        assertThrows(IllegalArgumentException.class, () -> new Flatten().forward(Tensor.scalar(1)));
    }

    @Test
    void activations() {
        Tensor x = Tensor.of(new float[] {-1, 0, 2}, 3);
        assertArrayEquals(new float[] {0, 0, 4}, new SquaredReLU().forward(x).toArray());
        assertArrayEquals(new float[] {-0.26894142f, 0, 1.7615942f}, new SiLU().forward(x).toArray(), 1e-6f);
        assertArrayEquals(new float[] {-0.15865525f, 0, 1.9544997f}, new GELU().forward(x).toArray(), 1e-6f);
        assertArrayEquals(new float[] {-0.158808f, 0, 1.954598f}, new GELU(GELU.Form.TANH).forward(x).toArray(), 1e-6f);
        assertEquals("GELU GELU(tanh)", new GELU() + " " + new GELU(GELU.Form.TANH));
    }

    @Test
    void layerNorm() {
        LayerNorm norm = new LayerNorm(4);
        Tensor y = norm.forward(Tensor.of(new float[] {1, 2, 3, 4}, 1, 4));
        assertArrayEquals(new float[] {-1.3416355f, -0.4472118f, 0.4472118f, 1.3416355f}, y.toArray(), 1e-6f);
        assertEquals(8, norm.parameterCount());
        assertEquals(4, new LayerNorm(4, 1e-6f, false).parameterCount());
        assertEquals("LayerNorm(4)  8 parameters", norm.toString());
        for (float eps : new float[] {0, -1, Float.NaN}) {
            assertEquals("LayerNorm(4, eps " + eps + "): at least 1 feature and a positive eps are needed",
                    assertThrows(IllegalArgumentException.class, () -> new LayerNorm(4, eps, true)).getMessage());
        }
        assertThrows(IllegalArgumentException.class, () -> new LayerNorm(0));
        assertThrows(IllegalArgumentException.class, () -> norm.forward(Tensor.zeros(3)));
    }
}
