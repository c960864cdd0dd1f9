/**
 * Networks that see. {@link io.bitlab.models.vision.ImageClassifier} says what is on a picture: it knows the size and
 * the normalisation of the pixels that it was trained with, and the names of its classes.
 *
 * {@snippet class="io.bitlab.models.snippets.ImageModelSnippets" region="classify"}
 */
package io.bitlab.models.vision;
