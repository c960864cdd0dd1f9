package io.bitlab.models.train;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.zip.CRC32C;

/** A short name for large content: its CRC-32C, computed at the speed of memory. */
final class Digest {

    private static final int CHUNK = 4096; // numbers

    private final CRC32C checksum = new CRC32C();
    private final ByteBuffer bytes = ByteBuffer.allocate(CHUNK * Integer.BYTES);

    Digest floats(float... values) {
        for (int at = 0; at < values.length; at += CHUNK) {
            int count = Math.min(CHUNK, values.length - at);
            bytes.clear().asFloatBuffer().put(values, at, count);
            checksum.update(bytes.limit(count * Float.BYTES));
        }
        return this;
    }

    Digest ints(int... values) {
        for (int at = 0; at < values.length; at += CHUNK) {
            int count = Math.min(CHUNK, values.length - at);
            bytes.clear().asIntBuffer().put(values, at, count);
            checksum.update(bytes.limit(count * Integer.BYTES));
        }
        return this;
    }

    Digest text(String text) {
        checksum.update(text.getBytes(StandardCharsets.UTF_8));
        checksum.update(0);
        return this;
    }

    /** Eight hexadecimal digits. */
    @Override
    public String toString() {
        return HexFormat.of().toHexDigits(checksum.getValue(), 8);
    }
}
