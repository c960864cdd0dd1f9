package io.bitlab.models.tokenizer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import io.bitlab.models.testing.Vocabularies;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class PretokenizerTest {

    static Stream<Arguments> gpt2() {
        return Stream.of(
                arguments("Hello world", List.of("Hello", " world")),
                arguments("don't we'll I'M", List.of("don", "'t", " we", "'ll", " I", "'", "M")),
                arguments("12345 a1b", List.of("12345", " a", "1", "b")),
                arguments("a  b", List.of("a", " ", " b")),
                arguments("a \n\n b ", List.of("a", " \n\n", " b", " ")),
                arguments("hi!!! ...", List.of("hi", "!!!", " ...")),
                arguments("caf\u00e9\u00a0x", List.of("caf\u00e9", "\u00a0", "x")),
                arguments("\u65e5\u672c\u3000\u8a9e", List.of("\u65e5\u672c", "\u3000", "\u8a9e")),
                arguments("e\u0301", List.of("e", "\u0301")));
    }

    static Stream<Arguments> llama3() {
        return Stream.of(
                arguments("Hello world", List.of("Hello", " world")),
                arguments("don't I'M DON'T", List.of("don", "'t", " I", "'M", " DON", "'T")),
                arguments("1234567 12", List.of("123", "456", "7", " ", "12")),
                arguments("a  b", List.of("a", " ", " b")),
                arguments("a\n\n b", List.of("a", "\n\n", " b")),
                arguments("a \r\n\tb", List.of("a", " \r\n", "\tb")),
                arguments("x;\n\ny", List.of("x", ";\n\n", "y")),
                arguments("(foo) _bar", List.of("(foo", ")", " _", "bar")),
                arguments("a   ", List.of("a", "   ")),
                arguments("\u0663\u0664\u0665\u0666", List.of("\u0663\u0664\u0665", "\u0666")),
                arguments("x\u0085y", List.of("x", "\u0085y")));
    }

    @ParameterizedTest
    @MethodSource
    void gpt2(String text, List<String> pieces) {
        assertEquals(pieces, Pretokenizer.GPT2.split(text));
    }

    @ParameterizedTest
    @MethodSource
    void llama3(String text, List<String> pieces) {
        assertEquals(pieces, Pretokenizer.LLAMA3.split(text));
    }

    @Test
    void losesNothing() {
        List<Pretokenizer> all = Stream.concat(
                Stream.of(Pretokenizer.NONE, Pretokenizer.of("", "a*", "[0-9]")),
                GgufPretokenizer.NAMES.stream().map(n -> GgufPretokenizer.named(n).orElseThrow().pretokenizer()))
                .toList();
        for (String text : Vocabularies.corpus(5)) {
            for (Pretokenizer pretokenizer : all) {
                List<String> pieces = pretokenizer.split(text);
                assertEquals(text, String.join("", pieces), () -> "seed 5, " + pretokenizer.patterns());
                assertTrue(pieces.stream().noneMatch(String::isEmpty), text);
            }
        }
    }

    @Test
    void cutsInSteps() {
        assertEquals(List.of("a", "1", "2", "b", "3"), Pretokenizer.of("[a-z]", "\\d").split("a12b3"));
        assertEquals(List.of("don", "'", "t", " ", "123", "4"),
                GgufPretokenizer.named("default").orElseThrow().pretokenizer().split("don't 1234"));
    }

    @Test
    void refusesPatternsThatAreNone() {
        assertThrows(IllegalArgumentException.class, () -> Pretokenizer.of("("));
        IllegalArgumentException e =
                assertThrows(IllegalArgumentException.class, () -> Pretokenizer.of("(".repeat(100_000)));
        assertTrue(e.getMessage().contains("has 100000 groups and classes, expected at most 256"), e.getMessage());
    }
}
