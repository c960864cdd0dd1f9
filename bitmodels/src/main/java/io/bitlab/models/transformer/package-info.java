/**
 * Ternary transformers: the language model {@link io.bitlab.models.transformer.BitTransformer} and the classifier
 * {@link io.bitlab.models.transformer.BitSequenceClassifier}.
 *
 * {@snippet class="io.bitlab.models.snippets.TransformerSnippets" region="model"}
 *
 * <p>Threads share an evaluated model. For decoding, each takes its own
 * {@link io.bitlab.models.transformer.DecodingSession}, which holds the keys and values of one sequence:
 *
 * {@snippet class="io.bitlab.models.snippets.TransformerSnippets" region="decode"}
 *
 * <p>Text in, text out: {@link io.bitlab.models.generate}. Training: {@link io.bitlab.models.train.TokenDataset}.
 */
package io.bitlab.models.transformer;
