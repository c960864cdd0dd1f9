package io.bitlab.models.pretrained;

import io.bitlab.core.quant.TernaryMatrix;
import io.bitlab.models.io.ModelFormatException;
import io.bitlab.models.transformer.BitTransformerConfig;
import java.util.Set;

/** The tensors of an open checkpoint, under the names that they have in a BitTransformer where that has them. */
interface PublishedCheckpoint extends AutoCloseable {

    /** What was opened, for messages. */
    String source();

    /** What it describes; the table's format is not its business. */
    BitTransformerConfig config() throws ModelFormatException;

    /** All tensors but scales that belong to another one. */
    Set<String> names();

    /** What the file says of a tensor: its name there, type and shape. */
    String describe(String name) throws ModelFormatException;

    /** {@code [out, in]} of a matrix, however it is packed. */
    int[] shape(String name) throws ModelFormatException;

    boolean isTernary(String name) throws ModelFormatException;

    /** Whether the upper halves of floats hold it exactly. */
    boolean isBfloat16(String name) throws ModelFormatException;

    /** Whether float projections are the latent weights of a ternary model, which rounds them in each forward. */
    boolean isLatent();

    /** A ternary matrix, checked. */
    TernaryMatrix ternary(String name) throws ModelFormatException;

    /** A part of any other tensor; from several threads at once. */
    void floats(String name, long from, float[] into) throws ModelFormatException;

    /** Something is wrong with a tensor. */
    default ModelFormatException wrong(String name, String problem) throws ModelFormatException {
        return new ModelFormatException(source(), "tensor " + describe(name) + ": " + problem);
    }

    @Override
    void close();
}
