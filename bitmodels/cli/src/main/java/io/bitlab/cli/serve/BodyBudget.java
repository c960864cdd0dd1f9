package io.bitlab.cli.serve;

import java.util.concurrent.atomic.AtomicLong;

/** The bytes of all bodies that are kept at the same time: no number of clients together can fill the memory. */
final class BodyBudget {

    private final long most;
    private final AtomicLong kept = new AtomicLong();

    BodyBudget(long most) {
        this.most = most;
    }

    /**
     * Takes room for bytes that are about to be kept.
     *
     * @throws ApiError with status 503 if there is none
     */
    void take(int bytes) {
        if (kept.addAndGet(bytes) > most) {
            kept.addAndGet(-bytes);
            throw ApiError.unavailable("the requests that are open have as many bytes as the server keeps at the same"
                    + " time; try again later");
        }
    }

    /** Returns the room of bytes that are no longer kept. */
    void give(int bytes) {
        kept.addAndGet(-bytes);
    }
}
