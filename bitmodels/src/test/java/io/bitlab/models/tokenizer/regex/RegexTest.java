package io.bitlab.models.tokenizer.regex;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import io.bitlab.models.tokenizer.Pretokenizer;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class RegexTest {

    /** What Oniguruma makes of them, in Hugging Face's tokenizers 0.23.2: {@code Split(Regex(pattern), "isolated")}. */
    static Stream<Arguments> meanings() {
        return Stream.of(
                arguments(".+", "a\rb\u0085c\u2028d\ne", List.of("a\rb\u0085c\u2028d", "\n", "e")),
                arguments("(?m:.)+", "a\nb", List.of("a\nb")),
                arguments("\\p{Han}+", "ab\u6f22\u5b57\u304b\u306a", List.of("ab", "\u6f22\u5b57", "\u304b\u306a")),
                arguments("[\\p{Hiragana}\\p{katakana}]+", "\u6f22\u304b\u306a\u30abx",
                        List.of("\u6f22", "\u304b\u306a\u30ab", "x")),
                arguments("\\p{^Lu}+", "aB1", List.of("a", "B", "1")),
                arguments("\\w+", "a\u00b2\u0301_\u200d1-", List.of("a\u00b2\u0301_", "\u200d", "1", "-")),
                arguments("[\\w]+", "a\u00b2b", List.of("a", "\u00b2", "b")),
                arguments("\\d", "1\u00b2\u0663", List.of("1", "\u00b2", "\u0663")),
                arguments("\\s+", "a \u0085\u2028\u3000\u200bb", List.of("a", " \u0085\u2028\u3000", "\u200bb")),
                arguments("\\h+", "xaf9G", List.of("x", "af9", "G")),
                arguments("\\v", "a\u000b\n\u2028", List.of("a", "\u000b", "\n\u2028")),
                arguments("(?i:'s|k)+", "'S'\u017fKx", List.of("'S'\u017fK", "x")),
                arguments("(?i:[^s])+", "a\u017fSb", List.of("a", "\u017fS", "b")),
                arguments("(?i)ab|c", "ABxC", List.of("AB", "x", "C")),
                arguments("(?:a|ab)(?:c|bcd)", "abcd", List.of("abcd")),
                arguments("(?>a|ab)c", "abcac", List.of("abc", "ac")),
                arguments("a++ab?|b", "aaab", List.of("aaa", "b")),
                arguments("a{1,2}+b", "aaaab", List.of("aaaab")),
                arguments("a{,2}", "aaa", List.of("aa", "a")),
                arguments("a+?", "aaa", List.of("a", "a", "a")),
                arguments("(?:ab){2,3}?", "abababab", List.of("abab", "abab")),
                arguments("[a-c[x-z]&&[^b]]+", "abcxyz", List.of("a", "b", "cxyz")),
                arguments("[^a&&b]+", "abc", List.of("abc")),
                arguments("[[:alpha:][:digit:]]+", "a\u00e91 _", List.of("a\u00e91", " _")),
                arguments("^.", "ab\ncd\n", List.of("a", "b\n", "c", "d\n")),
                arguments(".$", "ab\ncd\n", List.of("a", "b", "\nc", "d", "\n")),
                arguments("\\s+$", "a \u3000\n", List.of("a", " \u3000\n")),
                arguments("\\Aa|b\\z", "aab", List.of("a", "a", "b")),
                arguments("o\\Z", "foo\n", List.of("fo", "o", "\n")),
                arguments("\\bfoo\\b", "foo foobar foo", List.of("foo", " foobar ", "foo")),
                arguments("\\Ba", "aaa", List.of("a", "a", "a")),
                arguments("(?<=a|bc)x", "axbcxx", List.of("a", "x", "bc", "x", "x")),
                arguments("(?<!a)x", "axbx", List.of("axb", "x")),
                arguments("x(?!y)", "xyxz", List.of("xy", "x", "z")),
                arguments("\\u0061\\x62\\x{1F600}", "ab\ud83d\ude00", List.of("ab\ud83d\ude00")),
                arguments("[^\\s\\p{L}]\ud83d\ude00?", "\ud83d\ude00\ud83d\ude00a!",
                        List.of("\ud83d\ude00\ud83d\ude00", "a", "!")),
                arguments("\\p{N}{1,3}(?=(?:\\p{N}{3})*(?!\\p{N}))", "1234567", List.of("1", "234", "567")),
                arguments("(?=(\\d{3})+(?!\\d))", "1234567", List.of("1", "234", "567")),
                arguments("(?:\\p{L}\\p{M}*)+", "e\u0301a b", List.of("e\u0301a", " ", "b")),
                arguments(" ?[^(\\s|.,!?\u2026\u3002\uff0c\u3001\u0964\u06d4\u060c)]+", "a b,c (d|e",
                        List.of("a", " b", ",", "c", " (", "d", "|", "e")),
                arguments("[\\p{L}\\p{M}&&[^\\p{Han}]]+", "a\u00e9\u6f22b", List.of("a\u00e9", "\u6f22", "b")),
                arguments("(\\s)+|(?<word>\\S)+", "a b", List.of("a", " ", "b")),
                arguments("a*", "baac", List.of("b", "aa", "c")),
                arguments("", "ab", List.of("a", "b")));
    }

    @ParameterizedTest
    @MethodSource("meanings")
    void patternsMeanWhatTheyMeanForOniguruma(String pattern, String text, List<String> pieces) {
        assertEquals(pieces, Pretokenizer.of(pattern).split(text));
    }

    /** Each overflowed the stack of {@code java.util.regex} with some thousand letters. */
    @ParameterizedTest
    @ValueSource(
            strings = {"(?:\\p{L}\\p{M}*)+", "(\\p{L})+", "(?:a|b)+", "(?:a|\\p{L})*+", "(?:ab?)+?$", "(?:\\p{L}{2})+"})
    void aTextMayHaveAnyLength(String pattern) {
        for (int length : new int[] {5_000, 300_000}) {
            String text = "a".repeat(length);
            assertEquals(List.of(text, " ", text), Pretokenizer.of(pattern, " ").split(text + " " + text));
        }
    }

    /** Classes of many single characters, as in generated patterns, were searched one by one, and recursively. */
    @Test
    void aClassMayHaveAnyNumberOfCharacters() {
        StringBuilder even = new StringBuilder();
        for (int c = 0x4e00; c < 0x4e00 + 5_000; c += 2) {
            even.appendCodePoint(c);
        }
        String text = "\u4e00\u4e02\u4e01\u4e03\u4e04a";
        assertEquals(List.of("\u4e00\u4e02", "\u4e01\u4e03", "\u4e04", "a"),
                Pretokenizer.of("[" + even + "]+").split(text));
        assertEquals(List.of("\u4e00\u4e02", "\u4e01\u4e03", "\u4e04a"),
                Pretokenizer.of("[^" + even + "a]+").split(text));
        assertEquals(List.of("\u4e00", "\u4e02\u4e01\u4e03\u4e04a"),
                Pretokenizer.of("[\u4e00" + "&&\\p{L}".repeat(1_000) + "]").split(text));
    }

    /** Each was a level of the stack, when the pattern was read or when it was searched for. */
    @ParameterizedTest
    @ValueSource(strings = {"++", "?+", "??"})
    void towersOfQuantifiersAreRefused(String quantifier) {
        assertEquals(List.of("b"), Pretokenizer.of("a+" + quantifier + "?").split("b"));
        IllegalArgumentException e = assertThrows(IllegalArgumentException.class,
                () -> Pretokenizer.of("a" + quantifier.repeat(4_000)));
        assertTrue(e.getMessage().contains("more than 3 quantifiers in a row"), e.getMessage());
    }

    @ParameterizedTest
    @CsvSource({"(?:, )", "[, ]", "(?=, )", "(?>, )"})
    void patternsThatAreNestedTooDeeplyAreRefused(String open, String close) {
        assertEquals(List.of("b"), Pretokenizer.of(open.repeat(40) + "a" + close.repeat(40)).split("b"));
        IllegalArgumentException e = assertThrows(IllegalArgumentException.class,
                () -> Pretokenizer.of(open.repeat(60) + "a" + close.repeat(60)));
        assertTrue(e.getMessage().contains("more than 50 groups or classes within each other"), e.getMessage());
    }

    /** Where nothing matches, each way of cutting the letters up would be tried: more than there are atoms. */
    @ParameterizedTest
    @ValueSource(strings = {"(?:a+)+b", "(?:a|a)*b", "(?:a|aa)+!", "(?>(?:a|a)*b)", "(?=(?:a+)+b)a",
        "(?:(?:a{1,3}){1,3}){1,3}b", "(?:a+?){1,50}b"})
    void waysThatFailedAreNotTriedAgain(String pattern) {
        String text = "a".repeat(500);
        assertTimeoutPreemptively(Duration.ofSeconds(20),
                () -> assertEquals(List.of(text), Pretokenizer.of(pattern).split(text)));
    }

    /** Notes of failed ways must not hide a match: the text is long enough for them. */
    @Test
    void matchesAreFoundAfterManyTries() {
        String text = "a".repeat(200);
        String tries = "(?:a|aa)+!|(?:a|aa)+\\?|";
        assertEquals(List.of(text, "b"), Pretokenizer.of(tries + "(?:a|aa)+(?=b)").split(text + "b"));
        assertEquals(List.of(text + "b"), Pretokenizer.of(tries + "(?>(?:a|aa)+)b").split(text + "b"));
        assertEquals(List.of(text + "b", "b"), Pretokenizer.of(tries + "(?:a|aa)+b(?<=ab)").split(text + "bb"));
    }

    static Stream<Arguments> refused() {
        return Stream.of(
                arguments("(", "the end in place of )"),
                arguments("a)", "a ) without its ("),
                arguments("[a", "the end where more was expected"),
                arguments("[]a]", "an empty class, or one that begins with ]"),
                arguments("*a", "a quantifier with nothing to repeat"),
                arguments("\\p{Elvish}", "the unknown property 'Elvish'"),
                arguments("\\pL", "'L' in place of {"),
                arguments("[[:letter:]]", "the unknown class '[:letter'"),
                arguments("(a)\\1", "\\1"),
                arguments("\\R", "\\R"),
                arguments("\\X", "\\X"),
                arguments("\\G", "\\G"),
                arguments("\\K", "\\K"),
                arguments("\\xff", "a byte that is no character"),
                arguments("\\ud800", "an escape of what is no character"),
                arguments("(?x: a )", "an option other than i and m"),
                arguments("(?s:.)", "an option other than i and m"),
                arguments("a(?i)b", "options in the middle of a group"),
                arguments("(?#x)", "a comment"),
                arguments("(?~a)", "an option other than i and m, or an unknown kind of group"),
                arguments("(?(1)a)", "an unknown kind of group"),
                arguments("(?<=a+)b", "a lookbehind whose length is not fixed"),
                arguments("(?:a*)*", "a repetition of what may match nothing"),
                arguments("(?:a|b?){2}", "a repetition of what may match nothing"),
                arguments("(?<!ab|b)?", "a repeated condition"),
                arguments("(?=a)*", "a repeated condition"),
                arguments("a{2}?", "{2}?"),
                arguments("a{3,2}", "{3,2}"),
                arguments("a{2000}", "a { that is no repetition of at most 1000"),
                arguments("(?:(?:ab){1000}){1000}", "more than 10000 steps"),
                arguments("(?i:\u00e9)", "characters beyond ASCII without regard to case"),
                arguments("(?i:\\p{L})", "characters beyond ASCII without regard to case"),
                arguments("(?i:ss)", "'ss' without regard to case"),
                arguments("[a&&]", "&& with nothing on one side"),
                arguments("[$-&&a]", "a hyphen in front of &&"),
                arguments("[\\d-z]", "a range that begins with a class"),
                arguments("[z-a]", "a range with its ends in the wrong order"));
    }

    @ParameterizedTest
    @MethodSource
    void refused(String pattern, String message) {
        IllegalArgumentException e =
                assertThrows(IllegalArgumentException.class, () -> Pretokenizer.of(pattern));
        assertTrue(e.getMessage().startsWith("the pattern '" + pattern.substring(0, Math.min(20, pattern.length()))),
                e.getMessage());
        assertTrue(e.getMessage().contains(message), () -> "expected '" + message + "' in: " + e.getMessage());
    }
}
