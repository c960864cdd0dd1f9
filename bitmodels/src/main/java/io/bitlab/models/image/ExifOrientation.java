package io.bitlab.models.image;

/** How a stored image must be turned to be upright: the values 1 to 8 of EXIF's tag Orientation, in this order. */
enum ExifOrientation {
    UPRIGHT(false, false, false),
    FLIPPED(false, true, false),
    UPSIDE_DOWN(false, true, true),
    FLIPPED_UPSIDE_DOWN(false, false, true),
    TRANSPOSED(true, false, false),
    TURN_RIGHT(true, false, true),
    TRANSPOSED_UPSIDE_DOWN(true, true, true),
    TURN_LEFT(true, true, false);

    private static final ExifOrientation[] VALUES = values();

    private final boolean swapsAxes;
    private final boolean mirrorsColumns;
    private final boolean mirrorsRows;

    /** The mirrors are those of the stored image. */
    ExifOrientation(boolean swapsAxes, boolean mirrorsColumns, boolean mirrorsRows) {
        this.swapsAxes = swapsAxes;
        this.mirrorsColumns = mirrorsColumns;
        this.mirrorsRows = mirrorsRows;
    }

    /** The orientation with a number; upright if there is none, since cameras also write 0. */
    static ExifOrientation of(int number) {
        return number >= 1 && number <= VALUES.length ? VALUES[number - 1] : UPRIGHT;
    }

    /** Whether the upright image is as wide as the stored one is high. */
    boolean swapsAxes() {
        return swapsAxes;
    }

    BitImage apply(BitImage stored) {
        if (this == UPRIGHT) {
            return stored;
        }
        int width = stored.width();
        int height = stored.height();
        int newWidth = swapsAxes ? height : width;
        int newHeight = swapsAxes ? width : height;
        byte[] from = stored.bytes();
        byte[] to = new byte[from.length];
        for (int y = 0; y < newHeight; y++) {
            for (int x = 0; x < newWidth; x++) {
                int column = swapsAxes ? y : x;
                int row = swapsAxes ? x : y;
                int at = 3 * ((mirrorsRows ? height - 1 - row : row) * width
                        + (mirrorsColumns ? width - 1 - column : column));
                int into = 3 * (y * newWidth + x);
                to[into] = from[at];
                to[into + 1] = from[at + 1];
                to[into + 2] = from[at + 2];
            }
        }
        return BitImage.owning(newWidth, newHeight, to);
    }
}
