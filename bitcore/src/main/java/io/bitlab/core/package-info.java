/**
 * How a ternary network is quantised: the configuration that layers, kernels and files share.
 *
 * <p>A ternary (1.58-bit) layer stores each weight as -1, 0 or +1 times a scale, and usually rounds its inputs to int8.
 * {@link io.bitlab.core.BitQuantConfig} controls both. {@link io.bitlab.core.BitQuantConfig#defaults()} follows the
 * BitNet papers and suits most networks:
 *
 * {@snippet class="io.bitlab.core.snippets.CoreSnippets" region="json"}
 *
 * <p>The packages below build on it: {@code quant} has the formulas of quantisation, {@code kernel} the ternary matrix
 * multiplication, {@code tensor} and {@code ops} dense arrays with gradients.
 */
package io.bitlab.core;
