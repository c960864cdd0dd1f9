package io.bitlab.cli.serve;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpHandler;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.LinkedHashMap;
import java.util.Map;

/** Finds the endpoint of a request, and makes sure that every request gets an answer and is counted. */
final class Router implements HttpHandler {

    private static final Logger LOG = System.getLogger("io.bitlab.serve");
    private static final String PREFIX = "/*";

    private record Route(String method, String path, boolean needsKey, Endpoint endpoint) {
    }

    private final ServerLimits limits;
    private final AccessRules access;
    private final Deadlines deadlines;
    private final Metrics metrics;
    private final BodyBudget budget;
    private final Map<String, Route> routes = new LinkedHashMap<>();

    Router(ServerOptions options, Deadlines deadlines, Metrics metrics, BodyBudget budget) {
        this.limits = options.limits();
        this.access = new AccessRules(options);
        this.deadlines = deadlines;
        this.metrics = metrics;
        this.budget = budget;
    }

    /** Adds an endpoint. A path that ends with a slash and an asterisk stands for all paths of one more part. */
    Router add(String method, String path, Endpoint endpoint) {
        routes.put(path, new Route(method, path, true, endpoint));
        return this;
    }

    /** Adds an endpoint that everybody may use, even if the server has a key. */
    Router addOpen(String method, String path, Endpoint endpoint) {
        routes.put(path, new Route(method, path, false, endpoint));
        return this;
    }

    @Override
    public void handle(HttpExchange exchange) {
        long start = System.nanoTime();
        Request request = new Request(exchange, deadlines, limits.bodyBytes(), budget);
        Reply reply = new Reply(exchange, deadlines, limits.writeTime());
        Route route = find(request.path());
        try {
            answer(exchange, route, request, reply);
        } catch (IOException | UncheckedIOException _) {
            metrics.clientGone(); // gone, too slow, or in the middle of a request when the server stopped
        } finally {
            request.forget();
            metrics.request(route == null ? "other" : route.path, reply.status(), System.nanoTime() - start);
            deadlines.set(limits.writeTime());
            exchange.close();
            deadlines.clear();
        }
    }

    private Route find(String path) {
        Route route = routes.get(path);
        int slash = path.lastIndexOf('/');
        return route != null || slash < 0 ? route : routes.get(path.substring(0, slash) + PREFIX);
    }

    private void answer(HttpExchange exchange, Route route, Request request, Reply reply) throws IOException {
        try {
            access.requireOwnPage(exchange.getRequestHeaders());
            String method = exchange.getRequestMethod();
            if (access.isAllowed(exchange.getRequestHeaders().getFirst("Origin"))) {
                allowOrigin(exchange, reply);
                if (method.equals("OPTIONS")) {
                    reply.bytes(204, "text/plain", new byte[0]);
                    return;
                }
            }
            if (route == null) {
                throw ApiError.refused(404, "unknown_url", "there is nothing at this path, expected one of "
                        + routes.keySet());
            }
            if (!method.equals(route.method) && !(method.equals("HEAD") && route.method.equals("GET"))) {
                reply.headers().set("Allow", route.method);
                throw ApiError.refused(405, "method_not_allowed",
                        "the method " + method + " is not allowed at " + route.path + ", expected " + route.method);
            }
            if (route.needsKey) {
                access.requireKey(exchange.getRequestHeaders());
            }
            route.endpoint.answer(request, reply);
        } catch (ApiError e) {
            reply.error(e);
        } catch (RuntimeException | Error e) {
            if (e instanceof UncheckedIOException) {
                throw e;
            }
            LOG.log(Level.ERROR, "no answer to " + (route == null ? "a request" : route.path), e);
            boolean memory = e instanceof OutOfMemoryError || e.getCause() instanceof OutOfMemoryError; // a shared step
            reply.error(memory ? ApiError.unavailable("the server lacks the memory for this; try"
                    + " again later, or ask for less") : ApiError.internal());
        }
    }

    private static void allowOrigin(HttpExchange exchange, Reply reply) {
        reply.headers().set("Access-Control-Allow-Origin", exchange.getRequestHeaders().getFirst("Origin"));
        reply.headers().set("Vary", "Origin");
        String headers = exchange.getRequestHeaders().getFirst("Access-Control-Request-Headers");
        if (headers != null) {
            reply.headers().set("Access-Control-Allow-Headers", headers);
            reply.headers().set("Access-Control-Allow-Methods", "GET, POST");
            reply.headers().set("Access-Control-Max-Age", "600");
        }
    }
}
