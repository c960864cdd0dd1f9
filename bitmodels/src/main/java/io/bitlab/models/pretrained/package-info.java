/**
 * Published checkpoints as models: Hugging Face folders and GGUF files. Applications need none of it: {@link
 * io.bitlab.models.AutoBitModel#load} is the way in, {@link io.bitlab.models.AutoBitModel#export} the way out.
 *
 * <p>A {@code PublishedCheckpoint} shows the tensors of a file under the names that they have in a
 * {@link io.bitlab.models.transformer.BitTransformer}; {@code PretrainedTransformer} checks
 * them all and then hands one after the other to the model, so that only one is in memory twice.
 */
package io.bitlab.models.pretrained;
