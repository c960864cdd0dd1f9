package io.bitlab.core.ops;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.bitlab.core.ops.Sinusoids.Arrangement;
import io.bitlab.core.tensor.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class SinusoidsTest {

    @ParameterizedTest
    @EnumSource(Arrangement.class)
    void embeds(Arrangement arrangement) {
        int features = 10;
        GradientCheck.check("sinusoids, " + arrangement, 1, t -> Sinusoids.embed(t[0], features, arrangement, "test"),
                t -> DoubleArray.build(new int[] {2, 3, features}, i -> {
                    boolean alternating = arrangement == Arrangement.ALTERNATING;
                    int pair = alternating ? i[2] / 2 : i[2] % 5;
                    boolean sine = alternating ? i[2] % 2 == 0 : i[2] >= 5;
                    double angle = t[0].at(i[0], i[1]) * Math.exp(-Math.log(10_000) * pair / 5);
                    return sine ? Math.sin(angle) : Math.cos(angle);
                }), Tensor.randn(1, 2, 3));
    }

    @Test
    void positionZeroIsAllSinesZeroAndAllCosinesOne() {
        assertArrayEquals(new float[] {0, 1, 0, 1},
                Sinusoids.embed(Tensor.scalar(0), 4, Arrangement.ALTERNATING, "test").data());
        assertArrayEquals(new float[] {1, 1, 0, 0},
                Sinusoids.embed(Tensor.scalar(0), 4, Arrangement.COSINES_FIRST, "test").data());
    }

    @Test
    void refusesOddNumbersOfFeatures() {
        for (int features : new int[] {-2, 0, 5}) {
            assertEquals("time: " + features + " features, expected an even number",
                    assertThrows(IllegalArgumentException.class,
                            () -> Sinusoids.embed(Tensor.zeros(2), features, Arrangement.ALTERNATING, "time"))
                            .getMessage());
        }
    }
}
