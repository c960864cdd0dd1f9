package io.bitlab.models.detection.score;

import java.util.List;

/** The sizes of objects that COCO tells apart, in square pixels; both bounds belong to the range. */
record AreaRange(String name, double from, double to) {

    static final AreaRange ALL = new AreaRange("all", 0, 1e10);
    static final AreaRange SMALL = new AreaRange("small", 0, 32 * 32);
    static final AreaRange MEDIUM = new AreaRange("medium", 32 * 32, 96 * 96);
    static final AreaRange LARGE = new AreaRange("large", 96 * 96, 1e10);

    /** In the order in which they are printed. */
    static final List<AreaRange> VALUES = List.of(ALL, SMALL, MEDIUM, LARGE);

    boolean contains(double area) {
        return area >= from && area <= to;
    }
}
