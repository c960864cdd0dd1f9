package io.bitlab.cli;

import io.bitlab.cli.data.ShippedModel;
import io.bitlab.cli.data.TextFile;
import io.bitlab.cli.options.ComputeThreads;
import io.bitlab.cli.serve.ApiKey;
import io.bitlab.cli.serve.ApiServer;
import io.bitlab.cli.serve.LanguageModel;
import io.bitlab.cli.serve.ServedModels;
import io.bitlab.cli.serve.ServerLimits;
import io.bitlab.cli.serve.ServerOptions;
import io.bitlab.core.parallel.Parallel;
import io.bitlab.models.AutoBitModel;
import io.bitlab.models.BitModel;
import io.bitlab.models.detection.BitDetector;
import io.bitlab.models.generate.ChatTemplate;
import io.bitlab.models.generate.TextGenerator;
import io.bitlab.models.tokenizer.Tokenizers;
import io.bitlab.models.transformer.BatchedDecoder;
import io.bitlab.models.transformer.BitTransformer;
import io.bitlab.models.vision.ImageClassifier;
import java.io.IOException;
import java.io.PrintWriter;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Serves models over HTTP until the program is asked to end. */
@Command(name = "serve", mixinStandardHelpOptions = true, description = "Serves models over HTTP, as OpenAI does:"
        + " /v1/chat/completions, /v1/completions, /v1/embeddings, /v1/models, and for pictures /v1/classify and"
        + " /v1/detect. A page to chat is at /, counts for Prometheus are at /metrics.")
final class ServeCommand implements Callable<Integer> {

    @Spec
    private CommandSpec command;

    @Option(names = "--model", description = "folder of a language model, an image classifier or a detector, or a GGUF"
            + " file; its name is what clients call it. Repeat it for one of each kind. A small language model that"
            + " comes along, unless given")
    private List<Path> models = List.of();

    @Option(names = "--template", description = "how the language model was trained to chat: bitnet, llama3, falcon3,"
            + " chatml, or plain for one that was not; what its files say unless given")
    private String template;

    @Option(names = "--host", defaultValue = "127.0.0.1", description = "address to listen on; ${DEFAULT-VALUE}, for"
            + " programs on this machine, unless given")
    private String host;

    @Option(names = "--port", defaultValue = "8080", description = "0 for any that is free; ${DEFAULT-VALUE} unless"
            + " given")
    private int port;

    @Option(names = "--api-key", defaultValue = "${env:BITLAB_API_KEY}", description = "key that clients must show."
            + " Other users of this machine can see options, so better set the environment variable BITLAB_API_KEY or"
            + " use --api-key-file")
    private String key;

    @Option(names = "--api-key-file", description = "file whose first line is that key")
    private Path keyFile;

    @Option(names = "--open", description = "let everybody who can reach the address in without a key")
    private boolean open;

    @Option(names = "--allow-origin", description = "origin of web pages that may use the server, such as"
            + " https://example.org; none but its own unless given")
    private String origin;

    @Option(names = "--concurrent", defaultValue = "4", description = "answers at the same time; ${DEFAULT-VALUE}"
            + " unless given")
    private int concurrent;

    @Option(names = "--queue", defaultValue = "64", description = "further requests that wait for their turn;"
            + " ${DEFAULT-VALUE} unless given")
    private int queue;

    @Option(names = "--queue-seconds", defaultValue = "30", description = "how long they wait; ${DEFAULT-VALUE} unless"
            + " given")
    private int queueSeconds;

    @Option(names = "--max-tokens", defaultValue = "1024", description = "tokens of an answer at most;"
            + " ${DEFAULT-VALUE} unless given")
    private int tokens;

    @Option(names = "--answer-seconds", defaultValue = "300", description = "how long an answer takes at most;"
            + " ${DEFAULT-VALUE} unless given")
    private int answerSeconds;

