package io.bitlab.models.tokenizer;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTimeout;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.bitlab.models.io.ModelFormatException;
import io.bitlab.models.testing.Vocabularies;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.api.io.TempDir;

class BpeTokenizerTest {

    private static final BpeTokenizer CHAT = Vocabularies.chat(Pretokenizer.LLAMA3, true);

    @Test
    void mergesInTheOrderOfTheRanks() {
        // bc = 256, ab = 257, abc = 258, cd = 259
        BpeTokenizer tokenizer = Vocabularies.bytePairs("b c", "a b", "a bc", "c d").build();
        assertArrayEquals(new int[] {258}, tokenizer.encode("abc")); // bc first, then a bc
        assertArrayEquals(new int[] {258, 'd'}, tokenizer.encode("abcd")); // c is gone before c d has its turn
        assertArrayEquals(new int[] {257, 257}, tokenizer.encode("abab"));
        assertArrayEquals(new int[] {259}, tokenizer.encode("cd"));
        assertArrayEquals(new int[] {'x'}, tokenizer.encode("x"));
        assertArrayEquals(new int[0], tokenizer.encode(""));
    }

    @Test
    void mergesTheLeftmostOfEquals() {
        BpeTokenizer tokenizer = Vocabularies.bytePairs("a a", "aa aa").build();
        assertArrayEquals(new int[] {256, 'a'}, tokenizer.encode("aaa"));
        assertArrayEquals(new int[] {257}, tokenizer.encode("aaaa"));
        assertArrayEquals(new int[] {257, 256, 'a'}, tokenizer.encode("aaaaaaa"));
    }

    /** The queue gives what the definition gives: look for the best pair, merge it, start again. */
    @Test
    void mergesAsTheDefinitionSays() {
        for (long seed = 0; seed < 300; seed++) {
            Random random = new Random(seed);
            List<String> known = new ArrayList<>(List.of("a", "b", "c"));
            Map<String, Integer> ranks = new HashMap<>();
            for (int i = 0; i < 12; i++) {
                String left = known.get(random.nextInt(known.size()));
                String right = known.get(random.nextInt(known.size()));
                if (!ranks.containsKey(left + " " + right) && left.length() + right.length() < 9) {
                    ranks.put(left + " " + right, ranks.size());
                    known.add(left + right);
                }
            }
            String[] merges = new String[ranks.size()];
            ranks.forEach((merge, rank) -> merges[rank] = merge);
            BpeTokenizer tokenizer = Vocabularies.bytePairs(merges).build();
            String text = random.ints(40, 'a', 'd').collect(StringBuilder::new, StringBuilder::appendCodePoint,
                    StringBuilder::append).toString();
            List<String> expected = new ArrayList<>(List.of(text.split("")));
            for (int at = best(expected, ranks); at >= 0; at = best(expected, ranks)) {
                expected.set(at, expected.get(at) + expected.remove(at + 1));
            }
            List<String> tokens = new ArrayList<>();
            for (int id : tokenizer.encode(text)) {
                tokens.add(Utf8.decode(tokenizer.bytes(id)));
            }
            assertEquals(expected, tokens, "seed " + seed);
        }
    }

    private static int best(List<String> tokens, Map<String, Integer> ranks) {
        int best = -1;
        int bestRank = Integer.MAX_VALUE;
        for (int i = 0; i + 1 < tokens.size(); i++) {
            int rank = ranks.getOrDefault(tokens.get(i) + " " + tokens.get(i + 1), Integer.MAX_VALUE);
            if (rank < bestRank) {
                best = i;
                bestRank = rank;
            }
        }
        return best;
    }

    @Test
    void takesWholePiecesIfTold() {
        // "abc" is a token, but the merges never get there: b c leaves no a b
        Map<String, Integer> abc = Map.of("abc", 258);
        BpeTokenizer merged = Vocabularies.bytePairs("b c", "a b").vocabulary(abc).build();
        BpeTokenizer whole = Vocabularies.bytePairs("b c", "a b").vocabulary(abc).ignoreMerges(true).build();
        assertArrayEquals(new int[] {'a', 256}, merged.encode("abc"));
        assertArrayEquals(new int[] {258}, whole.encode("abc"));
        assertArrayEquals(new int[] {'a', 256, 'd'}, whole.encode("abcd"));
    }

    @Test
    void seesSpecialTokensOnlyWhereTheyAreTrusted() {
        assertArrayEquals(new int[] {'a', 266, 'b'}, CHAT.encodeWithSpecial("a<|eot_id|>b"));
        int[] plain = CHAT.encode("a<|eot_id|>b");
        assertEquals("a<|eot_id|>b", CHAT.decode(plain));
        for (int id : plain) {
            assertTrue(id < 264, "special token " + id);
        }
        assertArrayEquals(new int[] {269, 269}, CHAT.encode("<tool><tool>"));
        assertEquals("<tool>", CHAT.decode(269, 266, 264));
        assertEquals(0, CHAT.bytes(266).length);
    }

