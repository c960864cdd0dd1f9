package io.bitlab.cli.serve;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * Where a server listens, and to whom.
 *
 * @param address host and port; port 0 for any that is free
 * @param key what clients must show; empty for none
 * @param open whether everybody who can reach the address may use the server without a key
 * @param allowedOrigin the origin of web pages that may use the server, such as {@code https://example.org}; empty for
 *     none but the server's own page
 * @param limits what it takes on
 */
public record ServerOptions(InetSocketAddress address, Optional<ApiKey> key, boolean open,
        Optional<String> allowedOrigin, ServerLimits limits) {

    private static final Pattern ORIGIN = Pattern.compile("[a-z][a-z0-9+.-]*://[A-Za-z0-9_.:\\[\\]-]+");

    /**
     * Checks the options.
     *
     * @throws IllegalArgumentException if the host is unknown, the origin is none, or other machines can reach the
     *     address and there is neither a key nor {@code open}
     */
    public ServerOptions {
        if (address.isUnresolved()) {
            throw new IllegalArgumentException(
                    "ServerOptions: the host " + address.getHostString() + " is unknown, expected one of this machine");
        }
        allowedOrigin.filter(origin -> !ORIGIN.matcher(origin).matches()).ifPresent(origin -> {
            throw new IllegalArgumentException("ServerOptions: the allowed origin is '" + origin + "', expected scheme,"
                    + " host and port as browsers send them, such as https://example.org or http://localhost:3000");
        });
        if (!address.getAddress().isLoopbackAddress() && key.isEmpty() && !open) {
            throw new IllegalArgumentException("ServerOptions: other machines can reach " + address.getHostString()
                    + ", so set an API key, or allow everybody in with --open");
        }
    }

    /**
     * On this machine only, without a key, at any free port, with the default limits.
     *
     * @return the options
     */
    public static ServerOptions local() {
        return new ServerOptions(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), Optional.empty(), false,
                Optional.empty(), ServerLimits.DEFAULTS);
    }

    /**
     * The same with a key.
     *
     * @param value what clients must show
     * @return the changed copy
     */
    public ServerOptions withKey(ApiKey value) {
        return new ServerOptions(address, Optional.of(value), open, allowedOrigin, limits);
    }

    /**
     * The same with other limits.
     *
     * @param value the limits
     * @return the changed copy
     */
    public ServerOptions withLimits(ServerLimits value) {
        return new ServerOptions(address, key, open, allowedOrigin, value);
    }

    /**
     * The same for the pages of another origin.
     *
     * @param value such as {@code https://example.org}
     * @return the changed copy
     */
    public ServerOptions withAllowedOrigin(String value) {
        return new ServerOptions(address, key, open, Optional.of(value), limits);
    }
}