    @Option(names = "--max-body", defaultValue = "8", description = "megabytes of a request at most; ${DEFAULT-VALUE}"
            + " unless given")
    private int megabytes;

    @Option(names = "--stop-seconds", defaultValue = "20", description = "when the program is asked to end: how long"
            + " running answers may take; ${DEFAULT-VALUE} unless given")
    private int stopSeconds;

    @Mixin
    private ComputeThreads threads;

    @Override
    public Integer call() throws IOException {
        ServerOptions options = options();
        try (Parallel parallel = threads.start();
                ApiServer server =
                        parallel.call(() -> ApiServer.start(options, models.isEmpty() ? shipped() : given()))) {
            Duration patience = Duration.ofSeconds(stopSeconds);
            Thread stop = new Thread(() -> server.close(patience), "bitlab-serve-stop");
            Runtime.getRuntime().addShutdownHook(stop); // SIGTERM and Ctrl-C end the program when it has run
            try {
                PrintWriter out = command.commandLine().getOut();
                out.println("bitlab serves at " + server.uri() + " ; Ctrl-C stops it");
                out.flush();
                new CountDownLatch(1).await();
                return 0; // never
            } catch (InterruptedException _) { // by who runs the command in a thread
                Runtime.getRuntime().removeShutdownHook(stop);
                return BitLab.INTERRUPTED;
            }
        }
    }

    private ServerOptions options() throws IOException {
        if (megabytes < 1 || megabytes > 2047) {
            throw new IllegalArgumentException("--max-body is " + megabytes + ", expected 1 to 2047 megabytes");
        }
        ServerLimits limits = ServerLimits.DEFAULTS
                .withAnswers(concurrent, queue, Duration.ofSeconds(queueSeconds))
                .withRequests(ServerLimits.DEFAULTS.requests(), ServerLimits.DEFAULTS.requestTime(),
                        megabytes << 20)
                .withAnswer(tokens, Duration.ofSeconds(answerSeconds), ServerLimits.DEFAULTS.writeTime());
        InetAddress address = InetAddress.getAllByName(host)[0];
        return new ServerOptions(new InetSocketAddress(address, port), apiKey(), open, Optional.ofNullable(origin),
                limits);
    }

    private Optional<ApiKey> apiKey() throws IOException {
        if (keyFile != null) {
            return Optional.of(ApiKey.of(TextFile.read(keyFile).lines().findFirst().orElse("").strip()));
        }
        return Optional.ofNullable(key).map(ApiKey::of); // an empty one is refused: somebody thinks that there is a key
    }

    private ServedModels shipped() throws IOException {
        return ShippedModel.readText(folder -> ServedModels.none()
                .with(ShippedModel.TEXT, language(AutoBitModel.load(folder, BitTransformer.class), folder, true)));
    }

    private ServedModels given() throws IOException {
        ServedModels served = ServedModels.none();
        for (Path path : models) {
            BitModel model = AutoBitModel.load(path);
            Path name = path.toAbsolutePath().normalize().getFileName();
            String id = name == null ? "model" : name.toString(); // the root of a file system has none
            served = switch (model) {
                case BitTransformer language -> served.with(id, language(language, path, false));
                case ImageClassifier classifier -> served.with(id, classifier);
                case BitDetector detector -> served.with(id, detector);
                default -> throw new IllegalArgumentException(path + " is a " + model.getClass().getSimpleName()
                        + ", expected a language model, an image classifier or a detector");
            };
        }
        return served;
    }

    private LanguageModel language(BitTransformer model, Path path, boolean sliding) throws IOException {
        TextGenerator generator = TextGenerator.builder(model, Tokenizers.ofModel(path))
                .cache(cache -> cache.slidingWindow(sliding))
                .decoder(BatchedDecoder.builder(model).maxSessions(concurrent).build()).build();
        return new LanguageModel(generator,
                TextOptions.template(template, path).orElse(ChatTemplate.PLAIN), sliding);
    }
}
