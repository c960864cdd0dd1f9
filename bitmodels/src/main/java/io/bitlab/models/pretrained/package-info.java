/**
 * Loading and exporting transformers in the formats of other programs: Hugging Face folders and GGUF files.
 * Applications call {@link io.bitlab.models.AutoBitModel#load} and {@link io.bitlab.models.AutoBitModel#export} with
 * the options of this package:
 *
 * {@snippet class="io.bitlab.models.snippets.ModelsSnippets" region="load"}
 *
 * {@snippet class="io.bitlab.models.snippets.ModelsSnippets" region="export"}
 *
 * <p>Inside, a {@code PublishedCheckpoint} presents the tensors of a file under the names of a
 * {@link io.bitlab.models.transformer.BitTransformer}. {@code TransformerLoader} checks all of them, then passes one
 * after the other to the model, so that only one is in memory twice. A {@code TransformerExport} is the way back.
 */
package io.bitlab.models.pretrained;
