package io.bitlab.layers;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.bitlab.core.tensor.Tensor;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

class EmbeddingTest {

    private static final int IDS = 7;
    private static final int FEATURES = 3;

    @Test
    void picksRows() {
        Embedding layer = new Embedding(IDS, FEATURES);
        float[] table = layer.weight().data();
        int[] ids = {6, 0, 3, 3, 1, 6};
        Tensor y = layer.forward(ids, 2, 3);
        assertArrayEquals(new int[] {2, 3, FEATURES}, y.shape());
        for (int i = 0; i < ids.length; i++) {
            assertArrayEquals(Arrays.copyOfRange(table, ids[i] * FEATURES, (ids[i] + 1) * FEATURES),
                    Arrays.copyOfRange(y.data(), i * FEATURES, (i + 1) * FEATURES), "id " + ids[i]);
        }
        assertArrayEquals(new int[] {6, FEATURES}, layer.forward(ids).shape());
        Tensor floats = Tensor.of(new float[] {6, 0, 3, 3, 1, 6}, 2, 3);
        assertArrayEquals(y.data(), layer.forward(floats).data());
        assertArrayEquals(y.shape(), layer.forward(floats).shape());
        assertArrayEquals(new int[] {FEATURES}, layer.forward(Tensor.scalar(4)).shape());
        assertArrayEquals(y.data(), layer.deploy().forward(floats).data());
    }

    @Test
    void theGradientOfARowIsTheSumInOrder() {
        Embedding layer = new Embedding(IDS, FEATURES);
        int[] ids = {5, 2, 5, 5, 2, 0};
        float[] g = Tensor.randn(2, ids.length * FEATURES).mul(1000).data(); // so that another order gives other bits
        layer.forward(ids).backward(g);
        float[] expected = new float[IDS * FEATURES];
        for (int i = 0; i < ids.length; i++) {
            for (int j = 0; j < FEATURES; j++) {
                expected[ids[i] * FEATURES + j] += g[i * FEATURES + j];
            }
        }
        assertArrayEquals(expected, layer.weight().grad().data());
    }

    @Test
    void badIdsAreNamed() {
        Sequential net = new Sequential(new Embedding(IDS, FEATURES));
        Embedding layer = (Embedding) net.children().get("0");
        String name = "Embedding(7 x 3) '0': ";
        assertRefused(name + "id 7 at position 2 is not one of 0 to 6", () -> layer.forward(new int[] {0, 6, 7}));
        assertRefused(name + "id -1 at position 0 is not one of 0 to 6", () -> layer.forward(new int[] {-1}));
        assertRefused(name + "id 2.5 at position 1 is not one of 0 to 6",
                () -> net.forward(Tensor.of(new float[] {1, 2.5f}, 2)));
        assertRefused(name + "id NaN at position 0 is not one of 0 to 6",
                () -> net.forward(Tensor.of(new float[] {Float.NaN}, 1)));
        assertRefused(name + "3 ids for shape [2, 2]", () -> layer.forward(new int[] {1, 2, 3}, 2, 2));
        assertRefused(name + "0 ids for shape [0]", () -> layer.forward(new int[0]));
        assertRefused("Embedding(0 x 3): at least 1 id and 1 feature are needed", () -> new Embedding(0, 3));
        assertRefused("Embedding(3 x 0): at least 1 id and 1 feature are needed", () -> new Embedding(3, 0));
    }

    private static void assertRefused(String message, Runnable action) {
        assertEquals(message, assertThrows(IllegalArgumentException.class, action::run).getMessage());
    }
}
