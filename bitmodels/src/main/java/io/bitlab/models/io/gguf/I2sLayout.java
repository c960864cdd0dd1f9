package io.bitlab.models.io.gguf;

/**
 * How {@link GgufType#I2_S} orders its trits: bitnet.cpp packs them for the vector registers of the machine that made
 * the file, and the file does not say which that was.
 */
public enum I2sLayout {

    /** Blocks of 128 weights in 32 bytes. Published files have it. */
    X86(128),

    /** Blocks of 64 weights in 16 bytes. */
    ARM(64);

    private final int blockSize;

    I2sLayout(int blockSize) {
        this.blockSize = blockSize;
    }

    /**
     * The weights of a block. Byte m holds those at m, m + a quarter of this, and so on, the first in its upper bits.
     *
     * @return 128 or 64
     */
    public int blockSize() {
        return blockSize;
    }
}
