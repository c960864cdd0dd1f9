/**
 * How good a detector is: average precision and recall as COCO counts them, and which object was found by which
 * detection.
 *
 * {@snippet class="io.bitlab.models.snippets.ScoreSnippets" region="coco"}
 */
package io.bitlab.models.detection.score;
