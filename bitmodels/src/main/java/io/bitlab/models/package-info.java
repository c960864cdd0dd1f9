/**
 * Whole models: built from a configuration, trained, saved and loaded.
 *
 * {@snippet class="io.bitlab.models.snippets.ModelsSnippets" region="save"}
 *
 * <p>A kind of model consists of a {@link io.bitlab.models.BitModel}, its {@link io.bitlab.models.BitModelConfig} and a
 * {@link io.bitlab.models.BitModelType}. Applications add their own kinds, which the service loader finds.
 */
package io.bitlab.models;
