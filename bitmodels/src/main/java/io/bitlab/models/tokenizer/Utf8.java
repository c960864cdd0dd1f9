package io.bitlab.models.tokenizer;

import java.nio.charset.StandardCharsets;

/** UTF-8 in which malformed input becomes U+FFFD, the replacement character, in both directions. */
final class Utf8 {

    private static final char REPLACEMENT = '\ufffd';

    private Utf8() {}

    /**
     * The text with each unpaired surrogate replaced by U+FFFD. {@code getBytes} would encode it as a question mark.
     */
    static String wellFormed(String text) {
        StringBuilder repaired = null;
        for (int i = 0; i < text.length(); i++) {
            if (Character.isSurrogate(text.charAt(i))) {
                if (Character.charCount(text.codePointAt(i)) == 2) {
                    i++;
                } else {
                    repaired = repaired == null ? new StringBuilder(text) : repaired;
                    repaired.setCharAt(i, REPLACEMENT);
                }
            }
        }
        return repaired == null ? text : repaired.toString();
    }

    /** The UTF-8 of a text, which may have unpaired surrogates. */
    static byte[] encode(String text) {
        return wellFormed(text).getBytes(StandardCharsets.UTF_8);
    }

    static String decode(byte[] bytes) {
        return new String(bytes, StandardCharsets.UTF_8);
    }
}
