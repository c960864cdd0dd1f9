package io.bitlab.models.tokenizer;

import java.util.Map;

/**
 * A tokenizer with one token for each byte of UTF-8: 256 tokens, no vocabulary to learn or store, and every text can be
 * encoded.
 *
 * {@snippet class="io.bitlab.models.snippets.TokenizerSnippets" region="bytes"}
 */
public record ByteTokenizer() implements Tokenizer {

    static final String MODEL = "Bytes";

    private static final int SIZE = 256;

    @Override
    public int[] encode(String text) {
        byte[] bytes = Utf8.encode(text);
        int[] ids = new int[bytes.length];
        for (int i = 0; i < ids.length; i++) {
            ids[i] = bytes[i] & 0xff;
        }
        return ids;
    }

    @Override
    public byte[] bytes(int id) {
        Vocabulary.requireId("ByteTokenizer", id, SIZE);
        return new byte[] {(byte) id};
    }

    @Override
    public int vocabularySize() {
        return SIZE;
    }

    @Override
    public Map<String, Object> toMap() {
        return Map.of("model", Map.of("type", MODEL));
    }
}
