package io.bitlab.cli.serve;

import java.time.Duration;

/**
 * What a server takes on at most.
 *
 * @param running answers that are computed at the same time, at least 1
 * @param queued further requests that wait for their turn, at least 0; more are refused with status 429
 * @param queueTime how long one waits before it is refused with status 503
 * @param requests requests at once, those that are still arriving and the waiting ones included, at least 1; the
 *     connections of more are closed
 * @param requestTime how long a request, body included, may take to arrive; then its connection is closed
 * @param bodyBytes the size of a request's body, at least 1
 * @param tokens tokens of an answer, and their number if the request does not say any, at least 1
 * @param promptTokens tokens of a prompt, at least 1
 * @param answerTime how long an answer may take once it has begun; then it is cut
 * @param writeTime how long a client may take to accept a part of an answer; then its connection is closed
 * @param imagePixels pixels of a picture
 */
public record ServerLimits(int running, int queued, Duration queueTime, int requests, Duration requestTime,
        int bodyBytes, int tokens, int promptTokens, Duration answerTime, Duration writeTime, long imagePixels) {

    /** 4 answers at once, 64 in the queue for up to 30 s, bodies of 8 MiB, answers of 1024 tokens and 5 minutes. */
    public static final ServerLimits DEFAULTS = new ServerLimits(4, 64, Duration.ofSeconds(30), 1024,
            Duration.ofSeconds(30), 8 << 20, 1024, 16_384, Duration.ofMinutes(5), Duration.ofSeconds(20), 16_000_000);

    /**
     * Checks the limits.
     *
     * @throws IllegalArgumentException if one is less than its minimum; the message names it
     */
    public ServerLimits {
        require("running", running, 1);
        require("queued", queued, 0);
        require("requests", requests, 1);
        require("bodyBytes", bodyBytes, 1);
        require("tokens", tokens, 1);
        require("promptTokens", promptTokens, 1);
        require("queueTime in milliseconds", queueTime.toMillis(), 0);
        require("requestTime in milliseconds", requestTime.toMillis(), 1);
        require("answerTime in milliseconds", answerTime.toMillis(), 1);
        require("writeTime in milliseconds", writeTime.toMillis(), 1);
        require("imagePixels", imagePixels, 1);
    }

    private static void require(String name, long value, long minimum) {
        if (value < minimum) {
            throw new IllegalArgumentException(
                    "ServerLimits: " + name + " is " + value + ", expected at least " + minimum);
        }
    }

    /**
     * The same with other numbers of answers.
     *
     * @param atOnce as {@link #running}
     * @param waiting as {@link #queued}
     * @param wait as {@link #queueTime}
     * @return the changed copy
     */
    public ServerLimits withAnswers(int atOnce, int waiting, Duration wait) {
        return new ServerLimits(atOnce, waiting, wait, requests, requestTime, bodyBytes, tokens, promptTokens,
                answerTime, writeTime, imagePixels);
    }

    /**
     * The same with other limits of requests.
     *
     * @param atOnce as {@link #requests}
     * @param time as {@link #requestTime}
     * @param bytes as {@link #bodyBytes}
     * @return the changed copy
     */
    public ServerLimits withRequests(int atOnce, Duration time, int bytes) {
        return new ServerLimits(running, queued, queueTime, atOnce, time, bytes, tokens, promptTokens, answerTime,
                writeTime, imagePixels);
    }

    /**
     * The same with other limits of an answer.
     *
     * @param most as {@link #tokens}
     * @param time as {@link #answerTime}
     * @param write as {@link #writeTime}
     * @return the changed copy
     */
    public ServerLimits withAnswer(int most, Duration time, Duration write) {
        return new ServerLimits(running, queued, queueTime, requests, requestTime, bodyBytes, most, promptTokens, time,
                write, imagePixels);
    }
}
