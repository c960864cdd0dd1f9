/**
 * Everything that uses the Vector API (Panama): ternary kernels, the loops of the quantisers and of embedding tables,
 * float arithmetic. No other package imports {@code jdk.incubator.vector}. The counterpart of an interface {@code Name}
 * is the class {@code VectorName} here, which {@link io.bitlab.core.platform.VectorPlatform#counterpartOf} loads only
 * where the API is present and compiled well.
 *
 * <p>Nothing here defines a result. Each class has a scalar counterpart, which it equals to the bit: the kernels have
 * {@code io.bitlab.core.kernel.ScalarKernel}, the quantisers {@link io.bitlab.core.quant.loops.QuantizerLoops.Scalar},
 * the float arithmetic the scalar form of {@link io.bitlab.core.math.FloatMath}. Where each lane is one output, the
 * order of additions is that of the scalar loop, whatever the width.
 *
 * <p>Rules for code here: species in static final fields; one hot loop per method, which stores its accumulators
 * itself; no vector passed to a method that C2 might not inline; only operations that the test {@code VectorOperations}
 * checks.
 */
package io.bitlab.core.vector;
