/**
 * The HTTP server of {@code bitlab serve}: OpenAI's interface for text, and two endpoints for pictures.
 *
 * <p>A request passes, in this order: {@link io.bitlab.cli.serve.ApiServer} (connection, deadline for its arrival),
 * {@code Router} (access, path, errors), an endpoint such as {@code TextEndpoint} (what is asked), {@code Admission}
 * (its turn to compute), the model, and {@code Reply}. Connections are served by virtual threads, which only wait;
 * everything that computes runs in a platform thread of an admitted request, so that the rest keeps answering.
 */
package io.bitlab.cli.serve;
