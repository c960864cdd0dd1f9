/**
 * Work on several cores: {@link io.bitlab.core.parallel.Parallel} splits a range of independent items.
 *
 * <p>The library's large operations split their output rows over {@code Parallel.current()}, which is the process-wide
 * {@code Parallel.shared()} unless the caller bound another one:
 *
 * {@snippet :
 * try (Parallel two = Parallel.of(2)) {
 *     Tensor y = two.call(() -> model.forward(x)); // on two threads, the caller's among them
 * }
 * Tensor z = Parallel.sequential().call(() -> model.forward(x)); // the same bits, on the calling thread alone
 * }
 */
package io.bitlab.core.parallel;
