/**
 * Finding objects. {@link io.bitlab.models.detection.BitDetector} says what is on a picture and where; it knows the
 * size and the normalisation of the pixels that it was trained with, and the names of its classes.
 *
 * {@snippet class="io.bitlab.models.snippets.DetectionSnippets" region="detect"}
 *
 * <p>{@link io.bitlab.models.detection.DetectionTask} trains it on photographs of
 * {@link io.bitlab.models.detection.data}.
 */
package io.bitlab.models.detection;
