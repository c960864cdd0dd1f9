package io.bitlab.models.train;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.zip.CRC32C;

/** The CRC-32C of large content, which represents it in a {@link TrainingFingerprint}. */
final class Checksum {

    private static final int CHUNK = 4096; // numbers

    private final CRC32C checksum = new CRC32C();
    private final ByteBuffer bytes = ByteBuffer.allocate(CHUNK * Integer.BYTES);

    Checksum floats(float... values) {
        for (int at = 0; at < values.length; at += CHUNK) {
            int count = Math.min(CHUNK, values.length - at);
            bytes.clear().asFloatBuffer().put(values, at, count);
            checksum.update(bytes.limit(count * Float.BYTES));
        }
        return this;
    }

    Checksum ints(int... values) {
        for (int at = 0; at < values.length; at += CHUNK) {
            int count = Math.min(CHUNK, values.length - at);
            bytes.clear().asIntBuffer().put(values, at, count);
            checksum.update(bytes.limit(count * Integer.BYTES));
        }
        return this;
    }

    Checksum text(String text) {
        checksum.update(text.getBytes(StandardCharsets.UTF_8));
        checksum.update(0);
        return this;
    }

    /** The checksum as eight hexadecimal digits. */
    @Override
    public String toString() {
        return HexFormat.of().toHexDigits(checksum.getValue(), 8);
    }
}
