package io.bitlab.models.io.gguf;

import io.bitlab.models.io.ModelFormatException;
import io.bitlab.models.io.safetensors.DType;
import java.lang.foreign.MemorySegment;

/** Decodes blocks of one tensor to floats. Many threads may do that at once. */
interface BlockDecoder {

    /** The weights of a block. */
    int blockSize();

    /**
     * Decodes some blocks.
     *
     * @param block the first one
     * @param count how many
     * @param target receives their weights, from 0 on
     * @throws ModelFormatException if a block is corrupt; the message has the tensor, the place and the value
     */
    void floats(long block, int count, float[] target) throws ModelFormatException;

    /** A decoder of any tensor. */
    static BlockDecoder of(GgufTensor tensor, MemorySegment data, I2sLayout layout, String source)
            throws ModelFormatException {
        return switch (tensor.type()) {
            case F32 -> elements(DType.F32, data);
            case F16 -> elements(DType.F16, data);
            case BF16 -> elements(DType.BF16, data);
            case Q4_0, Q4_1, Q5_0, Q5_1, Q8_0, Q2_K, Q3_K, Q4_K, Q5_K, Q6_K -> new QuantBlocks(tensor, data, source);
            case TQ1_0, TQ2_0, I2_S -> new TritBlocks(tensor, data, layout, source);
        };
    }

    private static BlockDecoder elements(DType dtype, MemorySegment data) {
        return new BlockDecoder() {
            @Override
            public int blockSize() {
                return 1;
            }

            @Override
            public void floats(long block, int count, float[] target) {
                dtype.toFloats(data, block * dtype.byteSize(), target, 0, count);
            }
        };
    }
}
