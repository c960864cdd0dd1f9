package io.bitlab.models.grammar;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.SplittableRandom;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class GrammarTest {

    @ParameterizedTest
    @ValueSource(strings = {"", "a", "a|", "|a", "a*", "(ab)+", "(a|b)*abb", "[a-c]{2,3}", "[^a]", "a{0}", "a{2}b{0,1}",
        "a{2,}", ".", ".*b", "\\d+", "\\D", "\\w\\W", "\\s\\S", "[\\d-]+", "[a-]", "[-a]", "\\.\\*\\\\", "^ab$",
        "(?:a|b)c",
        "((a|b)(c|d))*", "(a*)*", "(a*b?)+", "a+?b??", "\u00e4+", "[\u00e0-\u00ff]", "[^\u00e0-\u00ff]a",
        "\ud83d\ude00|b",
        "[\ud83d\ude00-\ud83d\ude4f]{2}", "\\x41\\u00e4\\n\\t", "[\\x00-\\x7f]*", "[^\\x00-\\x7f]", "(a|ab)(c|bcd)",
        "[.*+?]", "[\\]\\\\^]", "[^^]"})
    void aRegexMeansWhatItMeansInJava(String pattern) {
        Pattern java = Pattern.compile(pattern);
        Grammar grammar = Grammar.regex(pattern);
        String alphabet =
                "aaabbbccd0-_.*+?\\^]AZ9 \t\n\r\u0085\u2028\u00e4\u00ff\u0100\u07ff\u0800\uffff\ud83d\ude00\ud83d"
                        + "\ude4f\u0000\u007f\u0080";
        int[] characters = alphabet.codePoints().filter(c -> !(c >= 0xd800 && c <= 0xdfff)).toArray();
        SplittableRandom random = new SplittableRandom(pattern.hashCode());
        for (int i = 0; i < 3000; i++) {
            StringBuilder text = new StringBuilder();
            int length = random.nextInt(6);
            int few = 1 + random.nextInt(characters.length);
            for (int c = 0; c < length; c++) {
                text.appendCodePoint(characters[random.nextInt(few)]);
            }
            assertEquals(java.matcher(text).matches(), grammar.matches(text.toString()),
                    () -> pattern + " and " + text);
        }
    }

    /** Of all characters, not only some. */
    @ParameterizedTest
    @ValueSource(strings = {".", "[^x]", "[\u0100-\u3000]", "[\ud7f0-\ue010]", "[\ufff0-\ud800\udc10]", "\\W", "\\S",
        "[\u007f-\u0080\u07ff-\u0800\uffff-\ud800\udc00]"})
    void aClassHasTheSameCharactersAsInJava(String pattern) {
        Pattern java = Pattern.compile(pattern);
        Dfa dfa = Dfa.of(ExpressionParser.parse(pattern));
        for (int c = 0; c <= Character.MAX_CODE_POINT; c++) {
            if (c < Character.MIN_SURROGATE || c > Character.MAX_SURROGATE) {
                String text = Character.toString(c);
                long end = dfa.next(dfa.start(), text.getBytes(StandardCharsets.UTF_8));
                assertEquals(java.matcher(text).matches(), end != ByteAutomaton.DEAD && dfa.accepts(end), "U+" + c);
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"(", ")", "a)", "(a", "[", "[]", "[a", "[b-a]", "[\\d-z]", "*", "a**", "a++", "a{2}+", "a{",
        "a{x}",
        "a{2,1}", "a{9999}", "a{,2}", "(?=a)", "(?i)a", "(?<n>a)", "\\b", "\\1", "\\p{L}", "\\", "\\x4", "a^b", "a$b",
        "(a$)",
        "[[a]]", "[a&&b]", "[A-[b]]", "[!-&]",
        "\\ud83d", "[^\\x00-\\uffff\ud800\udc00-\udbff\udfff]", "[\\ud800-\\udfff]"})
    void whatIsNotSupportedIsRefused(String pattern) {
        String message = assertThrows(IllegalArgumentException.class, () -> Grammar.regex(pattern)).getMessage();
        assertTrue(message.startsWith("Grammar.regex: '"), message);
    }

    /** Written out, the repetitions would be 10^15 steps, which read nothing. */
    @Test
    @Timeout(20)
    void repeatedNothingIsNothing() {
        Grammar grammar = Grammar.regex("a((((((){1000}){1000}){2,1000}){1000}a{0}){1000})b");
        assertTrue(grammar.matches("ab"));
        assertFalse(grammar.matches("aab"));
    }

    @Test
    void whatIsTooLargeIsRefused() {
        String states = assertThrows(IllegalArgumentException.class, () -> Grammar.regex("(a|b)*a(a|b){20}"))
                .getMessage();
        assertTrue(states.contains("more than 10000 states"), states);
        String steps = assertThrows(IllegalArgumentException.class, () -> Grammar.regex("((.{100}){100}){100}"))
                .getMessage();
        assertTrue(steps.contains("more than 50000 steps"), steps);
        String work = assertThrows(IllegalArgumentException.class, () -> Grammar.regex("((a?){50}b?){50}"))
                .getMessage();
        assertTrue(work.contains("needs too much work"), work);
        String deep = "(".repeat(2000) + ")".repeat(2000);
        assertThrows(IllegalArgumentException.class, () -> Grammar.regex(deep));
        assertTrue(Grammar.regex(".{0,500}").matches("\u00e4".repeat(500)));
    }

    @Test
    void choices() {
        Grammar grammar = Grammar.choice(List.of("yes", "yes, sir", "(no)*", "\u00e4"));
        for (String text : List.of("yes", "yes, sir", "(no)*", "\u00e4")) {
            assertTrue(grammar.matches(text), text);
        }
        for (String text : List.of("", "ye", "yes,", "no", "nono", "a")) {
            assertFalse(grammar.matches(text), text);
        }
        assertThrows(IllegalArgumentException.class, () -> Grammar.choice(List.of()));
        assertThrows(IllegalArgumentException.class, () -> Grammar.choice(List.of("a", "")));
        assertThrows(IllegalArgumentException.class, () -> Grammar.choice(List.of("\ud83d")));
    }

    @ParameterizedTest
    @ValueSource(strings = {"{}", " {\n} ", "[]", "[1]", "[1, 2.5e-3 ,-0]", "{\"a\":{\"b\":[true,false,null]}}", "\"\"",
        "\"\\n\\u00e4\u00e4\\\\\\\"\"", "0", "-1", "1e9", "[[[]]]", "[{}]", "{\"a\" : 1 , \"b\" : [ ] }", "\"\\ud7ff\"",
        "\"\\ud83d\\uDE00\"", "{\"\\uDBFF\\udfff\":1}", "true"})
    void json(String text) {
        assertTrue(Grammar.json().matches(text.stripTrailing()), text);
        assertEquals(text.strip().startsWith("{"), Grammar.jsonObject().matches(text.stripTrailing()), text);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", " ", "{", "}", "[1,]", "{\"a\"}", "{a:1}", "{\"a\":1,}", "[1 2]", "01", "1.", ".5",
        "+1", "--1",
        "1e", "tru", "truefalse", "\"\n\"", "\"\\x\"", "\"\\u00g0\"", "\"\\ud800\"",
        "\"\\udc00\"", "\"\\ud83dx\"", "\"\\ud83d\\u0041\"", "\"\\ude00\\ud83d\"", "[1}", "{\"a\":1]", "{} ", "1 ",
        "[]]",
        "'a'", "{\"a\":}", "[,1]", "1234567890123456", "1e999"})
    void notJson(String text) {
        assertFalse(Grammar.json().matches(text), text);
    }

    @Test
    void jsonNestsAndSpacesUpToALimit() {
        assertTrue(Grammar.json().matches("[".repeat(32) + "]".repeat(32)));
        assertFalse(Grammar.json().matches("[".repeat(33) + "]".repeat(33)));
        assertTrue(Grammar.json().matches(" ".repeat(100) + "1"));
        assertFalse(Grammar.json().matches(" ".repeat(101) + "1"));
    }

    @Test
    void equalIfMadeFromTheSame() {
        assertEquals(Grammar.regex("a|b"), Grammar.regex("a|b"));
        assertEquals(Grammar.regex("a|b").hashCode(), Grammar.regex("a|b").hashCode());
        assertEquals(Grammar.json(), Grammar.json());
        assertNotEquals(Grammar.json(), Grammar.jsonObject());
        assertNotEquals(Grammar.choice(List.of("a")), Grammar.regex("a"));
        assertEquals("Grammar(REGEX, ['a|b'])", Grammar.regex("a|b").toString());
    }
}
