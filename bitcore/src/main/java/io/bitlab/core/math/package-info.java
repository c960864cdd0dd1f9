/**
 * Float arithmetic with one defined order, and the one source of random numbers.
 *
 * <p>{@link io.bitlab.core.math.FloatMath} multiplies matrices and sums vectors: each result has one chain or tree of
 * additions, stated in its Javadoc, so that tiles, vector widths and threads never change a bit.
 * {@link io.bitlab.core.math.Elementary} has {@code exp}, {@code log}, {@code tanh} as polynomials of our own: the
 * JDK's are allowed to differ from machine to machine. {@link io.bitlab.core.math.CounterRandom} computes the n-th
 * random number of a stream from (seed, stream, n) alone, so nothing depends on the order in which threads ask.
 */
package io.bitlab.core.math;
