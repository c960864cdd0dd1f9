package io.bitlab.models.testing;

import io.bitlab.models.tokenizer.BpeTokenizer;
import io.bitlab.models.tokenizer.Pretokenizer;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;

/** Small vocabularies and random text for tests. */
public final class Vocabularies {

    private static final String[] POOLS = {"abcdefgh", " \n\t", "0123456789", "'sStT", "\u00e9\u00fc\u00df",
        "\u65e5\u672c\u8a9e", "\u0301\u0302", "!?.,;-_", "\u00a0\u2028\u3000"};

    private Vocabularies() {}

    /** A builder with all 256 bytes, then one token for each merge. */
    public static BpeTokenizer.Builder bytePairs(String... merges) {
        Map<String, Integer> ids = new LinkedHashMap<>();
        int substitute = 0x100; // GPT-2's byte alphabet
        for (int b = 0; b < 256; b++) {
            boolean printable = b >= '!' && b <= '~' || b >= 0xa1 && b <= 0xac || b >= 0xae;
            ids.put(Character.toString(printable ? b : substitute++), b);
        }
        BpeTokenizer.Builder builder = BpeTokenizer.builder();
        for (String merge : merges) {
            ids.putIfAbsent(merge.replace(" ", ""), ids.size());
            builder.merge(merge);
        }
        return builder.vocabulary(ids);
    }

    /** A tokenizer with the special tokens of Llama 3 and a user-defined one. */
    public static BpeTokenizer chat(Pretokenizer pretokenizer, boolean ignoreMerges) {
        return bytePairs("\u0120 t", "h e", "\u0120t he", "1 2", "12 3", "l l", "\u00c3 \u00a9", "e r")
                .special("<|begin_of_text|>", 264)
                .special("<|end_of_text|>", 265)
                .special("<|eot_id|>", 266)
                .special("<|start_header_id|>", 267)
                .special("<|end_header_id|>", 268)
                .userDefined("<tool>", 269)
                .bos(264)
                .eos(265)
                .pretokenizer(pretokenizer)
                .ignoreMerges(ignoreMerges)
                .build();
    }

    /** GGUF metadata of a SentencePiece vocabulary: unknown token, BOS, EOS, bytes, characters, two words. */
    public static Map<String, Object> sentencePieces() {
        List<String> tokens = new ArrayList<>(List.of("<unk>", "<s>", "</s>"));
        List<Integer> types = new ArrayList<>(List.of(2, 3, 3));
        for (int b = 0; b < 256; b++) {
            tokens.add("<0x%02X>".formatted(b));
            types.add(6);
        }
        List<Double> scores = new ArrayList<>();
        tokens.forEach(_ -> scores.add(0.0));
        List<String> learnt = List.of("he", "\u2581t", "\u2581the", "ll", "lo", "llo", "hello", "\u2581", "t", "h", "e",
                "l", "o");
        for (String token : learnt) {
            scores.add((double) (259 - tokens.size()));
            tokens.add(token);
            types.add(1);
        }
        Map<String, Object> metadata = new LinkedHashMap<>();
        metadata.put("tokenizer.ggml.model", "llama");
        metadata.put("tokenizer.ggml.tokens", tokens);
        metadata.put("tokenizer.ggml.scores", scores);
        metadata.put("tokenizer.ggml.token_type", types);
        metadata.put("tokenizer.ggml.bos_token_id", 1L);
        metadata.put("tokenizer.ggml.eos_token_id", 2);
        metadata.put("tokenizer.ggml.unknown_token_id", 0);
        return metadata;
    }

    /** Random well-formed text in many scripts, with emoji. */
    public static String randomText(Random random) {
        StringBuilder text = new StringBuilder();
        for (int n = random.nextInt(30); n > 0; n--) {
            switch (random.nextInt(8)) {
                case 0 -> text.appendCodePoint(0x1f300 + random.nextInt(0x300));
                case 1 -> text.appendCodePoint(random.nextInt(0xd800));
                default -> {
                    String pool = POOLS[random.nextInt(POOLS.length)];
                    text.append(pool.charAt(random.nextInt(pool.length())));
                }
            }
        }
        return text.toString();
    }

    /** Texts that once exposed bugs in tokenizers, and random ones. */
    public static List<String> corpus(long seed) {
        List<String> corpus =
                new ArrayList<>(List.of("", " ", "the other 12345", "  the  \n\n\r\n there", "don't DON'T",
                        "caf\u00e9 e\u0301",
                        "\ud83d\udc69\u200d\ud83d\udc69\u200d\ud83d\udc67 \ud83c\udff3\ufe0f\u200d\ud83c\udf08",
                        "hello the<tool>hello <|eot_id|> <s></s>", "a".repeat(3000), " ".repeat(3000)));
        Random random = new Random(seed);
        for (int i = 0; i < 500; i++) {
            corpus.add(randomText(random));
        }
        return corpus;
    }
}
