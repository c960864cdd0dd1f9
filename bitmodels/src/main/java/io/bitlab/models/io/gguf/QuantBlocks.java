package io.bitlab.models.io.gguf;

import io.bitlab.models.io.ModelFormatException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * The blocks of 32 weights (Q4_0 to Q8_0) and the super-blocks of 256 (Q2_K to Q6_K), whose parts have scales of few
 * bits.
 *
 * @param tensor what is decoded
 * @param data its bytes
 * @param source the file's name, for messages
 * @see <a href="https://github.com/ggml-org/llama.cpp/blob/master/ggml/src/ggml-quants.c">ggml-quants.c</a>
 */
record QuantBlocks(GgufTensor tensor, MemorySegment data, String source) implements BlockDecoder {

    @Override
    public int blockSize() {
        return tensor.type().blockSize();
    }

    @Override
    public void floats(long block, int count, float[] target) throws ModelFormatException {
        GgufType type = tensor.type();
        int size = type.blockBytes();
        byte[] bytes = data.asSlice(block * size, (long) count * size).toArray(ValueLayout.JAVA_BYTE);
        for (int i = 0; i < count; i++) {
            int at = i * size;
            int to = i * type.blockSize();
            float scale = finite(half(bytes, at + scaleOffset(type)), (block + i) * type.blockSize());
            // the minimum is beside the scale; -0 changes nothing, not even the sign of 0
            float minimum = hasMinimum(type)
                    ? finite(half(bytes, at + scaleOffset(type) + Short.BYTES), (block + i) * type.blockSize()) : -0f;
            switch (type) {
                case Q4_0 -> q4(bytes, at + 2, 8, scale, minimum, target, to);
                case Q4_1 -> q4(bytes, at + 4, 0, scale, minimum, target, to);
                case Q5_0 -> q5(bytes, at + 2, 16, scale, minimum, target, to);
                case Q5_1 -> q5(bytes, at + 4, 0, scale, minimum, target, to);
                case Q8_0 -> q8(bytes, at + 2, scale, target, to);
                case Q2_K -> q2k(bytes, at, scale, minimum, target, to);
                case Q3_K -> q3k(bytes, at, scale, target, to);
                case Q4_K, Q5_K -> q45k(bytes, at, scale, minimum, type == GgufType.Q5_K, target, to);
                case Q6_K -> q6k(bytes, at, scale, target, to);
                default -> throw new IllegalStateException(type + " has no such blocks");
            }
        }
    }

    private static int scaleOffset(GgufType type) {
        return switch (type) {
            case Q2_K -> 80;
            case Q3_K, Q6_K -> type.blockBytes() - Short.BYTES;
            default -> 0;
        };
    }

    private static boolean hasMinimum(GgufType type) {
        return switch (type) {
            case Q4_1, Q5_1, Q2_K, Q4_K, Q5_K -> true;
            default -> false;
        };
    }

    private float finite(float number, long element) throws ModelFormatException {
        requireFinite(number, tensor, element, source);
        return number;
    }

    static float half(byte[] bytes, int at) {
        return Float.float16ToFloat((short) (bytes[at] & 0xff | bytes[at + 1] << 8));
    }

    static void requireFinite(float scale, GgufTensor tensor, long element, String source)
            throws ModelFormatException {
        if (!Float.isFinite(scale)) {
            throw new ModelFormatException(source, "tensor " + tensor + ": the scale of the block at "
                    + tensor.place(element) + " is " + scale + ", expected a finite number");
        }
    }

    // ---------------------------------------------------------------- 32 weights

    /** The first 16 weights are the lower halves of the bytes, the others the upper ones. */
    private static void q4(byte[] bytes, int at, int zero, float scale, float minimum, float[] target, int to) {
        for (int i = 0; i < 32; i++) {
            target[to + i] = ((bytes[at + i % 16] >> i / 16 * 4 & 15) - zero) * scale + minimum;
        }
    }

