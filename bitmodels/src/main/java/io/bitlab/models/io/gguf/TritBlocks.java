package io.bitlab.models.io.gguf;

import io.bitlab.models.io.ModelFormatException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.Arrays;

/**
 * Decodes the blocks of TQ1_0, TQ2_0 and I2_S, to trits and scales or to floats; eight bytes at a time, in the bytes of
 * a long.
 */
final class TritBlocks implements BlockDecoder {

    private static final ValueLayout.OfFloat FLOAT =
            ValueLayout.JAVA_FLOAT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    private static final VarHandle LONGS = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
    private static final long EACH_BYTE = 0x0101010101010101L;
    private static final long HIGH_BITS = EACH_BYTE << 7;
    private static final long LOW_BYTES = 0x00FF00FF00FF00FFL;

    private static final byte[] POWERS_OF_3 = {1, 3, 9, 27, 81};

    private final GgufTensor tensor;
    private final MemorySegment data;
    private final String source;
    private final int blockSize;
    private final int blockBytes;

    /** Of I2_S. */
    private final float tensorScale;

    /**
     * A decoder.
     *
     * @throws ModelFormatException if the one scale of an I2_S tensor is not finite
     */
    TritBlocks(GgufTensor tensor, MemorySegment data, I2sLayout layout, String source) throws ModelFormatException {
        this.tensor = tensor;
        this.data = data;
        this.source = source;
        if (tensor.type() == GgufType.I2_S) {
            blockSize = layout.blockSize();
            blockBytes = blockSize / 4;
            tensorScale = data.get(FLOAT, tensor.elements() / 4);
            QuantBlocks.requireFinite(tensorScale, tensor, 0, source);
        } else {
            blockSize = tensor.type().blockSize();
            blockBytes = tensor.type().blockBytes();
            tensorScale = 0;
        }
    }

    @Override
    public int blockSize() {
        return blockSize;
    }

    @Override
    public void floats(long block, int count, float[] target) throws ModelFormatException {
        byte[] trits = new byte[count * blockSize];
        float[] scales = new float[count];
        trits(block, count, trits, scales);
        for (int i = 0; i < trits.length; i++) {
            target[i] = trits[i] * scales[i / blockSize];
        }
    }

    /**
     * Decodes some blocks. Where the scale is 0, the trits become 0 too: whatever they are, the weights are 0.
     *
     * @param block the first one
     * @param count how many
     * @param trits receives their trits, from 0 on
     * @param scales receives their scales, from 0 on
     * @throws ModelFormatException if a code is 3 or a scale not finite
     */
    void trits(long block, int count, byte[] trits, float[] scales) throws ModelFormatException {
        byte[] bytes = data.asSlice(block * blockBytes, (long) count * blockBytes).toArray(ValueLayout.JAVA_BYTE);
        for (int i = 0; i < count; i++) {
            int at = i * blockBytes;
            int to = i * blockSize;
            switch (tensor.type()) {
                case TQ1_0 -> base3(bytes, at, trits, to);
                case TQ2_0 -> twoBits(bytes, at, trits, to);
                default -> i2s(bytes, at, trits, to);
            }
            requireTrits(trits, to, block + i);
            scales[i] = tensor.type() == GgufType.I2_S ? tensorScale
                    : QuantBlocks.half(bytes, at + blockBytes - Short.BYTES);
            QuantBlocks.requireFinite(scales[i], tensor, (block + i) * blockSize, source);
            if (scales[i] == 0) {
                Arrays.fill(trits, to, to + blockSize, (byte) 0);
            }
        }
    }

    /** Two bits can say 2 (code 3); base 3 cannot. */
    private void requireTrits(byte[] trits, int from, long block) throws ModelFormatException {
        long twos = 0;
        for (int i = from; i < from + blockSize; i += Long.BYTES) {
            long eight = (long) LONGS.get(trits, i);
            twos |= eight & ~(eight >>> 6); // bit 1 without bit 7
        }
        if ((twos & 2 * EACH_BYTE) != 0) {
            int i = 0;
            while (trits[from + i] <= 1) {
                i++;
            }
            throw new ModelFormatException(source, "tensor " + tensor + ": the code at "
                    + tensor.place(block * blockSize + i) + " is 3, expected 0, 1 or 2; the data is corrupt"
                    + (tensor.type() == GgufType.I2_S ? " or has other codes than a ternary model's" : ""));
        }
    }

    /** 32 bytes of five trits 32 apart, 16 of five that are 16 apart, and 4 of four that are 4 apart. */
    private static void base3(byte[] bytes, int at, byte[] trits, int to) {
        digits(bytes, at, 32, 5, trits, to);
        digits(bytes, at + 32, 16, 5, trits, to + 160);
        digits(bytes, at + 48, 4, 4, trits, to + 240);
    }

    /** A byte is a fraction of 256: times 3, what goes over 256 is the next digit. */
    private static void digits(byte[] bytes, int at, int lanes, int digits, byte[] trits, int to) {
        for (int digit = 0; digit < digits; digit++) {
            int power = POWERS_OF_3[digit];
            int i = 0;
            for (; i + Long.BYTES <= lanes; i += Long.BYTES) {
                long eight = (long) LONGS.get(bytes, at + i);
                long codes = digitsOfLowBytes(eight, power) | digitsOfLowBytes(eight >>> 8, power) << 8;
                LONGS.set(trits, to + digit * lanes + i, minusOne(codes));
            }
            for (; i < lanes; i++) {
                int rest = bytes[at + i] * power & 255;
                trits[to + digit * lanes + i] = (byte) ((rest * 3 >> 8) - 1);
            }
        }
    }

    /** Of the lower byte of each two: 255 times 81 fits two bytes. */
    private static long digitsOfLowBytes(long eight, int power) {
        long rest = (eight & LOW_BYTES) * power & LOW_BYTES;
        return rest * 3 >>> 8 & LOW_BYTES;
    }

    private static void twoBits(byte[] bytes, int at, byte[] trits, int to) {
        for (int half = 0; half < 2; half++) {
            for (int lane = 0; lane < 4; lane++) {
                twoBits(bytes, at + 32 * half, 32, 2 * lane, trits, to + 128 * half + 32 * lane);
            }
        }
    }

    private void i2s(byte[] bytes, int at, byte[] trits, int to) {
        for (int lane = 0; lane < 4; lane++) {
            twoBits(bytes, at, blockBytes, 6 - 2 * lane, trits, to + blockBytes * lane);
        }
    }

    /** The codes in two bits of each of some bytes. */
    private static void twoBits(byte[] bytes, int at, int count, int shift, byte[] trits, int to) {
        for (int i = 0; i < count; i += Long.BYTES) {
            long codes = (long) LONGS.get(bytes, at + i) >>> shift & 3 * EACH_BYTE;
            LONGS.set(trits, to + i, minusOne(codes));
        }
    }

    /** One less in each byte, none of which has bit 7. */
    private static long minusOne(long codes) {
        return (codes | HIGH_BITS) - EACH_BYTE ^ HIGH_BITS;
    }
}
