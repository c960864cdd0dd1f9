package io.bitlab.cli.serve;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;

/**
 * The key that clients must show. Only its digest is kept, so nothing can print the key, and comparing digests takes
 * the same time wherever a guess differs, however long it is.
 */
public final class ApiKey {

    private static final int SHORTEST = 8;

    private final byte[] digest;

    private ApiKey(byte[] digest) {
        this.digest = digest;
    }

    /**
     * Takes a key.
     *
     * @param key at least 8 visible ASCII characters
     * @return the key
     * @throws IllegalArgumentException if it is shorter or has other characters; the message does not show it
     */
    public static ApiKey of(String key) {
        if (key.length() < SHORTEST || !key.chars().allMatch(c -> c > ' ' && c < 127)) {
            throw new IllegalArgumentException("ApiKey: a key of " + key.length() + " characters, expected at least "
                    + SHORTEST + ", visible ASCII characters without spaces");
        }
        return new ApiKey(sha256(key));
    }

    /**
     * Whether a client's key is this one.
     *
     * @param key what the client showed
     * @return true if it is the same
     */
    public boolean equalsKey(String key) {
        return MessageDigest.isEqual(digest, sha256(key));
    }

    private static byte[] sha256(String text) {
        try {
            return MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e); // every Java platform has it
        }
    }

    @Override
    public String toString() {
        return "ApiKey";
    }
}
