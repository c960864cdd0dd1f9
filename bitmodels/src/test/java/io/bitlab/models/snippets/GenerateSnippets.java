package io.bitlab.models.snippets;

import io.bitlab.models.generate.ChatMessage;
import io.bitlab.models.generate.ChatSession;
import io.bitlab.models.generate.ChatTemplate;
import io.bitlab.models.generate.Generation;
import io.bitlab.models.generate.Sampler;
import io.bitlab.models.generate.SamplingConfig;
import io.bitlab.models.generate.TextGenerator;
import io.bitlab.models.tokenizer.Tokenizer;
import io.bitlab.models.transformer.BitTransformer;
import java.util.List;

/** Snippets in the Javadoc of {@link io.bitlab.models.generate}. */
final class GenerateSnippets {

    private GenerateSnippets() {}

    static void generate(BitTransformer model, Tokenizer tokenizer) {
        // @start region="generate"
        TextGenerator generator = TextGenerator.builder(model, tokenizer)
                .sampling(SamplingConfig.TEXT.withSeed(7))
                .maxTokens(200)
                .stopStrings("\n\n")
                .build();
        Generation story = generator.generate("Once upon a time", System.out::print);
        System.out.println(story.stats().generatedTokensPerSecond() + " tokens/s, ended by " + story.reason());
        // @end
    }

    static void chat(TextGenerator generator) {
        // @start region="chat"
        ChatSession chat = generator.newChat(ChatTemplate.LLAMA3, ChatMessage.system("Answer briefly."));
        chat.ask("What is a trit?", System.out::print);
        chat.ask("How many fit into a byte?", System.out::print);
        // @end
    }

    static int[] template(Tokenizer tokenizer) {
        // @start region="template"
        int[] prompt = ChatTemplate.CHATML.encode(
                List.of(ChatMessage.system("Answer briefly."), ChatMessage.user("What is a trit?")), tokenizer);
        // @end
        return prompt;
    }

    static SamplingConfig config() {
        // @start region="config"
        SamplingConfig config = SamplingConfig.TEXT.withTemperature(0.7f).withTopK(20).withSeed(42);
        // @end
        return config;
    }

    static int sample() {
        // @start region="sample"
        float[] logits = {1f, 3f, 2f, 0f};
        int[] text = {2, 0};
        Sampler sampler = new Sampler(SamplingConfig.TEXT.withTopK(2), logits.length);
        int token = sampler.next(logits, text, text.length); // 1 or 2
        // @end
        return token;
    }

    static TextGenerator cache(BitTransformer model, Tokenizer tokenizer) {
        // @start region="cache"
        TextGenerator generator = TextGenerator.builder(model, tokenizer)
                .cache(cache -> cache.capacity(512).slidingWindow(true).bfloat16(true))
                .build();
        // @end
        return generator;
    }
}
