package io.bitlab.models.io.safetensors;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.EnumSource.Mode;
import org.junit.jupiter.params.provider.MethodSource;

class DTypeTest {

    /** Type, little-endian bytes, and the floats that they mean. */
    static Stream<Arguments> encodings() {
        return Stream.of(
                arguments(DType.F32, "0000803f 000020c1 01000000", new float[] {1, -10, Float.MIN_VALUE}),
                arguments(DType.F16, "003c 00c0 ff7b 0100 0080", new float[] {1, -2, 65504, 0x1p-24f, -0f}),
                arguments(DType.F16, "007c 00fc 007e", new float[] {inf(1), inf(-1), Float.NaN}),
                arguments(DType.BF16, "803f 20c1 4940 0100 0080", new float[] {1, -10, 3.140625f, 0x1p-133f, -0f}),
                arguments(DType.BF16, "807f 80ff c07f", new float[] {inf(1), inf(-1), Float.NaN}),
                arguments(DType.F64, "000000000000f03f 9a9999999999b93f", new float[] {1, 0.1f}),
                arguments(DType.F64, "ffffffffffffef7f 0000000000000080", new float[] {inf(1), -0f}),
                arguments(DType.I8, "00 7f 80 ff", new float[] {0, 127, -128, -1}),
                arguments(DType.U8, "00 7f 80 ff", new float[] {0, 127, 128, 255}),
                arguments(DType.I16, "0100 ff7f 0080", new float[] {1, 32767, -32768}),
                arguments(DType.I32, "01000000 ffffffff 01000001", new float[] {1, -1, 16777216}),
                arguments(DType.I64, "0000000000000080 ffffffffffffffff", new float[] {-0x1p63f, -1}),
                arguments(DType.BOOL, "00 01 ff", new float[] {0, 1, 1}));
    }

    private static float inf(int sign) {
        return sign * Float.POSITIVE_INFINITY;
    }

    @ParameterizedTest
    @MethodSource("encodings")
    void convertsToFloatFromAnyOffset(DType dtype, String hex, float[] expected) {
        byte[] bytes = HexFormat.of().parseHex(hex.replace(" ", ""));
        byte[] shifted = new byte[bytes.length + 3];
        System.arraycopy(bytes, 0, shifted, 3, bytes.length);
        float[] target = new float[expected.length + 2];
        Arrays.fill(target, 99);
        dtype.toFloats(MemorySegment.ofArray(shifted), 3, target, 1, expected.length);
        assertArrayEquals(expected, Arrays.copyOfRange(target, 1, expected.length + 1));
        assertEquals(99, target[0]);
        assertEquals(99, target[expected.length + 1]);
        assertEquals(bytes.length, expected.length * dtype.byteSize());
    }

    /** Every BF16 is the F32 with the same upper half; every F16 is the one that the JDK gives. */
    @Test
    void convertsAllHalfPrecisionValues() {
        byte[] bytes = new byte[2 << 16];
        for (int i = 0; i < 1 << 16; i++) {
            bytes[2 * i] = (byte) i;
            bytes[2 * i + 1] = (byte) (i >> 8);
        }
        float[] bf16 = new float[1 << 16];
        float[] f16 = new float[1 << 16];
        DType.BF16.toFloats(MemorySegment.ofArray(bytes), 0, bf16, 0, bf16.length);
        DType.F16.toFloats(MemorySegment.ofArray(bytes), 0, f16, 0, f16.length);
        for (int i = 0; i < 1 << 16; i++) {
            int bits = i;
            assertEquals(Float.intBitsToFloat(i << 16), bf16[i], () -> "BF16 bits " + Integer.toHexString(bits));
            assertEquals(Float.float16ToFloat((short) i), f16[i], () -> "F16 bits " + Integer.toHexString(bits));
        }
        float[] later = new float[(1 << 16) - 1]; // does not divide into pieces of equal length
        DType.BF16.toFloats(MemorySegment.ofArray(bytes), 2, later, 0, later.length);
        assertArrayEquals(Arrays.copyOfRange(bf16, 1, bf16.length), later);
    }

    @Test
    void readsLongsExactly() {
        MemorySegment bytes = MemorySegment.ofArray(HexFormat.of().parseHex("0102030405060788"));
        assertEquals(0x8807060504030201L, DType.I64.toLong(bytes, 0));
        assertEquals(0x88070605, DType.I32.toLong(bytes, 4));
        assertEquals((short) 0x8807, DType.I16.toLong(bytes, 6));
        assertEquals(0x88, DType.U8.toLong(bytes, 7));
        assertEquals((byte) 0x88, DType.I8.toLong(bytes, 7));
        assertEquals(1, DType.BOOL.toLong(bytes, 7));
    }

    @ParameterizedTest
    @EnumSource(names = {"F32", "F16", "BF16", "F64"})
    void floatTypesAreNotReadAsLongs(DType dtype) {
        MemorySegment bytes = MemorySegment.ofArray(new byte[8]);
        IllegalArgumentException e =
                assertThrows(IllegalArgumentException.class, () -> dtype.toLong(bytes, 0));
        assertEquals(dtype + " elements are not integers; use toFloats", e.getMessage());
    }

    @ParameterizedTest
    @EnumSource(names = {"F32", "F16", "BF16", "F64"}, mode = Mode.EXCLUDE)
    void othersAreIntegers(DType dtype) {
        assertTrue(dtype.isInteger());
    }

    @ParameterizedTest
    @EnumSource
    void refusesRangesOutside(DType dtype) {
        MemorySegment bytes = MemorySegment.ofArray(new byte[4 * dtype.byteSize()]);
        int size = dtype.byteSize();
        assertThrows(IndexOutOfBoundsException.class, () -> dtype.toFloats(bytes, 0, new float[5], 0, 5));
        assertThrows(IndexOutOfBoundsException.class, () -> dtype.toFloats(bytes, 0, new float[3], 0, 4));
        assertThrows(IndexOutOfBoundsException.class, () -> dtype.toFloats(bytes, size, new float[4], 0, 4));
    }

    @ParameterizedTest
    @EnumSource
    void isFoundByName(DType dtype) {
        assertEquals(dtype, DType.of(dtype.name()));
    }
}
