package io.bitlab.models.detection.data;

/**
 * What the corners of a Pascal VOC file mean. The format counts pixels from 1 and includes the last, but most programs
 * that write it count from 0, and most that read it, such as those that convert it to COCO, take the numbers as they
 * are. Half a pixel more or less matters for small objects only.
 */
public enum VocCorners {
    /** The numbers are the edges of the box, counted from 0. */
    AS_WRITTEN,
    /** As the format says: the first pixel of the image is 1, and the last of the box belongs to it. */
    INCLUSIVE
}
