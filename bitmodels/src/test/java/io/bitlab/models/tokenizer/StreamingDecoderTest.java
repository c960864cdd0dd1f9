package io.bitlab.models.tokenizer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

class StreamingDecoderTest {

    private static final String TEXT = "a\u00e9\u65e5\ud83d\ude00e\u0301\ud83d\udc69\u200d\ud83d\udc67z";

    /** Every byte is a token: at each of them the text that is complete has come, and no more. */
    @Test
    void keepsBackIncompleteCharacters() {
        ByteTokenizer tokenizer = new ByteTokenizer();
        StreamingDecoder decoder = new StreamingDecoder(tokenizer);
        StringBuilder all = new StringBuilder();
        int[] characters = TEXT.codePoints().toArray();
        for (int character : characters) {
            int[] bytes = tokenizer.encode(Character.toString(character));
            for (int i = 0; i < bytes.length; i++) {
                String expected = i == bytes.length - 1 ? Character.toString(character) : "";
                assertEquals(expected, decoder.append(bytes[i]));
            }
            all.appendCodePoint(character);
        }
        assertEquals("", decoder.finish());
        assertEquals(TEXT, all.toString());
    }

    /** Tokens of two pieces of the text, cut at every byte. */
    @Test
    void everySplitGivesTheSameText() {
        byte[] bytes = Utf8.encode(TEXT);
        for (int cut = 0; cut <= bytes.length; cut++) {
            String left = ByteAlphabet.spell(bytes).substring(0, cut);
            String right = ByteAlphabet.spell(bytes).substring(cut);
            BpeTokenizer tokenizer = BpeTokenizer.builder()
                    .vocabulary(Map.of(left, 0, right, 1))
                    .special("<end>", 2)
                    .build();
            StreamingDecoder decoder = new StreamingDecoder(tokenizer);
            String first = decoder.append(0);
            assertEquals("", decoder.append(2));
            String second = decoder.append(1);
            assertFalse(!first.isEmpty() && Character.isHighSurrogate(first.charAt(first.length() - 1)));
            assertEquals(TEXT, first + second + decoder.finish(), "cut at byte " + cut);
        }
    }

    @Test
    void replacesWhatStaysIncomplete() {
        StreamingDecoder decoder = new StreamingDecoder(new ByteTokenizer());
        assertEquals("", decoder.append(0xf0));
        assertEquals("", decoder.append(0x9f));
        assertEquals("\ufffd", decoder.finish());
        assertEquals("", decoder.append(0xc3));
        assertEquals("\ufffda", decoder.append('a'));
        assertEquals("\ufffd", decoder.append(0xff));
        assertEquals("", decoder.finish());
    }

    @Test
    void randomBytesGiveWhatDecodingAtOnceGives() {
        for (long seed = 0; seed < 500; seed++) {
            int[] bytes = new Random(seed).ints(20, 0, 256).toArray();
            ByteTokenizer tokenizer = new ByteTokenizer();
            StreamingDecoder decoder = new StreamingDecoder(tokenizer);
            StringBuilder text = new StringBuilder();
            for (int id : bytes) {
                text.append(decoder.append(id));
            }
            assertEquals(tokenizer.decode(bytes), text + decoder.finish(), "seed " + seed);
        }
    }
}
