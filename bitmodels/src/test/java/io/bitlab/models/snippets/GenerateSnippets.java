package io.bitlab.models.snippets;

import io.bitlab.models.generate.ChatMessage;
import io.bitlab.models.generate.ChatSession;
import io.bitlab.models.generate.ChatTemplate;
import io.bitlab.models.generate.ChatTemplates;
import io.bitlab.models.generate.Generation;
import io.bitlab.models.generate.LogProbabilities;
import io.bitlab.models.generate.LogitsProcessor;
import io.bitlab.models.generate.Sampler;
import io.bitlab.models.generate.SamplingConfig;
import io.bitlab.models.generate.Speculation;
import io.bitlab.models.generate.TextEncoder;
import io.bitlab.models.generate.TextGenerator;
import io.bitlab.models.grammar.Grammar;
import io.bitlab.models.tokenizer.Tokenizer;
import io.bitlab.models.transformer.BatchedDecoder;
import io.bitlab.models.transformer.BitTransformer;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
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

    static ChatTemplate ownTemplate() {
        // @start region="ownTemplate"
        ChatTemplate instruct = (messages, prompt) -> {
            prompt.beginningOfText();
            for (ChatMessage message : messages) {
                boolean asked = message.role() != ChatMessage.Role.ASSISTANT;
                prompt.text(asked ? "[INST] " + message.content() + " [/INST]" : message.content());
            }
        };
        // @end
        return instruct;
    }

    static String messages(TextGenerator generator) {
        // @start region="messages"
        List<ChatMessage> messages = List.of(ChatMessage.system("Answer briefly."), ChatMessage.user("Hello"));
        System.out.println(generator.count(messages, ChatTemplate.LLAMA3) + " tokens");
        Generation answer = generator.generate(messages, ChatTemplate.LLAMA3, System.out::print);
        // @end
        return answer.text();
    }

    static Generation settings(TextGenerator generator, SamplingConfig sampling) {
        // @start region="settings"
        TextGenerator forOneRequest = generator.toBuilder().sampling(sampling).maxTokens(100).stopStrings("\n").build();
        Generation generation = forOneRequest.generate("Once upon a time");
        // @end
        return generation;
    }

    static Generation speculation(TextGenerator generator, BitTransformer smaller) {
        // @start region="speculation"
        TextGenerator faster = generator.toBuilder().speculation(Speculation.promptLookup()).build();
        TextGenerator withDraft = generator.toBuilder().speculation(Speculation.draft(smaller)).build();
        Generation generation = faster.generate("Once upon a time"); // as the generator itself would write
        System.out.println(generation.stats().acceptedTokens() + " of " + generation.stats().proposedTokens());
        // @end
        return generation.stats().acceptedTokens() > 0 ? generation : withDraft.generate("Once upon a time");
    }

    static void logProbabilities(TextGenerator generator) {
        // @start region="logProbabilities"
        Generation generation = generator.toBuilder().logProbabilities(2).build().generate("Once upon a time");
        for (LogProbabilities each : generation.logProbabilities()) {
            System.out.println(each.chosen().text() + " " + Math.exp(each.chosen().logProbability()));
            each.mostLikely()
                    .forEach(other -> System.out.println("    " + other.text() + " " + other.logProbability()));
        }
        // @end
    }

    static Generation logits(TextGenerator generator, int forbidden) {
        // @start region="logits"
        LogitsProcessor without = (logits, text, length) -> logits[forbidden] = Float.NEGATIVE_INFINITY;
        Generation generation = generator.toBuilder().logits(() -> without).build().generate("Once upon a time");
        // @end
        return generation;
    }

    static List<String> decoder(BitTransformer model, Tokenizer tokenizer, List<String> prompts) {
        // @start region="decoder"
        BatchedDecoder decoder =
                BatchedDecoder.builder(model).maxSessions(4).admissionWait(Duration.ofMinutes(5)).build();
        TextGenerator generator = TextGenerator.builder(model, tokenizer).decoder(decoder).build();
        List<String> texts = prompts.parallelStream().map(prompt -> generator.generate(prompt).text()).toList();
        // @end
        return texts;
    }

    static String grammar(TextGenerator generator) {
        // @start region="grammar"
        TextGenerator judge = generator.toBuilder().grammar(Grammar.choice(List.of("yes", "no"))).build();
        String verdict = judge.generate("Is a trit more than a bit? Answer yes or no: ").text();
        // @end
        return verdict;
    }

    static ChatTemplate recognize(Path folder) throws IOException {
        // @start region="recognize"
        ChatTemplate template = ChatTemplates.ofModel(folder)
                .orElseThrow(() -> new IOException(folder + " has no chat template"));
        // @end
        return template;
    }

    static float embed(BitTransformer model, Tokenizer tokenizer) {
        // @start region="embed"
        TextEncoder encoder = TextEncoder.builder(model, tokenizer).build();
        List<float[]> vectors = encoder.encode(List.of("a whale at sea", "a ship at sea"));
        float cosine = 0; // vectors have length 1
        for (int i = 0; i < encoder.dimension(); i++) {
            cosine += vectors.get(0)[i] * vectors.get(1)[i];
        }
        // @end
        return cosine;
    }
}
