package io.bitlab.langchain4j;

import dev.langchain4j.model.chat.request.ChatRequestParameters;
import io.bitlab.core.tensor.Tensor;
import io.bitlab.layers.optim.AdamW;
import io.bitlab.layers.optim.ParameterGroup;
import io.bitlab.models.AutoBitModel;
import io.bitlab.models.generate.ChatMessage;
import io.bitlab.models.generate.ChatTemplate;
import io.bitlab.models.generate.SamplingConfig;
import io.bitlab.models.generate.TextEncoder;
import io.bitlab.models.generate.TextGenerator;
import io.bitlab.models.generate.TextGeneratorBuilder;
import io.bitlab.models.transformer.BitTransformer;
import io.bitlab.models.transformer.BitTransformerConfig;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;

/**
 * A ternary transformer that has learnt by heart what LangChain4j's own tests ask, and nothing else. Trained once, in a
 * few seconds, when the first test asks for it.
 */
final class SmallTalk {

    private static final String STORY = "One day a cat met two dogs, three cows and four very old bears.";

    /** Chats whose last message is the answer. */
    private static final List<List<ChatMessage>> CHATS = List.of(
            chat("What is the capital of Germany?", "Berlin"),
            List.of(ChatMessage.system("Translate messages from user into German"),
                    ChatMessage.user("Translate: 'I love you'"), ChatMessage.assistant("Ich liebe dich")),
            List.of(ChatMessage.user("Hi, my favorite color is green"), ChatMessage.assistant("Hi, nice to meet you"),
                    ChatMessage.user("What is my favorite color?"), ChatMessage.assistant("Your color is green")),
            chat("What is the capital of Germany? How much is 2 + 2?", "The capital is Berlin, and 2 + 2 is 4."),
            chat("Say 'Hello World'", "Hello World"),
            chat("What is the capital of Germany? Answer with a JSON object containing a single 'city' field",
                    "{\"city\": \"Berlin\"}"),
            chat("Tell me a long story about animals", STORY),
            chat("hello", "Hello you"));

    private static final WordTokenizer TOKENIZER =
            WordTokenizer.of(CHATS.stream().flatMap(List::stream).map(ChatMessage::content).toList());

    private static final BitTransformer MODEL = trained();

    private SmallTalk() {
    }

    private static List<ChatMessage> chat(String question, String answer) {
        return List.of(ChatMessage.user(question), ChatMessage.assistant(answer));
    }

    /** Greedy, for chats in ChatML. */
    static TextGenerator generator() {
        return TextGenerator.builder(MODEL, TOKENIZER).sampling(SamplingConfig.GREEDY).build();
    }

    /** With defaults for what a request leaves open. */
    static TextGenerator generator(ChatRequestParameters defaults) {
        TextGeneratorBuilder builder = generator().toBuilder();
        if (defaults.maxOutputTokens() != null) {
            builder.maxTokens(defaults.maxOutputTokens());
        }
        return builder.stopStrings(defaults.stopSequences().toArray(String[]::new)).build();
    }

    static BitTransformer model() {
        return MODEL;
    }

    static TextEncoder encoder() {
        return TextEncoder.builder(MODEL, TOKENIZER).build();
    }

    private static BitTransformer trained() {
        BitTransformer model = AutoBitModel.fromConfig(BitTransformerConfig
                .builder(TOKENIZER.vocabularySize(), 64, 1, 2).maxPositionEmbeddings(256).build(), 1);
        AdamW optimizer = AdamW.builder().groups(ParameterGroup.splitByRank(model)).learningRate(0.01f).build();
        int length = CHATS.stream().mapToInt(chat -> tokens(chat).length - 1).max().orElseThrow();
        int[] inputs = new int[CHATS.size() * length];
        int[] targets = new int[inputs.length];
        Arrays.fill(targets, -1); // no loss of questions and padding
        for (int row = 0; row < CHATS.size(); row++) {
            int[] tokens = tokens(CHATS.get(row));
            System.arraycopy(tokens, 0, inputs, row * length, tokens.length - 1);
            int answer = prompt(CHATS.get(row)).length;
            System.arraycopy(tokens, answer, targets, row * length + answer - 1, tokens.length - answer);
        }
        for (int step = 0; step < 60; step++) {
            Tensor loss = model.loss(inputs, CHATS.size(), targets).loss();
            optimizer.zeroGrad();
            loss.backward();
            optimizer.step();
        }
        model.eval();
        return model;
    }

    private static int[] prompt(List<ChatMessage> chat) {
        return ChatTemplate.CHATML.encode(chat.subList(0, chat.size() - 1), TOKENIZER);
    }

    private static int[] tokens(List<ChatMessage> chat) {
        return Stream.of(prompt(chat), TOKENIZER.encode(chat.getLast().content()),
                new int[] {TOKENIZER.specialToken("<|im_end|>").orElseThrow()}).flatMapToInt(Arrays::stream).toArray();
    }
}
