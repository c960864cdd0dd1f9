package io.bitlab.cli.serve;

import com.sun.net.httpserver.Headers;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;

/**
 * Who may use the server. Web pages that the user happens to visit can send requests to this machine: by their origin,
 * which browsers add, and, after they have pointed a name of their own to this machine (DNS rebinding), by the host.
 */
final class AccessRules {

    private static final Pattern LOOPBACK =
            Pattern.compile("(localhost|127(\\.\\d{1,3}){3}|\\[::1]|\\[(0:){7}1])(:\\d{1,5})?");
    private static final String BEARER = "bearer ";

    private final ServerOptions options;

    AccessRules(ServerOptions options) {
        this.options = options;
    }

    /**
     * Refuses requests of web pages elsewhere.
     *
     * @throws ApiError with status 403
     */
    void requireOwnPage(Headers request) {
        List<String> hosts = request.getOrDefault("Host", List.of());
        if (options.address().getAddress().isLoopbackAddress()
                && !hosts.stream().allMatch(host -> LOOPBACK.matcher(host.toLowerCase(Locale.ROOT)).matches())) {
            throw ApiError.refused(403, "host_not_allowed",
                    "the Host header does not name this machine, expected localhost or 127.0.0.1: the server listens on"
                            + " the loopback interface only");
        }
        for (String origin : request.getOrDefault("Origin", List.of())) {
            if (!isAllowed(origin) && !hosts.contains(origin.replaceFirst("^https?://", ""))) {
                throw ApiError.refused(403, "origin_not_allowed",
                        "web pages of another origin may not use this server; --allow-origin permits one");
            }
        }
    }

    /** Whether it is the origin whose pages may use the server. */
    boolean isAllowed(String origin) {
        return origin != null && options.allowedOrigin().filter(origin::equals).isPresent();
    }

    /**
     * Refuses clients without the key.
     *
     * @throws ApiError with status 401
     */
    void requireKey(Headers request) {
        if (options.key().isEmpty()) {
            return;
        }
        String shown = request.getFirst("Authorization");
        boolean bearer = shown != null && shown.regionMatches(true, 0, BEARER, 0, BEARER.length());
        if (!bearer || !options.key().get().equalsKey(shown.substring(BEARER.length()).strip())) {
            throw ApiError.refused(401, "invalid_api_key",
                    "the API key is missing or wrong, expected the header 'Authorization: Bearer KEY'");
        }
    }
}
