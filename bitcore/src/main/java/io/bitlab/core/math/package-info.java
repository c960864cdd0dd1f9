/**
 * Float arithmetic in a defined order, and the library's only source of random numbers.
 *
 * <p>{@link io.bitlab.core.math.FloatMath} multiplies matrices and sums vectors. Its Javadoc defines the order of
 * additions behind each result, so that tiles, vector widths and threads never change a bit.
 * {@link io.bitlab.core.math.Elementary} computes {@code exp}, {@code log}, {@code tanh} and others with its own
 * polynomials, because the results of the JDK's may differ between machines.
 * {@link io.bitlab.core.math.CounterRandom} computes random number n of a stream from seed, stream and n alone, so that
 * results don't depend on the order in which threads draw.
 *
 * {@snippet class="io.bitlab.core.snippets.MathSnippets" region="random"}
 */
package io.bitlab.core.math;