    /** The fifth bits (4 bytes, a bit a weight), then as Q4. */
    private static void q5(byte[] bytes, int at, int zero, float scale, float minimum, float[] target, int to) {
        for (int i = 0; i < 32; i++) {
            int fifth = bytes[at + i / 8] >> i % 8 & 1;
            int code = bytes[at + 4 + i % 16] >> i / 16 * 4 & 15 | fifth << 4;
            target[to + i] = (code - zero) * scale + minimum;
        }
    }

    private static void q8(byte[] bytes, int at, float scale, float[] target, int to) {
        for (int i = 0; i < 32; i++) {
            target[to + i] = bytes[at + i] * scale;
        }
    }

    // ---------------------------------------------------------------- 256 weights

    /** A scale and a minimum of 4 bits for each 16 weights (16 bytes), two bits a weight (64 bytes). */
    private static void q2k(byte[] bytes, int block, float scale, float minimum, float[] target, int to) {
        for (int e = 0; e < 256; e++) {
            int part = bytes[block + e / 16];
            target[to + e] = scale * (part & 15) * twoBits(bytes, block + 16, e) - minimum * (part >> 4 & 15);
        }
    }

    /**
     * Third bits (32 bytes), lower two bits (64 bytes), and for each 16 weights a scale of 6 bits: the lower four of
     * all 16 in 8 bytes, the upper two in 4.
     */
    private static void q3k(byte[] bytes, int block, float scale, float[] target, int to) {
        for (int e = 0; e < 256; e++) {
            int part = e / 16;
            int lower = bytes[block + 96 + part % 8] >> part / 8 * 4 & 15;
            int upper = bytes[block + 104 + part % 4] >> part / 4 * 2 & 3;
            int third = bytes[block + e % 32] >> e / 32 & 1;
            float step = scale * ((lower | upper << 4) - 32);
            target[to + e] = step * ((twoBits(bytes, block + 32, e) | third << 2) - 4);
        }
    }

    /** Each half has 32 bytes, whose pairs of bits are the half's quarters. */
    private static int twoBits(byte[] bytes, int at, int e) {
        return bytes[at + e / 128 * 32 + e % 32] >> e % 128 / 32 * 2 & 3;
    }

    /**
     * A scale and a minimum of 6 bits for each 32 weights (12 bytes after the F16 ones), for Q5_K the fifth bits (32
     * bytes), four bits a weight (128 bytes).
     */
    private static void q45k(byte[] bytes, int block, float scale, float minimum, boolean fifthBits, float[] target,
            int to) {
        int fifths = block + 16;
        int fours = fifthBits ? fifths + 32 : fifths;
        for (int part = 0; part < 8; part++) {
            float step = scale * sixBits(bytes, block + 4, part, 0);
            float least = minimum * sixBits(bytes, block + 4, part, 4);
            for (int i = 0; i < 32; i++) {
                int code = bytes[fours + part / 2 * 32 + i] >> part % 2 * 4 & 15;
                int fifth = fifthBits ? bytes[fifths + i] >> part & 1 : 0;
                target[to + 32 * part + i] = step * (code | fifth << 4) - least;
            }
        }
    }

    /**
     * Eight scales and eight minima in 12 bytes. Bytes 0 to 3 have the first four scales, bytes 4 to 7 the first four
     * minima, in their lower six bits. Bytes 8 to 11 have the lower four bits of the other scales and minima, whose
     * upper two are the upper two of bytes 0 to 7.
     *
     * @param kind 0 for scales, 4 for minima
     */
    private static int sixBits(byte[] bytes, int at, int part, int kind) {
        return part < 4 ? bytes[at + kind + part] & 63
                : bytes[at + 4 + part] >> kind & 15 | (bytes[at + kind + part - 4] >> 6 & 3) << 4;
    }

    /** Lower four bits (128 bytes), upper two bits (64 bytes), a scale of 8 bits for each 16 weights. */
    private static void q6k(byte[] bytes, int block, float scale, float[] target, int to) {
        for (int e = 0; e < 256; e++) {
            // two quarters of each half share bytes of the lower bits
            int lower = bytes[block + e / 128 * 64 + e % 64] >> e % 128 / 64 * 4 & 15;
            float step = scale * bytes[block + 192 + e / 16];
            target[to + e] = step * ((lower | twoBits(bytes, block + 128, e) << 4) - 32);
        }
    }
}
