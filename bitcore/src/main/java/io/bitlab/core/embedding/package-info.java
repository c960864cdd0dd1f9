/**
 * The embedding and output head of a language model: float matrices that are not ternary, in formats of 32 to 4.5 bits
 * per value, and products with them.
 *
 * <p>An {@link io.bitlab.core.embedding.EmbeddingTable} is made from floats, or filled row by row:
 *
 * {@snippet class="io.bitlab.core.snippets.EmbeddingSnippets" region="builder"}
 *
 * <p>Applications rarely use tables themselves: the layer {@code Embedding} of {@code io.bitlab.layers} takes an
 * {@link io.bitlab.core.embedding.EmbeddingFormat} and makes the table in evaluation.
 */
package io.bitlab.core.embedding;
