package io.bitlab.cli;

import io.bitlab.core.parallel.Parallel;
import io.bitlab.models.generate.ChatMessage;
import io.bitlab.models.generate.ChatSession;
import io.bitlab.models.generate.ChatTemplate;
import io.bitlab.models.generate.FinishReason;
import io.bitlab.models.generate.Generation;
import io.bitlab.models.generate.TextGenerator;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Talks with a model: reads a question from each line, and prints the answer as it is generated. */
@Command(name = "chat", mixinStandardHelpOptions = true, description = {"Talks with a model, a line at a time.",
    "/new starts over, /exit or Ctrl-D ends. Ctrl-C stops an answer, and ends the program where none is written."})
final class ChatCommand implements Callable<Integer> {

    @Mixin
    private TextOptions text;

    @Option(names = "--template", description = "how the model was trained to chat: bitnet, llama3, falcon3, chatml, or"
            + " plain for one that was not; what its files say unless given")
    private String template;

    @Option(names = "--system", description = "a message that tells the model how to answer")
    private String system;

    @Override
    public Integer call() throws IOException {
        VectorHint.printIfSlow();
        ChatTemplate format = template();
        TextGenerator generator = text.generator();
        boolean terminal = System.console() != null && System.console().isTerminal();
        ChatSession session = start(generator, format);
        BufferedReader lines = new BufferedReader(new InputStreamReader(System.in, StreamEncoding.of("stdin")));
        try (Parallel parallel = text.parallel()) {
            for (String line = next(lines, terminal); line != null; line = next(lines, terminal)) {
                if (line.strip().equals("/exit")) {
                    break;
                } else if (line.strip().equals("/new")) {
                    session = start(generator, format);
                } else if (!line.isBlank()) {
                    answer(session, line, parallel, terminal);
                }
                if (System.out.checkError()) { // nobody reads any more
                    break;
                }
            }
        }
        return 0;
    }

    private ChatTemplate template() throws IOException {
        Optional<ChatTemplate> known = TextOptions.template(template, text.model());
        if (known.isEmpty() && template == null) {
            System.err.println((text.model() == null ? "The small model that comes along" : "This model")
                    + " was not trained to chat: it continues what you write. --model takes a chat model.");
        }
        return known.orElse(ChatTemplate.PLAIN);
    }

    private ChatSession start(TextGenerator generator, ChatTemplate format) {
        return system == null ? generator.newChat(format) : generator.newChat(format, ChatMessage.system(system));
    }

    private static String next(BufferedReader lines, boolean terminal) throws IOException {
        if (terminal) {
            System.out.print("> ");
            System.out.flush();
        }
        return lines.readLine();
    }

    private static void answer(ChatSession session, String question, Parallel parallel, boolean terminal) {
        try (StopSignal stop = StopSignal.listen()) {
            Generation answer = parallel.call(() -> session.ask(question, part -> {
                System.out.print(part);
                System.out.flush();
            }, stop::isStopped));
            System.out.println();
            if (terminal && answer.reason() == FinishReason.CANCELLED) {
                System.out.println("[stopped]");
            } else if (answer.reason() == FinishReason.CONTEXT_FULL) {
                System.err.println("The model's context is full; /new starts over.");
            }
        } catch (IllegalArgumentException e) { // the chat is as before
            System.err.println(e.getMessage());
        }
    }
}
