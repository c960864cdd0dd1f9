package io.bitlab.models.internal;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.zip.CRC32C;

/** The CRC-32C of large content, which represents it in the fingerprint of a training. For one thread. */
public final class Checksum {

    private static final int CHUNK = 4096; // numbers
    private static final int CHECKED_FILES = 256;

    private final CRC32C checksum = new CRC32C();
    private final ByteBuffer bytes = ByteBuffer.allocate(CHUNK * Integer.BYTES);

    /** Of nothing yet. */
    public Checksum() {
    }

    /**
     * Adds numbers.
     *
     * @param values the numbers
     * @return this checksum
     */
    public Checksum floats(float... values) {
        for (int at = 0; at < values.length; at += CHUNK) {
            int count = Math.min(CHUNK, values.length - at);
            bytes.clear().asFloatBuffer().put(values, at, count);
            checksum.update(bytes.limit(count * Float.BYTES));
        }
        return this;
    }

    /**
     * Adds numbers.
     *
     * @param values the numbers
     * @return this checksum
     */
    public Checksum ints(int... values) {
        for (int at = 0; at < values.length; at += CHUNK) {
            int count = Math.min(CHUNK, values.length - at);
            bytes.clear().asIntBuffer().put(values, at, count);
            checksum.update(bytes.limit(count * Integer.BYTES));
        }
        return this;
    }

    /**
     * Adds a text.
     *
     * @param text the text
     * @return this checksum
     */
    public Checksum text(String text) {
        checksum.update(text.getBytes(StandardCharsets.UTF_8));
        checksum.update(0);
        return this;
    }

    /**
     * Adds bytes.
     *
     * @param values the bytes that remain in the buffer, which are then read
     * @return this checksum
     */
    public Checksum bytes(ByteBuffer values) {
        checksum.update(values);
        return this;
    }

    /**
     * Whether the bytes of a file are part of the checksum of many: of all of up to 256, else of the first of each of
     * 256 equal parts.
     *
     * @param index number of the file
     * @param files how many there are
     * @return true if its bytes count
     */
    public static boolean isChecked(int index, int files) {
        long count = Math.min(CHECKED_FILES, files);
        return index * count / files != (index - 1) * count / files || index == 0;
    }

    /** The checksum as eight hexadecimal digits. */
    @Override
    public String toString() {
        return HexFormat.of().toHexDigits(checksum.getValue(), 8);
    }
}
