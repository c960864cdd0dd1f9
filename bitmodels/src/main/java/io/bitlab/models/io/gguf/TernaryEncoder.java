package io.bitlab.models.io.gguf;

import io.bitlab.core.quant.TernaryMatrix;
import io.bitlab.models.internal.RoundingError;
import java.io.IOException;
import java.io.OutputStream;
import java.util.Arrays;

/** Encodes ternary matrices as TQ1_0, TQ2_0 or I2_S. One per file, since it collects the rounding errors. */
final class TernaryEncoder {

    private final I2sLayout layout;
    private final boolean rounding;
    private final RoundingError error = new RoundingError();

    TernaryEncoder(I2sLayout layout, boolean rounding) {
        this.layout = layout;
        this.rounding = rounding;
    }

    /** The largest relative error that rounding a scale to F16 has made so far. */
    double largestError() {
        return error.largest();
    }

    /**
     * Encodes a matrix.
     *
     * @throws IllegalArgumentException if it does not have the tensor's shape, or has scales that the type cannot hold
     */
    void write(GgufTensor tensor, TernaryMatrix matrix, OutputStream out) throws IOException {
        int[] shape = {matrix.outFeatures(), matrix.inFeatures()};
        if (!Arrays.equals(shape, tensor.shape())) {
            throw new IllegalArgumentException("tensor " + tensor + ": the source gave a matrix "
                    + Arrays.toString(shape) + ", expected the shape that was announced");
        }
        if (tensor.type() == GgufType.I2_S) {
            writeI2s(tensor, matrix, out);
        } else {
            writeTq(tensor, matrix, out);
        }
    }

    // ---------------------------------------------------------------- TQ1_0 and TQ2_0

    private void writeTq(GgufTensor tensor, TernaryMatrix matrix, OutputStream out) throws IOException {
        GgufType type = tensor.type();
        int size = type.blockSize();
        if (matrix.blocks() > 1 && matrix.blockColumns() % size != 0) {
            throw new IllegalArgumentException("tensor " + tensor + ": the matrix has a scale for each "
                    + matrix.blockColumns() + " columns, but " + type + " holds one for each " + size);
        }
        byte[] trits = new byte[matrix.inFeatures()];
        byte[] bytes = new byte[trits.length / size * type.blockBytes()];
        for (int row = 0; row < matrix.outFeatures(); row++) {
            matrix.unpackRow(row, trits, 0);
            Arrays.fill(bytes, (byte) 0);
            for (int i = 0, at = 0; i < trits.length; i += size, at += type.blockBytes()) {
                if (type == GgufType.TQ1_0) {
                    base3(trits, i, bytes, at);
                } else {
                    twoBits(trits, i, bytes, at);
                }
                // as llama.cpp has it: the scale is the largest weight, so that of zeros is 0
                short scale = isZero(trits, i, size) ? 0 : half(tensor, row, i, matrix);
                bytes[at + type.blockBytes() - 2] = (byte) scale;
                bytes[at + type.blockBytes() - 1] = (byte) (scale >> 8);
            }
            out.write(bytes);
        }
    }

    private static boolean isZero(byte[] trits, int from, int count) {
        for (int i = from; i < from + count; i++) {
            if (trits[i] != 0) {
                return false;
            }
        }
        return true;
    }

    private short half(GgufTensor tensor, int row, int column, TernaryMatrix matrix) {
        float scale = matrix.scale(row, column / matrix.blockColumns());
        short half = Float.floatToFloat16(scale);
        float stored = Float.float16ToFloat(half);
        if (stored == scale) {
            return half;
        }
        double relative = RoundingError.relative(scale, stored);
        boolean lost = stored == 0 || Float.isInfinite(stored);
        if (lost || !rounding) {
            throw new IllegalArgumentException("tensor " + tensor + ": the scale " + scale + " at row " + row
                    + ", column " + column + " is no F16 number, the next is " + stored
                    + (lost ? "; only " + (matrix.scales().length == 1 ? "I2_S and " : "") + "F32 can hold it"
                            : " with a relative error of " + relative + "; allow it with allowRounding(true)"
                                    + (matrix.scales().length == 1 ? ", or write I2_S, whose scale is F32" : "")));
        }
        error.add(relative);
        return half;
    }

    private static void base3(byte[] trits, int from, byte[] bytes, int at) {
        digits(trits, from, 32, 5, bytes, at);
        digits(trits, from + 160, 16, 5, bytes, at + 32);
        digits(trits, from + 240, 4, 4, bytes, at + 48);
    }

    /** Five digits of base 3, the first the most significant, as a fraction of 256, rounded up. */
    private static void digits(byte[] trits, int from, int lanes, int digits, byte[] bytes, int at) {
        for (int i = 0; i < lanes; i++) {
            int code = 0;
            for (int digit = 0; digit < 5; digit++) {
                code = 3 * code + (digit < digits ? trits[from + digit * lanes + i] + 1 : 0);
            }
            bytes[at + i] = (byte) Math.ceilDiv(code * 256, 243);
        }
    }

    private static void twoBits(byte[] trits, int from, byte[] bytes, int at) {
        for (int e = 0; e < GgufType.TQ2_0.blockSize(); e++) {
            bytes[at + 32 * (e / 128) + e % 32] |= (byte) (trits[from + e] + 1 << 2 * (e / 32 % 4));
        }
    }

    // ---------------------------------------------------------------- I2_S

    private void writeI2s(GgufTensor tensor, TernaryMatrix matrix, OutputStream out) throws IOException {
        float[] scales = matrix.scales();
        for (float scale : scales) {
            if (scale != scales[0]) {
                throw new IllegalArgumentException("tensor " + tensor + ": the matrix has scales " + scales[0] + " and "
                        + scale + ", but I2_S holds one for the tensor"
                        + (matrix.inFeatures() % GgufType.TQ2_0.blockSize() == 0 ? "; write TQ1_0 or TQ2_0" : ""));
            }
        }
        byte[] row = new byte[matrix.inFeatures()];
        byte[] block = new byte[layout.blockSize()]; // it may go on in the next row
        int filled = 0;
        for (int r = 0; r < matrix.outFeatures(); r++) {
            matrix.unpackRow(r, row, 0);
            for (int at = 0; at < row.length;) {
                int count = Math.min(row.length - at, block.length - filled);
                System.arraycopy(row, at, block, filled, count);
                at += count;
                filled += count;
                if (filled == block.length) {
                    out.write(i2s(block));
                    filled = 0;
                }
            }
        }
        out.write(new GgufBytes().u32(Float.floatToRawIntBits(scales[0])).pad(GgufType.I2S_TAIL_BYTES).toArray());
    }

    private static byte[] i2s(byte[] trits) {
        byte[] bytes = new byte[trits.length / 4];
        for (int i = 0; i < trits.length; i++) {
            bytes[i % bytes.length] |= (byte) (trits[i] + 1 << 6 - 2 * (i / bytes.length));
        }
        return bytes;
    }
}
