/**
 * What quantising means: from floats to trits and int8, and the canonical ternary matrix.
 *
 * <pre>{@code
 * float[] w = ...;                                       // [out, in]
 * TernaryMatrix ternary = TernaryQuantizer.quantize(w, out, in, Granularity.PER_TENSOR, WeightScale.ABS_MEAN);
 * ternary.distinctValues();                              // [-1, 0, 1]
 * ternary.bitsPerWeight();                               // 1.6
 * float[] rounded = ternary.dequantize();                // trit * scale
 *
 * float[] x = ...;                                       // [rows, in]
 * QuantizedActivations q = ActivationQuantizer.quantize(x, rows, in, Granularity.PER_CHANNEL, "my layer");
 * }</pre>
 *
 * <p>The formulas stand in {@link io.bitlab.core.quant.TernaryQuantizer} and
 * {@link io.bitlab.core.quant.ActivationQuantizer} and are written for reading. A kernel multiplies the two operands
 * ({@code io.bitlab.core.kernel}).
 */
package io.bitlab.core.quant;
