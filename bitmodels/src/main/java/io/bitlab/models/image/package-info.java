/**
 * Images: reading and writing files, resizing, and training data for networks that see.
 *
 * {@snippet class="io.bitlab.models.snippets.ImageSnippets" region="image"}
 *
 * <p>{@link io.bitlab.models.image.BitImage} is one picture. Networks see floats {@code [channels, height, width]}, one
 * plane for each channel, which {@link io.bitlab.models.image.BitImage#toFloats(ImageNormalization)} makes.
 */
package io.bitlab.models.image;
