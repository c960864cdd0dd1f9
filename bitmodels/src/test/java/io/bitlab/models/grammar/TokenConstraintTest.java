package io.bitlab.models.grammar;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.bitlab.models.io.Json;
import io.bitlab.models.io.ModelFormatException;
import io.bitlab.models.testing.Vocabularies;
import io.bitlab.models.tokenizer.ByteTokenizer;
import io.bitlab.models.tokenizer.CharacterTokenizer;
import io.bitlab.models.tokenizer.Tokenizer;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TokenConstraintTest {

    /** Tokens of one to six bytes, also parts of characters; ids are shuffled, some tokens occur twice. */
    private record Pieces(List<byte[]> tokens) implements Tokenizer {

        static Pieces random(SplittableRandom random, boolean allBytes) {
            List<byte[]> tokens = new ArrayList<>();
            if (allBytes) {
                IntStream.range(0, 256).forEach(value -> tokens.add(new byte[] {(byte) value}));
            }
            String characters = "aaaabbbcd0019-_\"{}[]:,. \n\\trueflsn\u00e4\u20ac\ud83d\ude00";
            for (int i = 0; i < 300; i++) {
                byte[] text = randomText(random, characters, 1 + random.nextInt(4)).getBytes(StandardCharsets.UTF_8);
                int from = allBytes ? random.nextInt(text.length) : 0;
                tokens.add(Arrays.copyOfRange(text, from,
                        allBytes ? from + 1 + random.nextInt(text.length - from) : text.length));
            }
            tokens.add(new byte[0]); // a special token
            Collections.shuffle(tokens, new Random(random.nextLong()));
            return new Pieces(tokens);
        }

        /** The special token and some tokens of several bytes. */
        Set<Integer> stops() {
            return IntStream.range(0, tokens.size()).filter(id -> tokens.get(id).length != 1).limit(3).boxed()
                    .collect(Collectors.toSet());
        }

        @Override
        public int[] encode(String text) {
            throw new UnsupportedOperationException();
        }

        @Override
        public byte[] bytes(int id) {
            return tokens.get(id).clone();
        }

        @Override
        public int vocabularySize() {
            return tokens.size();
        }

        @Override
        public Map<String, Object> toMap() {
            throw new UnsupportedOperationException();
        }
    }

    private static String randomText(SplittableRandom random, String characters, int length) {
        int[] all = characters.codePoints().toArray();
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < length; i++) {
            text.appendCodePoint(all[random.nextInt(all.length)]);
        }
        return text.toString();
    }

    /** An expression of all kinds of parts. */
    private static String randomRegex(SplittableRandom random, int depth) {
        return switch (random.nextInt(depth > 3 ? 6 : 11)) {
            case 0, 1 -> "a";
            case 2 -> List.of("b", "\u00e4", "\ud83d\ude00", "\\.", "\\n").get(random.nextInt(5));
            case 3 -> List.of("[a-d]", "[^a]", "[\u00e0-\u20ff]", "[^\\x00-\\x7f]").get(random.nextInt(4));
            case 4 -> List.of("\\d", "\\w", "\\s", ".").get(random.nextInt(4));
            case 5 -> List.of("", "ab", "true").get(random.nextInt(3));
            case 6 -> "(" + randomRegex(random, depth + 1) + "|" + randomRegex(random, depth + 1) + ")";
            case 7 -> "(" + randomRegex(random, depth + 1) + ")" + List.of("*", "+", "?", "{2}", "{1,3}", "{2,}", "*?")
                    .get(random.nextInt(7));
            default -> randomRegex(random, depth + 1) + randomRegex(random, depth + 1);
        };
    }

    /** Draws tokens until the text ends; never stuck. Returns the bytes, or null if it did not end. */
    private static byte[] generate(TokenConstraint constraint, Tokenizer tokenizer, Set<Integer> stops,
            SplittableRandom random, int most) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        for (int i = 0; i < most; i++) {
            if (constraint.isFinished()) {
                return bytes.toByteArray();
            }
            float[] logits = new float[tokenizer.vocabularySize()];
            constraint.mask(logits);
            int[] allowed = IntStream.range(0, logits.length).filter(id -> logits[id] == 0f).toArray();
            assertTrue(allowed.length > 0, "no token may follow");
            int token = allowed[random.nextInt(allowed.length)];
            constraint.accept(token);
            if (stops.contains(token)) {
                assertTrue(constraint.isComplete());
                return bytes.toByteArray();
            }
            bytes.writeBytes(tokenizer.bytes(token));
        }
        return null;
    }

    private static String strictText(byte[] bytes) throws CharacterCodingException {
        return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void completeTextsMatchTheRegex(boolean allBytes) throws CharacterCodingException {
        int complete = 0;
        for (int seed = 0; seed < 120; seed++) {
            SplittableRandom random = new SplittableRandom(seed);
            Pieces tokenizer = Pieces.random(random, allBytes);
            String pattern = randomRegex(random, 0);
            Pattern java = Pattern.compile(pattern);
            Set<Integer> stops = tokenizer.stops();
            TokenGrammars grammars = new TokenGrammars(tokenizer, stops);
            TokenConstraint constraint;
            try {
                constraint = grammars.constraint(Grammar.regex(pattern));
            } catch (IllegalArgumentException e) {
                assertTrue(e.getMessage().contains("lacks characters") && !allBytes, "seed " + seed + e);
                continue;
            }
            for (int i = 0; i < 5; i++) {
                byte[] bytes = generate(constraint, tokenizer, stops, random, 40);
                if (bytes != null) {
                    String text = strictText(bytes);
                    assertTrue(java.matcher(text).matches(), "seed " + seed + ": " + pattern + " and " + text);
                    complete++;
                }
                constraint = grammars.constraint(Grammar.regex(pattern));
            }
        }
        assertTrue(complete > 150, complete + " texts were completed");
    }

    /** What follows must be exactly the tokens from which byte after byte leads on. */
    @Test
    void allowedTokensAreThoseThatTheAutomatonReads() {
        for (int seed = 0; seed < 40; seed++) {
            SplittableRandom random = new SplittableRandom(seed);
            Pieces tokenizer = Pieces.random(random, true);
            int stop = tokenizer.stops().iterator().next();
            TokenTable table = new TokenTable(tokenizer, Set.of(stop));
            ByteAutomaton automaton = seed % 2 == 0 ? Grammar.json().automaton(table.spelling())
                    : Dfa.of(ExpressionParser.parse(randomRegex(random, 0)));
            long state = automaton.start();
            for (int i = 0; i < 20; i++) {
                BitSet expected = new BitSet();
                for (int id = 0; id < tokenizer.vocabularySize(); id++) {
                    byte[] bytes = tokenizer.bytes(id);
                    expected.set(id, id != stop && bytes.length > 0
                            && automaton.next(state, bytes) != ByteAutomaton.DEAD);
                }
                assertEquals(expected, table.allowed(automaton, state), "seed " + seed);
                if (expected.isEmpty()) {
                    break;
                }
                int[] ids = expected.stream().toArray();
                state = automaton.next(state, tokenizer.bytes(ids[random.nextInt(ids.length)]));
            }
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void completeTextsAreJson(boolean object) throws Exception {
        int complete = 0;
        for (int seed = 0; seed < 100; seed++) {
            SplittableRandom random = new SplittableRandom(seed);
            Tokenizer tokenizer = seed % 3 == 0 ? new ByteTokenizer() : Pieces.random(random, true);
            Set<Integer> stops = tokenizer instanceof Pieces pieces ? pieces.stops() : Set.of(0);
            TokenConstraint constraint = new TokenGrammars(tokenizer, stops)
                    .constraint(object ? Grammar.jsonObject() : Grammar.json());
            byte[] bytes = generate(constraint, tokenizer, stops, random, 400);
            if (bytes == null) {
                continue;
            }
            String text = strictText(bytes);
            assertEquals(text, text.stripTrailing());
            complete++;
            try {
                Json.parse(object ? text : "{\"value\": " + text + "}", "seed " + seed);
            } catch (ModelFormatException e) { // the only thing that JSON permits and this parser doesn't
                assertTrue(e.getMessage().toLowerCase(Locale.ROOT).contains("duplicate"), e.getMessage());
            }
        }
        assertTrue(complete > 20, complete + " texts were completed");
    }

    @Test
    void stopTokensOnlyAfterACompleteText() {
        Tokenizer tokenizer = new ByteTokenizer();
        TokenConstraint constraint = new TokenGrammars(tokenizer, Set.of((int) 'b', (int) '\n'))
                .constraint(Grammar.regex("a+(cb)?"));
        assertFalse(allowed(constraint, tokenizer).get('\n'));
        assertThrows(IllegalArgumentException.class, () -> constraint.accept('\n'));
        assertThrows(IllegalArgumentException.class, () -> constraint.accept('x'));
        constraint.accept('a');
        assertEquals(bits("ab\n"), allowed(constraint, tokenizer)); // not c: after it, only b could follow
        assertTrue(constraint.isComplete());
        assertFalse(constraint.isFinished());
        constraint.accept('b');
        assertTrue(constraint.isComplete());
    }

    private static BitSet bits(String characters) {
        BitSet bits = new BitSet();
        characters.chars().forEach(bits::set);
        return bits;
    }

    private static BitSet allowed(TokenConstraint constraint, Tokenizer tokenizer) {
        float[] logits = new float[tokenizer.vocabularySize()];
        constraint.mask(logits);
        BitSet allowed = new BitSet();
        IntStream.range(0, logits.length).filter(id -> logits[id] == 0f).forEach(allowed::set);
        return allowed;
    }

    @Test
    void whatAVocabularyCannotSpellIsLeftOut() {
        Tokenizer letters = CharacterTokenizer.of("abc");
        TokenGrammars grammars = new TokenGrammars(letters, Set.of());
        TokenConstraint constraint = grammars.constraint(Grammar.choice(List.of("ax", "bxx", "cab")));
        assertEquals("c", letters.decode(allowed(constraint, letters).stream().toArray()));
        String message = assertThrows(IllegalArgumentException.class,
                () -> grammars.constraint(Grammar.regex("a[x-z]"))).getMessage();
        assertTrue(message.contains("lacks characters that every text of the grammar has"), message);
        String json = assertThrows(IllegalArgumentException.class, () -> grammars.constraint(Grammar.json()))
                .getMessage();
        assertTrue(json.contains("has no token for '{'"), json);
    }

    @Test
    void aStopTokenThatIsALetterTakesNoOtherCharacterAway() {
        Tokenizer tokenizer = new ByteTokenizer();
        TokenConstraint constraint =
                new TokenGrammars(tokenizer, Set.of((int) 'a')).constraint(Grammar.regex("a?\u20ac|ab"));
        for (byte each : "\u20ac".getBytes(StandardCharsets.UTF_8)) {
            assertEquals(each & 0xff, allowed(constraint, tokenizer).nextSetBit(0));
            constraint.accept(each & 0xff);
        }
        assertTrue(constraint.isFinished());
    }

    /** Byte-pair encoding splits a character of four bytes. */
    @Test
    void tokensMaySplitCharacters() throws CharacterCodingException {
        Tokenizer tokenizer = Vocabularies.bytePairs().special("<|end|>", 256).build();
        TokenConstraint constraint = new TokenGrammars(tokenizer, Set.of(256))
                .constraint(Grammar.regex("[\ud83d\ude00-\ud83d\ude42]"));
        int[] ids = tokenizer.encode("\ud83d\ude42");
        assertTrue(ids.length > 1);
        for (int id : ids) {
            assertFalse(constraint.isComplete());
            constraint.accept(id);
        }
        assertTrue(constraint.isFinished());
    }

    @Test
    void manyGrammarsAndThreads() throws Exception {
        Tokenizer tokenizer = new ByteTokenizer();
        TokenGrammars grammars = new TokenGrammars(tokenizer, Set.of());
        try (ExecutorService threads = Executors.newFixedThreadPool(4)) {
            List<Future<Boolean>> done = new ArrayList<>();
            for (int i = 0; i < 100; i++) {
                String text = "abc" + i % 40;
                done.add(threads.submit(() -> {
                    TokenConstraint constraint = grammars.constraint(Grammar.choice(List.of(text)));
                    byte[] bytes = generate(constraint, tokenizer, Set.of(), new SplittableRandom(1), 10);
                    return text.equals(strictText(bytes));
                }));
            }
            for (Future<Boolean> each : done) {
                assertTrue(each.get());
            }
        }
    }
}
