package io.bitlab.core.math;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

class Bfloat16Test {

    @Test
    void roundsToEven() {
        assertEquals((short) 0x3F80, Bfloat16.fromFloat(1f));
        assertEquals((short) 0x3F80, Bfloat16.fromFloat(Float.intBitsToFloat(0x3F80_8000)));
        assertEquals((short) 0x3F82, Bfloat16.fromFloat(Float.intBitsToFloat(0x3F81_8000)));
        assertEquals((short) 0x7F80, Bfloat16.fromFloat(Float.MAX_VALUE));
        assertTrue(Float.isNaN(Bfloat16.toFloat(Bfloat16.fromFloat(Float.intBitsToFloat(0x7F80_0001)))));
    }

    @Test
    void everyValueComesBack() {
        for (int i = 0; i < 1 << 16; i++) {
            short bits = (short) i;
            float value = Bfloat16.toFloat(bits);
            assertTrue(Bfloat16.isExact(value), "bits " + i);
            if (!Float.isNaN(value)) {
                assertEquals(bits, Bfloat16.fromFloat(value), "bits " + i);
            }
        }
        assertFalse(Bfloat16.isExact(0.1f));
        assertFalse(Bfloat16.isExact(Math.nextUp(1f)));
    }
}
