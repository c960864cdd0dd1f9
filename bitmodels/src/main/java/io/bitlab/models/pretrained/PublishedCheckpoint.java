package io.bitlab.models.pretrained;

import io.bitlab.core.quant.TernaryMatrix;
import io.bitlab.models.io.ModelFormatException;
import io.bitlab.models.transformer.BitTransformerConfig;
import java.util.Set;

/**
 * An open checkpoint in a foreign format. Its tensors have their names in a BitTransformer if that has such a tensor.
 */
interface PublishedCheckpoint extends AutoCloseable {

    /** The file or folder, for messages. */
    String source();

    /** The configuration; its embedding format is up to the loader. */
    BitTransformerConfig config() throws ModelFormatException;

    /** All tensors except scales that belong to another tensor. */
    Set<String> names();

    /** A tensor's name, type and shape in the file. */
    String describe(String name) throws ModelFormatException;

    /** The unpacked shape, {@code [out, in]} for a matrix. */
    int[] shape(String name) throws ModelFormatException;

    boolean isTernary(String name) throws ModelFormatException;

    /** Whether it is stored as bfloat16. */
    boolean isBfloat16(String name) throws ModelFormatException;

    /** Whether float projections are latent weights, which the ternary model rounds in each forward pass. */
    boolean isLatent();

    /** A ternary matrix, checked. */
    TernaryMatrix ternary(String name) throws ModelFormatException;

    /** Reads a part of any other tensor, from an index on. Several threads may call this at once. */
    void floats(String name, long from, float[] into) throws ModelFormatException;

    /** The exception for a problem with a tensor. */
    default ModelFormatException wrong(String name, String problem) throws ModelFormatException {
        return new ModelFormatException(source(), "tensor " + describe(name) + ": " + problem);
    }

    @Override
    void close();
}