    @Test
    void knowsItsEnds() {
        assertEquals(OptionalInt.of(264), CHAT.bos());
        assertEquals(OptionalInt.of(265), CHAT.eos());
        assertEquals(Set.of(265, 266), CHAT.endTokens());
        assertEquals(OptionalInt.of(266), CHAT.specialToken("<|eot_id|>"));
        assertEquals(OptionalInt.empty(), CHAT.specialToken("<tool>"));
        assertEquals(270, CHAT.vocabularySize());
    }

    @Test
    void prefersTheLongestAddedToken() {
        BpeTokenizer tokenizer = Vocabularies.bytePairs().special("<a>", 256).special("<a>>", 257).build();
        assertArrayEquals(new int[] {257, 256, 'x', '<', 'a'}, tokenizer.encodeWithSpecial("<a>><a>x<a"));
    }

    @Test
    void decodesWhatItEncodes() {
        for (String text : Vocabularies.corpus(11)) {
            for (BpeTokenizer tokenizer : List.of(CHAT, Vocabularies.chat(Pretokenizer.GPT2, false))) {
                assertEquals(text, tokenizer.decode(tokenizer.encode(text)), "seed 11");
            }
        }
    }

    @Test
    void replacesHalvesOfSurrogatePairs() {
        assertEquals("a\ufffdb", CHAT.decode(CHAT.encode("a\ud800b")));
        assertEquals("\ufffd", CHAT.decode(CHAT.encode("\udc00")));
        assertEquals("\ufffd\ud83d\ude00\ufffd", CHAT.decode(CHAT.encode("\ude00\ud83d\ude00\ud83d")));
    }

    @Test
    void longPiecesTakeNoQuadraticTime() {
        BpeTokenizer tokenizer = Vocabularies.bytePairs("a a", "aa aa", "aaaa aaaa").build();
        int[] ids = assertTimeout(Duration.ofSeconds(20), () -> tokenizer.encode("a".repeat(1_000_000)));
        assertEquals(125_000, ids.length);
    }

    @Test
    void namesWhatTheVocabularyLacks() {
        BpeTokenizer tokenizer = BpeTokenizer.builder().vocabulary(Map.of("a", 0)).build();
        assertMessage("no token for byte 0x62 of the text 'ab'",
                assertThrows(IllegalArgumentException.class, () -> tokenizer.encode("ab")));
        assertMessage("token 1 is not in the vocabulary of 1 tokens",
                assertThrows(IllegalArgumentException.class, () -> tokenizer.decode(0, 1)));
        assertMessage("token -1", assertThrows(IllegalArgumentException.class, () -> tokenizer.bytes(-1)));
    }

    @Test
    void refusesWrongParts() {
        assertRefused("has the ids 0 and 1", () -> BpeTokenizer.builder().special("a", 0).special("a", 1));
        assertRefused("expected two tokens", () -> BpeTokenizer.builder().merge("ab"));
        assertRefused("expected two tokens", () -> BpeTokenizer.builder().merge("a b c"));
        assertRefused("the vocabulary has no token 'ab'",
                () -> BpeTokenizer.builder().vocabulary(Map.of("a", 0, "b", 1)).merge("a b").build());
        assertRefused("it is a duplicate", () -> Vocabularies.bytePairs("a b").merge("a b").build());
        assertRefused("has id 7, expected the ids 0 to 0", () -> BpeTokenizer.builder().special("a", 7).build());
        assertRefused("both have id 0", () -> BpeTokenizer.builder().special("a", 0).special("b", 0).build());
        assertRefused("eos token is 3, expected an id below 1",
                () -> BpeTokenizer.builder().special("a", 0).eos(3).build());
        assertRefused("an added token is empty", () -> BpeTokenizer.builder().special("", 0).build());
    }

    @Test
    void readsTheFilesOfGpt2(@TempDir Path folder) throws Exception {
        Path encoder = folder.resolve("encoder.json");
        Path merges = folder.resolve("vocab.bpe");
        Files.writeString(encoder, "{\"a\": 0, \"b\": 1, \"ab\": 2, \"\u0120\": 3, \"<|endoftext|>\": 4}");
        Files.writeString(merges, "#version: 0.2\na b\n");
        BpeTokenizer tokenizer = BpeTokenizer.readGpt2(encoder, merges);
        assertArrayEquals(new int[] {2, 0, 3, 2}, tokenizer.encode("aba ab"));
        assertArrayEquals(new int[] {4}, tokenizer.encodeWithSpecial("<|endoftext|>"));
        assertEquals(OptionalInt.of(4), tokenizer.eos());
        Files.writeString(merges, "#version: 0.2\na c\n");
        assertMessage("no token 'ac'",
                assertThrows(ModelFormatException.class, () -> BpeTokenizer.readGpt2(encoder, merges)));
        Files.write(merges, new byte[] {(byte) 0xff});
        assertMessage("not UTF-8",
                assertThrows(ModelFormatException.class, () -> BpeTokenizer.readGpt2(encoder, merges)));
    }

    private static void assertRefused(String message, Executable executable) {
        assertMessage(message, assertThrows(IllegalArgumentException.class, executable));
    }

    private static void assertMessage(String part, Exception e) {
        assertTrue(e.getMessage().contains(part), () -> "expected '" + part + "' in: " + e.getMessage());
    }
}
