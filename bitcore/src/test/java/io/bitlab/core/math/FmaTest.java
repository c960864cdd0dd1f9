package io.bitlab.core.math;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;

class FmaTest {

    /** (1 + 2^-12)² = 1 + 2^-11 + 2^-24: the last term is lost when the product is rounded on its own. */
    private static final float A = 1 + 0x1p-12f;

    @Test
    void fusesIfTheHardwareDoes() {
        float expected = Fma.isHardware() ? 0x1p-24f : 0f;
        assertEquals(expected, Fma.fma(A, A, -(1 + 0x1p-11f)));
    }

    @Test
    void isOneRoundingOrTwo() {
        CounterRandom random = new CounterRandom(1, 2);
        for (int i = 0; i < 10_000; i++) {
            float a = (float) random.nextGaussian();
            float b = (float) random.nextGaussian();
            float c = (float) random.nextGaussian();
            float expected = Fma.isHardware() ? Math.fma(a, b, c) : a * b + c;
            assertEquals(expected, Fma.fma(a, b, c), () -> "fma(" + a + ", " + b + ", " + c + ")");
        }
    }

    @Test
    @EnabledIfSystemProperty(named = "os.arch", matches = "aarch64")
    void everyAarch64MachineHasIt() {
        assertTrue(Fma.isHardware());
    }
}
