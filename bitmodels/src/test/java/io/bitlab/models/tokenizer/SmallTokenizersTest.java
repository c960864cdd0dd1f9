package io.bitlab.models.tokenizer;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.bitlab.models.testing.Vocabularies;
import java.util.OptionalInt;
import java.util.Set;
import org.junit.jupiter.api.Test;

class SmallTokenizersTest {

    @Test
    void bytesAreTheirOwnIds() {
        ByteTokenizer tokenizer = new ByteTokenizer();
        assertArrayEquals(new int[] {'a', 0xc3, 0xa9}, tokenizer.encode("a\u00e9"));
        assertEquals(256, tokenizer.vocabularySize());
        assertEquals("\ufffda", tokenizer.decode(0xc3, 'a'));
        assertEquals(Set.of(), tokenizer.endTokens());
        assertEquals(OptionalInt.empty(), tokenizer.bos());
        assertEquals(OptionalInt.empty(), tokenizer.eos());
        assertEquals(OptionalInt.empty(), tokenizer.specialToken("<s>"));
        assertThrows(IllegalArgumentException.class, () -> tokenizer.bytes(256));
        for (String text : Vocabularies.corpus(1)) {
            assertEquals(text, tokenizer.decode(tokenizer.encodeWithSpecial(text)), "seed 1");
        }
    }

    @Test
    void charactersAreInTheOrderOfUnicode() {
        CharacterTokenizer tokenizer = CharacterTokenizer.of("to be\ud83d\ude00\n");
        assertEquals(7, tokenizer.vocabularySize()); // \n, space, b, e, o, t, emoji
        assertArrayEquals(new int[] {5, 4, 1, 2, 3, 6}, tokenizer.encode("to be\ud83d\ude00"));
        assertEquals("be\ud83d\ude00", tokenizer.decode(2, 3, 6));
    }

    @Test
    void unknownCharactersAreNamed() {
        CharacterTokenizer tokenizer = CharacterTokenizer.of("ab");
        IllegalArgumentException e = assertThrows(IllegalArgumentException.class, () -> tokenizer.encode("abc"));
        assertEquals(
                "CharacterTokenizer.encode: 'c' (U+0063) (character 2 of the text) is not among the 2 characters of"
                        + " the vocabulary; replace it, or build the tokenizer from a text that has it",
                e.getMessage());
        IllegalArgumentException tab = assertThrows(IllegalArgumentException.class, () -> tokenizer.encode("\t"));
        assertTrue(tab.getMessage().contains("encode: U+0009 (character 0"), tab.getMessage());
        assertThrows(IllegalArgumentException.class, () -> tokenizer.bytes(2));
        assertThrows(IllegalArgumentException.class, () -> CharacterTokenizer.of(""));
    }
}
