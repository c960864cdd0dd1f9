package io.bitlab.models.snippets;

import io.bitlab.models.tokenizer.BpeTokenizer;
import io.bitlab.models.tokenizer.ByteTokenizer;
import io.bitlab.models.tokenizer.CharacterTokenizer;
import io.bitlab.models.tokenizer.GgufTokenizer;
import io.bitlab.models.tokenizer.Pretokenizer;
import io.bitlab.models.tokenizer.PromptSegment;
import io.bitlab.models.tokenizer.StreamingDecoder;
import io.bitlab.models.tokenizer.Tokenizer;
import io.bitlab.models.tokenizer.Tokenizers;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/** Snippets in the Javadoc of {@link io.bitlab.models.tokenizer}. */
final class TokenizerSnippets {

    private TokenizerSnippets() {}

    static String encode() {
        // @start region="encode"
        Tokenizer tokenizer = CharacterTokenizer.of("to be, or not to be");
        int[] ids = tokenizer.encode("be not");
        String text = tokenizer.decode(ids); // "be not"
        // @end
        return text;
    }

    static int[] bytes() {
        // @start region="bytes"
        Tokenizer tokenizer = new ByteTokenizer();
        int[] ids = tokenizer.encode("é"); // 195, 169
        // @end
        return ids;
    }

    static List<Tokenizer> files() throws IOException {
        // @start region="files"
        Tokenizer published = Tokenizers.read(Path.of("model/tokenizer.json"));
        Tokenizer ofModel = Tokenizers.ofModel(Path.of("model.gguf"));

        Tokenizer characters = CharacterTokenizer.of("abcdefghijklmnopqrstuvwxyz ");
        Tokenizers.write(characters, Path.of("my-model/tokenizer.json"));
        // @end
        return List.of(published, ofModel);
    }

    static int[] special(Tokenizer tokenizer, String fromUser) {
        // @start region="special"
        int[] untrusted = tokenizer.encode(fromUser); // <|eot_id|> in it is plain text
        int[] trusted = tokenizer.encodeWithSpecial("Hello!<|eot_id|>"); // ends with a special token
        // @end
        return untrusted.length < trusted.length ? trusted : untrusted;
    }

    static int[] segments(Tokenizer tokenizer, String fromUser) {
        // @start region="segments"
        int endOfTurn = tokenizer.specialToken("<|eot_id|>").orElseThrow();
        int[] prompt = tokenizer.encode(List.of(
                PromptSegment.ofText("User: " + fromUser),
                PromptSegment.ofSpecialToken("<|eot_id|>", endOfTurn),
                PromptSegment.ofText("Assistant: ")));
        // @end
        return prompt;
    }

    static void stream(Tokenizer tokenizer, int... ids) {
        // @start region="stream"
        StreamingDecoder decoder = new StreamingDecoder(tokenizer);
        for (int id : ids) {
            System.out.print(decoder.append(id)); // whole characters only
        }
        System.out.print(decoder.finish());
        // @end
    }

    static int[] bpe() {
        // @start region="bpe"
        BpeTokenizer tokenizer = BpeTokenizer.builder()
                .vocabulary(Map.of("a", 0, "b", 1, "c", 2, "ab", 3, "abc", 4))
                .merge("a", "b")
                .merge("ab", "c")
                .special("<|endoftext|>", 5).eos(5)
                .build();
        int[] ids = tokenizer.encode("abcab"); // 4, 3
        // @end
        return ids;
    }

    static Tokenizer gguf(Map<String, ?> metadata) throws IOException {
        // @start region="gguf"
        Tokenizer tokenizer = GgufTokenizer.read(metadata, "model.gguf");
        // @end
        return tokenizer;
    }

    static List<String> pretokenize() {
        // @start region="pretokenize"
        List<String> pieces = Pretokenizer.GPT2.split("It's 3 o'clock"); // "It", "'s", " 3", " o", "'", "clock"
        // @end
        return pieces;
    }
}
