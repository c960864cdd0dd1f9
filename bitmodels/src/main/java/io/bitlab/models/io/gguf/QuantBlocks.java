package io.bitlab.models.io.gguf;

import io.bitlab.models.io.ModelFormatException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * The blocks of Q4_0, Q8_0 and Q6_K.
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
            float scale = half(bytes, type == GgufType.Q6_K ? at + size - Short.BYTES : at);
            requireFinite(scale, tensor, (block + i) * type.blockSize(), source);
            switch (type) {
                case Q4_0 -> q4(bytes, at + Short.BYTES, scale, target, to);
                case Q8_0 -> q8(bytes, at + Short.BYTES, scale, target, to);
                default -> q6(bytes, at, scale, target, to);
            }
        }
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

    /** The first 16 weights are the lower halves of the bytes, the others the upper ones. */
    private static void q4(byte[] bytes, int at, float scale, float[] target, int to) {
        for (int i = 0; i < 16; i++) {
            target[to + i] = ((bytes[at + i] & 15) - 8) * scale;
            target[to + i + 16] = ((bytes[at + i] >> 4 & 15) - 8) * scale;
        }
    }

    private static void q8(byte[] bytes, int at, float scale, float[] target, int to) {
        for (int i = 0; i < 32; i++) {
            target[to + i] = bytes[at + i] * scale;
        }
    }

    /** Lower four bits (128 bytes), upper two bits (64 bytes), 16 scales of a byte, the block's scale. */
    private static void q6(byte[] bytes, int block, float scale, float[] target, int to) {
        for (int half = 0; half < 2; half++) {
            int low = block + 64 * half;
            int high = block + 128 + 32 * half;
            int scales = block + 192 + 8 * half;
            for (int e = 0; e < 128; e++) {
                int quarter = e / 32; // two quarters share bytes of the lower bits, all four those of the upper ones
                int column = e % 32;
                int lower = bytes[low + column + 32 * (quarter % 2)] >> 4 * (quarter / 2) & 15;
                int upper = bytes[high + column] >> 2 * quarter & 3;
                float step = scale * bytes[scales + e / 16];
                target[to + 128 * half + e] = step * ((lower | upper << 4) - 32);
            }
        }
    }
}
