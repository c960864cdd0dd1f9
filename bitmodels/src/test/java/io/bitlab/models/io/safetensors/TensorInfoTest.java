package io.bitlab.models.io.safetensors;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.junit.jupiter.api.Test;

class TensorInfoTest {

    @Test
    void isImmutableAndComparesByValue() {
        int[] shape = {2, 3};
        TensorInfo info = new TensorInfo("w", DType.F32, shape, 8, 32);
        shape[0] = 9;
        info.shape()[1] = 9;
        assertArrayEquals(new int[] {2, 3}, info.shape());
        TensorInfo same = new TensorInfo("w", DType.F32, new int[] {2, 3}, 8, 32);
        assertEquals(same, info);
        assertEquals(same.hashCode(), info.hashCode());
        assertNotEquals(new TensorInfo("w", DType.F32, new int[] {3, 2}, 8, 32), info);
        assertNotEquals(new TensorInfo("v", DType.F32, new int[] {2, 3}, 8, 32), info);
        assertNotEquals(new TensorInfo("w", DType.I32, new int[] {2, 3}, 8, 32), info);
        assertNotEquals(new TensorInfo("w", DType.F32, new int[] {2, 3}, 0, 24), info);
        assertEquals(6, info.elements());
        assertEquals(24, info.byteCount());
        assertEquals("'w' F32 [2, 3]", info.toString());
    }

    @Test
    void refusesRangeOfAnotherLength() {
        IllegalArgumentException range = assertThrows(
                IllegalArgumentException.class, () -> new TensorInfo("w", DType.F16, new int[] {5}, 4, 13));
        assertEquals(
                "tensor 'w' F16 [5]: data_offsets [4, 13] do not hold the 10 bytes that this type and shape need",
                range.getMessage());
        IllegalArgumentException dimension = assertThrows(
                IllegalArgumentException.class, () -> new TensorInfo("w", DType.F16, new int[] {5, -1}, 0, 0));
        assertEquals("tensor 'w' F16 [5, -1]: dimension -1 is negative", dimension.getMessage());
        assertThrows(IllegalArgumentException.class, () -> new TensorInfo("w", DType.U8, new int[] {2}, -2, 0));
        assertThrows(IllegalArgumentException.class, () -> new TensorInfo("w", DType.U8, new int[] {0}, 1, 0));
    }
}
