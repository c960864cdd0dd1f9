package io.bitlab.models.tokenizer;

import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import io.bitlab.models.io.Json;
import io.bitlab.models.io.ModelFormatException;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Damages small tokenizer files at random: each is refused with the one exception, or is a whole tokenizer. */
class TokenizerFuzzTest {

    private static final int MUTATIONS = 6000;
    private static final String[] SNIPPETS = {"null", "[]", "{}", "-1", "2147483647", "1e9", "\"\"", "true", "\"a b\"",
        "\"(\"", "[[", "}}", "\"<0x41>\"", "99999999999", "\"ByteLevel\"", "\"\\ud800\"", ","};

    @Test
    void damagedFilesAreRefusedWithOneException() throws ModelFormatException {
        fuzz(0, MUTATIONS);
    }

    @Test
    @Tag("long")
    void manyDamagedFilesAreRefusedWithOneException() throws ModelFormatException {
        fuzz(System.nanoTime(), 100_000);
    }

    private static void fuzz(long first, int mutations) throws ModelFormatException {
        List<Tokenizer> tokenizers = List.of(
                BpeTokenizer.builder().vocabulary(Map.of("a", 0, "b", 1, "ab", 2)).merge("a b").special("<s>", 3)
                        .userDefined("<t>", 4).bos(3).pretokenizer(Pretokenizer.LLAMA3).ignoreMerges(true).build(),
                CharacterTokenizer.of("abc"),
                Tokenizers.of(Json.parse("""
                        {"normalizer": {"type": "Sequence", "normalizers": [
                           {"type": "Prepend", "prepend": "\u2581"},
                           {"type": "Replace", "pattern": {"String": " "}, "content": "\u2581"}]},
                         "model": {"type": "BPE", "byte_fallback": true, "unk_token": "<unk>", "fuse_unk": true,
                           "vocab": {"<unk>": 0, "<0x41>": 1, "\u2581": 2, "a": 3, "\u2581a": 4},
                           "merges": ["\u2581 a"]}}""", "test"), "test"));
        int refused = 0;
        for (long seed = first; seed < first + mutations; seed++) {
            Random random = new Random(seed);
            String text = Json.compact(tokenizers.get(Math.floorMod(seed, tokenizers.size())).toMap());
            for (int n = 1 + random.nextInt(2); n > 0; n--) {
                text = mutate(text, random);
            }
            try {
                Tokenizer tokenizer = Tokenizers.of(Json.parse(text, "fuzz"), "fuzz");
                for (int id = 0; id < tokenizer.vocabularySize(); id++) {
                    tokenizer.bytes(id);
                }
            } catch (ModelFormatException e) {
                refused++;
                if (!e.getMessage().startsWith("fuzz: ")) {
                    fail("seed " + seed + ": " + e.getMessage());
                }
            } catch (RuntimeException | Error e) {
                fail("seed " + seed + ": " + e + " for " + text, e);
            }
        }
        assertTrue(refused > mutations / 4 && refused < mutations, refused + " of " + mutations + " were refused");
    }

    private static String mutate(String text, Random random) {
        int at = random.nextInt(text.length());
        int end = Math.min(text.length(), at + 1 + random.nextInt(random.nextInt(4) == 0 ? 30 : 3));
        return switch (random.nextInt(5)) {
            case 0 -> text.substring(0, at) + text.substring(end);
            case 1 -> text.substring(0, at) + text.substring(at, end) + text.substring(at);
            case 2 -> text.substring(0, at) + (char) (' ' + random.nextInt(95)) + text.substring(at + 1);
            case 3 -> text.substring(0, at) + SNIPPETS[random.nextInt(SNIPPETS.length)] + text.substring(at);
            default -> replaceValue(text, random);
        };
    }

    /** Keeps the JSON whole, so that what reads its members gets to see the damage. */
    private static String replaceValue(String text, Random random) {
        int colon = text.indexOf(':', random.nextInt(text.length()));
        if (colon < 0) {
            return text;
        }
        int end = colon + 1;
        while (end < text.length() && ",}]".indexOf(text.charAt(end)) < 0) {
            end++;
        }
        return text.substring(0, colon + 1) + SNIPPETS[random.nextInt(SNIPPETS.length)] + text.substring(end);
    }
}
