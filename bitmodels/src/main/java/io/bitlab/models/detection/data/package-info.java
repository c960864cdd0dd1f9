/**
 * Photographs with the boxes of their objects: from annotation files in the formats of Pascal VOC, COCO and YOLO, or
 * drawn by code. Readers check everything and report what is wrong.
 *
 * {@snippet class="io.bitlab.models.snippets.DetectionDataSnippets" region="voc"}
 */
package io.bitlab.models.detection.data;
