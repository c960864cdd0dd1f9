package io.bitlab.models.io.gguf;

import java.util.Arrays;
import java.util.List;
import java.util.Map;

/**
 * The element type of a GGUF tensor: how many weights a block holds, in how many bytes.
 *
 * @see <a href="https://github.com/ggml-org/llama.cpp/blob/master/ggml/src/ggml-common.h">The blocks of llama.cpp</a>
 */
public enum GgufType {

    /** IEEE 754 binary32. */
    F32(0, 1, 4),
    /** IEEE 754 binary16. */
    F16(1, 1, 2),
    /** 32 weights of 4 bits with an F16 scale. */
    Q4_0(2, 32, 18),
    /** 32 weights of 4 bits with an F16 scale and an F16 minimum. */
    Q4_1(3, 32, 20),
    /** 32 weights of 5 bits with an F16 scale. */
    Q5_0(6, 32, 22),
    /** 32 weights of 5 bits with an F16 scale and an F16 minimum. */
    Q5_1(7, 32, 24),
    /** 32 weights of 8 bits with an F16 scale. */
    Q8_0(8, 32, 34),
    /** 256 weights of 2 bits; 16 scales and minima of 4 bits, and an F16 scale for each kind. */
    Q2_K(10, 256, 84),
    /** 256 weights of 3 bits; 16 scales of 6 bits, and an F16 scale for these. */
    Q3_K(11, 256, 110),
    /** 256 weights of 4 bits; 8 scales and minima of 6 bits, and an F16 scale for each kind. */
    Q4_K(12, 256, 144),
    /** 256 weights of 5 bits; 8 scales and minima of 6 bits, and an F16 scale for each kind. */
    Q5_K(13, 256, 176),
    /** 256 weights of 6 bits; 16 scales of 8 bits, and an F16 scale for these. */
    Q6_K(14, 256, 210),
    /** The upper half of a binary32. */
    BF16(30, 1, 2),
    /** 256 trits, five a byte, with an F16 scale: 1.6875 bits a weight. */
    TQ1_0(34, 256, 54),
    /** 256 trits, four a byte, with an F16 scale: 2.0625 bits a weight. */
    TQ2_0(35, 256, 66),
    /** Trits, four a byte, and one F32 scale for the tensor: bitnet.cpp's type, see {@link I2sLayout}. */
    I2_S(36, 4, 1);

    /** After the trits of an I2_S tensor: its scale, and 28 bytes of padding. */
    static final int I2S_TAIL_BYTES = 32;

    private static final Map<Integer, String> OTHERS = Map.ofEntries(
            Map.entry(9, "Q8_1"), Map.entry(15, "Q8_K"), Map.entry(16, "IQ2_XXS"), Map.entry(17, "IQ2_XS"),
            Map.entry(18, "IQ3_XXS"), Map.entry(19, "IQ1_S"), Map.entry(20, "IQ4_NL"), Map.entry(21, "IQ3_S"),
            Map.entry(22, "IQ2_S"), Map.entry(23, "IQ4_XS"), Map.entry(24, "I8"), Map.entry(25, "I16"),
            Map.entry(26, "I32"), Map.entry(27, "I64"), Map.entry(28, "F64"), Map.entry(29, "IQ1_M"),
            Map.entry(37, "I8_S"), Map.entry(38, "TL1"), Map.entry(39, "MXFP4 or TL2"));

    private final int id;
    private final int blockSize;
    private final int blockBytes;

    GgufType(int id, int blockSize, int blockBytes) {
        this.id = id;
        this.blockSize = blockSize;
        this.blockBytes = blockBytes;
    }

    /**
     * The type of a number.
     *
     * @param id the number in a file
     * @return its type
     * @throws IllegalArgumentException if the type is not supported; the message gives its name, if it has one, and
     *     lists the supported types
     */
    public static GgufType of(int id) {
        for (GgufType type : values()) {
            if (type.id == id) {
                return type;
            }
        }
        String number = Integer.toUnsignedString(id);
        String name = OTHERS.get(id);
        List<String> supported = Arrays.stream(values()).map(GgufType::label).toList();
        throw new IllegalArgumentException("type " + (name == null ? number + " is unknown"
                : name + " (" + number + ") is not supported; convert the tensor") + ", expected one of "
                + String.join(", ", supported));
    }

    private String label() {
        return name() + " (" + id + ")";
    }

    /**
     * The number of the type in files.
     *
     * @return its id
     */
    public int id() {
        return id;
    }

    /**
     * The weights per block; a row has a whole number of blocks.
     *
     * @return 1, 32 or 256; 4 for I2_S, whose blocks are the {@linkplain I2sLayout layout}'s
     */
    public int blockSize() {
        return blockSize;
    }

    /**
     * The bytes of a block.
     *
     * @return 1 to 210
     */
    public int blockBytes() {
        return blockBytes;
    }

    /**
     * Whether the weights are trits with scales.
     *
     * @return true for TQ1_0, TQ2_0 and I2_S
     */
    public boolean isTernary() {
        return this == TQ1_0 || this == TQ2_0 || this == I2_S;
    }

    /** Whether each weight is a number by itself, without blocks. */
    boolean isFloat() {
        return blockSize == 1;
    }

    /**
     * The bytes of a tensor.
     *
     * @param elements a whole number of blocks
     */
    long byteCount(long elements) {
        long blocks = Math.multiplyExact(elements / blockSize, (long) blockBytes);
        return this == I2_S ? Math.addExact(blocks, I2S_TAIL_BYTES) : blocks;
    }
}
