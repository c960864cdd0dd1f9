/**
 * What runs on the Vector API (Panama): ternary kernels, rounding of activations and float arithmetic in vectors. No
 * other package imports {@code jdk.incubator.vector}; this one is loaded by name, through {@link
 * io.bitlab.core.platform.VectorPlatform}, and only where the API is there and compiled well.
 *
 * <p>Nothing here defines a result. Each class has a scalar twin elsewhere, which it equals to the bit:
 * {@link io.bitlab.core.kernel.ScalarKernel} for the kernels, {@link io.bitlab.core.quant.loops.QuantizerLoops.Scalar} for
 * the rounding, the scalar form of {@link io.bitlab.core.math.FloatMath} for the float arithmetic. Where an output
 * stands in a lane of its own, the order of additions is that of the scalar loop, whatever the width.
 *
 * <p>To add code here: species in static final fields, one hot loop a method that stores what it carries itself, no
 * vector handed to a method that C2 might not inline, and only operations that the test {@code VectorOperations}
 * checks.
 */
package io.bitlab.core.vector;
