package io.bitlab.layers.attention;

/** How a {@link KvCache} stores keys and values. */
enum KvFormat {
    FLOAT32(4, 0), BFLOAT16(2, 0),
    /** With one scale for each head and position. */
    INT8(1, 4);

    private final int bytes;
    private final int scaleBytes;

    KvFormat(int bytes, int scaleBytes) {
        this.bytes = bytes;
        this.scaleBytes = scaleBytes;
    }

    /** Bytes of a key or value of so many features. */
    long bytes(int features) {
        return (long) features * bytes + scaleBytes;
    }
}
