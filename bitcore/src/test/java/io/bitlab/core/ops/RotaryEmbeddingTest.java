package io.bitlab.core.ops;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.bitlab.core.ops.RotaryEmbedding.Pairing;
import io.bitlab.core.tensor.Tensor;
import java.util.Arrays;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

@Tag("fallback")
@Tag("parity")
class RotaryEmbeddingTest {

    private static DoubleArray reference(DoubleArray x, int d, double theta, Pairing pairing) {
        return DoubleArray.build(x.shape(), index -> {
            int feature = index[2] % d;
            int head = index[2] - feature;
            boolean halves = pairing == Pairing.HALVES;
            int pair = halves ? feature % (d / 2) : feature / 2;
            boolean first = halves ? feature < d / 2 : feature % 2 == 0;
            double a = x.at(index[0], index[1], head + (halves ? pair : 2 * pair));
            double b = x.at(index[0], index[1], head + (halves ? pair + d / 2 : 2 * pair + 1));
            double angle = index[1] * Math.pow(theta, -2.0 * pair / d);
            return first ? a * Math.cos(angle) - b * Math.sin(angle) : b * Math.cos(angle) + a * Math.sin(angle);
        });
    }

    @ParameterizedTest
    @EnumSource(Pairing.class)
    void turnsPairs(Pairing pairing) {
        for (int[] size : new int[][] {{1, 1, 1, 2}, {2, 7, 3, 4}, {1, 9, 2, 34}}) {
            int d = size[3];
            for (int tabulated : new int[] {0, 5, 100}) {
                RotaryEmbedding rope = new RotaryEmbedding(d, 10_000f, pairing, tabulated);
                GradientCheck.check(rope.toString(), d, t -> rope.rotate(t[0]),
                        t -> reference(t[0], d, 10_000, pairing),
                        Tensor.randn(d, size[0], size[1], size[2] * d));
            }
        }
    }

    @Test
    void startsAtAnyPosition() {
        RotaryEmbedding rope = new RotaryEmbedding(8, 500_000f, Pairing.HALVES, 6);
        Tensor x = Tensor.randn(1, 1, 9, 24);
        float[] all = rope.rotate(x).toArray();
        for (int first = 0; first < 9; first++) {
            float[] part = Arrays.copyOfRange(x.data(), first * 24, 9 * 24);
            for (int again = 0; again < 2; again++) { // the second time, angles beyond the table are known
                float[] rotated = part.clone();
                rope.rotate(rotated, 9 - first, 24, first);
                assertArrayEquals(Arrays.copyOfRange(all, first * 24, 9 * 24), rotated, "from " + first);
            }
        }
    }

    @Test
    void refusesWhatDoesNotFit() {
        Exception e = assertThrows(IllegalArgumentException.class,
                () -> new RotaryEmbedding(3, 10_000f, Pairing.HALVES, 4));
        assertEquals("RotaryEmbedding: head of 3 features, theta 10000.0, 4 positions; expected an even number of "
                + "features, a theta above 1 and a number of positions that is not negative", e.getMessage());
        e = assertThrows(IllegalArgumentException.class,
                () -> new RotaryEmbedding(4, 10_000f, Pairing.HALVES, 4).rotate(Tensor.zeros(1, 2, 6)));
        assertEquals("RotaryEmbedding: input [1, 2, 6], expected [batch, length, heads * 4]", e.getMessage());
        e = assertThrows(IllegalArgumentException.class,
                () -> new RotaryEmbedding(4, 10_000f, Pairing.HALVES, 4).rotate(new float[12], 2, 6, 0));
        assertEquals("RotaryEmbedding: rows of 6 features from position 0, expected a multiple of 4 and a position"
                + " from 0", e.getMessage());
        assertThrows(IllegalArgumentException.class,
                () -> new RotaryEmbedding(4, 10_000f, Pairing.HALVES, 4).rotate(new float[8], 2, 4, -1));
    }
}
