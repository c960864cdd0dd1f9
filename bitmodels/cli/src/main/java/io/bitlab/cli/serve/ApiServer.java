package io.bitlab.cli.serve;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.InputStream;
import java.net.BindException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Serves models over HTTP. {@link #start} returns at once; {@link #close(Duration)} ends gracefully.
 *
 * <p>Bounded are: requests at once, the time in which one arrives, its size and that of all together, answers at once,
 * the queue for them and the wait in it, an answer's tokens and time, and the time in which a client has to accept a
 * part of it ({@link ServerLimits}). Not bounded by this class: connections on which nothing was ever sent, which the
 * JDK closes after 30 s, and the size of headers, for which the JDK has a limit of 380 KiB.
 *
 * <p><b>Thread safety:</b> all methods may be called from any thread.
 */
public final class ApiServer implements AutoCloseable {

    private static final Duration POLL = Duration.ofMillis(10);
    private static final int BACKLOG = 256;

    /** The share of the memory that bodies may take. */
    private static final int BODIES = 8;

    private final HttpServer http;
    private final ServerLimits limits;
    private final Admission admission;
    private final Deadlines deadlines;
    private final AtomicInteger open = new AtomicInteger();
    private volatile boolean cutting;
    private boolean closed;

    private static HttpServer listen(InetSocketAddress address) throws IOException {
        try {
            return HttpServer.create(address, BACKLOG);
        } catch (BindException e) {
            throw new IOException(address.getHostString() + ", port " + address.getPort() + ": " + e.getMessage()
                    + "; choose another port with --port, or an address of this machine with --host", e);
        }
    }

    private ApiServer(ServerOptions options, ServedModels models, long bodies) throws IOException {
        limits = options.limits();
        admission = new Admission(limits);
        http = listen(options.address());
        deadlines = new Deadlines(); // whose thread a failure above would leave behind
        http.setExecutor(this::inVirtualThread);
        http.createContext("/", router(options, models, new BodyBudget(bodies)));
    }

    /**
     * Starts a server.
     *
     * @param options where it listens, and to whom
     * @param models what it serves
     * @return the running server
     * @throws IOException if the address is in use or not of this machine
     */
    public static ApiServer start(ServerOptions options, ServedModels models) throws IOException {
        return start(options, models,
                Math.max(options.limits().bodyBytes(), Runtime.getRuntime().maxMemory() / BODIES));
    }

    /** Starts a server that keeps so many bytes of bodies at the same time. */
    static ApiServer start(ServerOptions options, ServedModels models, long bodies) throws IOException {
        ApiServer server = new ApiServer(options, models, bodies);
        server.http.start();
        return server;
    }

    private Router router(ServerOptions options, ServedModels models, BodyBudget bodies) throws IOException {
        Metrics metrics = new Metrics();
        TextEndpoint text = new TextEndpoint(models, limits, admission, metrics, () -> cutting);
        byte[] page = resource("chat.html");
        return new Router(options, deadlines, metrics, bodies)
                .add("POST", "/v1/chat/completions", text.chat())
                .add("POST", "/v1/completions", text.completions())
                .add("POST", "/v1/embeddings", new EmbeddingsEndpoint(models, limits, admission, metrics))
                .add("POST", "/v1/classify", new ClassifyEndpoint(models, limits, admission))
                .add("POST", "/v1/detect", new DetectEndpoint(models, limits, admission))
                .add("GET", "/v1/models", (_, reply) -> reply.json(200, models.toJson()))
                .add("GET", "/v1/models/*", (request, reply) -> reply.json(200,
                        models.toJson(request.path().substring("/v1/models/".length()))))
                .add("GET", "/metrics", (_, reply) -> reply.bytes(200, "text/plain; version=0.0.4; charset=utf-8",
                        metrics.text(admission, open::get).getBytes(StandardCharsets.UTF_8)))
                .addOpen("GET", "/health", (_, reply) -> health(reply))
                .addOpen("GET", "/", (_, reply) -> {
                    reply.headers().set("Content-Security-Policy",
                            "default-src 'none'; img-src data:; script-src 'unsafe-inline';"
                                    + " style-src 'unsafe-inline'; connect-src 'self'; frame-ancestors 'none'");
                    reply.bytes(200, "text/html; charset=utf-8", page);
                });
    }

    private static byte[] resource(String name) throws IOException {
        try (InputStream in = ApiServer.class.getResourceAsStream(name)) {
            return in.readAllBytes();
        }
    }

    private void health(Reply reply) {
        if (admission.isStopped()) {
            throw Admission.stopping();
        }
        Map<String, Object> state = new LinkedHashMap<>();
        state.put("status", "ok");
        state.put("running", admission.running());
        state.put("waiting", admission.waiting());
        reply.json(200, state);
    }

    /** Runs an exchange, whose request has to arrive in time. What this throws closes the connection. */
    private void inVirtualThread(Runnable exchange) {
        if (open.incrementAndGet() > limits.requests()) {
            open.decrementAndGet();
            throw new RejectedExecutionException("more requests at once than " + limits.requests());
        }
        Thread.ofVirtual().name("bitlab-serve-request").start(() -> {
            deadlines.set(limits.requestTime());
            try {
                exchange.run();
            } finally {
                deadlines.clear();
                open.decrementAndGet();
            }
        });
    }

    /**
     * The address of the server.
     *
     * @return such as {@code http://127.0.0.1:8080}
     */
    public URI uri() {
        InetSocketAddress address = http.getAddress();
        String host = address.getAddress().getHostAddress().replaceFirst("^(0:){7}1$", "::1");
        return URI.create("http://" + (host.contains(":") ? "[" + host.replaceFirst("%.*", "") + "]" : host) + ":"
                + address.getPort());
    }

    /**
     * Stops: refuses new requests with status 503, waits for the answers that have begun, then cuts those that have not
     * ended, and closes the connections. Further calls do nothing.
     *
     * @param patience how long to wait before answers are cut
     */
    public synchronized void close(Duration patience) {
        if (closed) {
            return;
        }
        closed = true;
        admission.stop();
        awaitAnswers(patience);
        cutting = true;
        awaitAnswers(
                limits.writeTime().compareTo(Duration.ofSeconds(2)) < 0 ? limits.writeTime() : Duration.ofSeconds(2));
        http.stop(0);
        deadlines.close();
    }

    private void awaitAnswers(Duration patience) {
        long end = System.nanoTime() + patience.toNanos();
        try {
            while (open.get() > 0 && System.nanoTime() - end < 0) {
                Thread.sleep(POLL);
            }
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt(); // in a hurry: cuts at once
        }
    }

    /** Stops without waiting for answers. */
    @Override
    public void close() {
        close(Duration.ZERO);
    }
}
