package io.bitlab.cli.serve;

import java.util.concurrent.atomic.AtomicLong;

/**
 * The bytes that all open requests take together, so that no number of clients can fill the memory: those of the
 * bodies, and about those of the objects that become of them.
 */
final class BodyBudget {

    private final long most;
    private final AtomicLong kept = new AtomicLong();

    BodyBudget(long most) {
        this.most = most;
    }

    /**
     * Takes room for bytes that are about to be kept.
     *
     * @throws ApiError with status 503 if there is none at the moment, 413 if there never is
     */
    void take(long bytes) {
        if (bytes > most) {
            throw ApiError.refused(413, "request_too_large",
                    "the request alone takes more memory than the server has for all; send fewer values");
        }
        if (kept.addAndGet(bytes) > most) {
            kept.addAndGet(-bytes);
            throw ApiError.unavailable("the requests that are open have as many bytes as the server keeps at the same"
                    + " time; try again later");
        }
    }

    /** Returns the room of bytes that are no longer kept. */
    void give(long bytes) {
        kept.addAndGet(-bytes);
    }
}
