package io.bitlab.models.io.gguf;

import io.bitlab.core.math.Bfloat16;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** Encodes floats as F32, F16, BF16 or Q8_0. */
final class FloatEncoder {

    private FloatEncoder() {
    }

    static boolean supports(GgufType type) {
        return type.isFloat() || type == GgufType.Q8_0;
    }

    /**
     * Encodes a whole number of blocks.
     *
     * @param tensor what they belong to
     * @param from the first weight's index, for messages
     * @param weights all are encoded; not modified
     * @throws IllegalArgumentException if a weight is beyond the type's range, or a weight of Q8_0 is not finite
     */
    static byte[] encode(GgufTensor tensor, long from, float[] weights) {
        GgufType type = tensor.type();
        int bytes = weights.length / type.blockSize() * type.blockBytes();
        ByteBuffer out = ByteBuffer.allocate(bytes).order(ByteOrder.LITTLE_ENDIAN);
        switch (type) {
            case F32 -> out.asFloatBuffer().put(weights);
            case F16, BF16 -> {
                for (int i = 0; i < weights.length; i++) {
                    float weight = weights[i];
                    short bits = type == GgufType.F16 ? Float.floatToFloat16(weight) : Bfloat16.fromFloat(weight);
                    float stored = type == GgufType.F16 ? Float.float16ToFloat(bits) : Bfloat16.toFloat(bits);
                    if (Float.isInfinite(stored) && Float.isFinite(weight)) {
                        throw wrong(tensor, from + i, weight, "a smaller number");
                    }
                    out.putShort(bits);
                }
            }
            case Q8_0 -> {
                for (int i = 0; i < weights.length; i += type.blockSize()) {
                    q8(tensor, from, weights, i, out);
                }
            }
            default -> throw new IllegalArgumentException("tensor " + tensor + ": floats cannot be written as " + type);
        }
        return out.array();
    }

    /** As llama.cpp does: the scale is stored as F16, but the weights are divided by the unrounded one. */
    private static void q8(GgufTensor tensor, long from, float[] weights, int block, ByteBuffer out) {
        float largest = 0;
        for (int i = block; i < block + GgufType.Q8_0.blockSize(); i++) {
            float size = Math.abs(weights[i]);
            if (!(size <= 127 * 65504f)) {
                throw wrong(tensor, from + i, weights[i], "a finite number, at most 127 times the largest F16");
            }
            largest = Math.max(largest, size);
        }
        float scale = largest / 127;
        float inverse = scale == 0 ? 0 : 1 / scale;
        out.putShort(Float.floatToFloat16(scale));
        for (int i = block; i < block + GgufType.Q8_0.blockSize(); i++) {
            double size = Math.floor(Math.abs(weights[i] * inverse) + 0.5);
            out.put((byte) Math.copySign(size, weights[i]));
        }
    }

    private static IllegalArgumentException wrong(GgufTensor tensor, long element, float weight, String expected) {
        return new IllegalArgumentException("tensor " + tensor + ": the weight in " + tensor.place(element) + " is "
                + weight + ", expected " + expected);
    }
}
