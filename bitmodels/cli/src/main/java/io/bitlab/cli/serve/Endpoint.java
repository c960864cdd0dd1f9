package io.bitlab.cli.serve;

import java.io.IOException;

/** Answers the requests of one path. */
@FunctionalInterface
interface Endpoint {

    /**
     * Answers a request.
     *
     * @param request what the client sent
     * @param reply receives the answer
     * @throws ApiError if the answer is an error
     * @throws IOException if the request can't be read
     */
    void answer(Request request, Reply reply) throws IOException;
}
