/**
 * Quantisation: from floats to trits and int8, and the canonical ternary matrix.
 *
 * {@snippet class="io.bitlab.core.snippets.QuantSnippets" region="overview"}
 *
 * <p>{@link io.bitlab.core.quant.TernaryQuantizer} and {@link io.bitlab.core.quant.ActivationQuantizer} give the
 * formulas and are written for reading. A kernel multiplies the two results ({@code io.bitlab.core.kernel}).
 */
package io.bitlab.core.quant;
