package io.bitlab.models.detection.data;

/** How an annotated box counts. */
public enum BoxKind {
    /** An object that a detector must find. */
    OBJECT,
    /** An object so hard to see that finding it or not counts neither for nor against a detector. */
    DIFFICULT,
    /** A group of objects under one box: any number of detections inside of it are neither right nor wrong. */
    CROWD
}
