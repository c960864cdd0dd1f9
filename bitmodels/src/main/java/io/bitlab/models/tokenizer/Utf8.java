package io.bitlab.models.tokenizer;

import java.nio.charset.StandardCharsets;

/** UTF-8 with one rule for what has no encoding: it becomes U+FFFD, in both directions. */
final class Utf8 {

    private static final char REPLACEMENT = '\ufffd';

    private Utf8() {}

    /** The text with each half of a surrogate pair replaced. Java would encode it as a question mark. */
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

    /** The bytes of a text, which need not be well-formed. */
    static byte[] encode(String text) {
        return wellFormed(text).getBytes(StandardCharsets.UTF_8);
    }

    static String decode(byte[] bytes) {
        return new String(bytes, StandardCharsets.UTF_8);
    }
}
