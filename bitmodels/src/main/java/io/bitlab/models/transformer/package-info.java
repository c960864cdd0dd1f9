/**
 * Ternary transformers: language models and classifiers of sequences.
 *
 * {@snippet :
 * BitTransformer model = AutoBitModel.fromConfig(BitTransformerConfig.character(65), 1);
 * // ... train it, see io.bitlab.models.train.TokenDataset ...
 * model.deploy();
 * DecodingSession conversation = model.newConversation();
 * float[] logits = conversation.append(tokens); // of the token that follows
 * }
 *
 * <p>An evaluated model is shared by any number of {@link io.bitlab.models.transformer.DecodingSession conversations},
 * each with its own memory and, at a time, its own thread. Text in and out: {@link io.bitlab.models.generate}.
 */
package io.bitlab.models.transformer;
