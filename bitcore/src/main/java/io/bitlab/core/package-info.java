/**
 * How a ternary network is quantised: the configuration that every layer, kernel and file shares.
 *
 * <p>A ternary (1.58-bit) layer keeps each weight as -1, 0 or +1 times a scale, and usually rounds its inputs to int8.
 * {@link io.bitlab.core.BitQuantConfig} says how both happen; {@link io.bitlab.core.BitQuantConfig#defaults()} is what
 * the BitNet papers do, and right unless there is a reason:
 *
 * <pre>{@code
 * BitQuantConfig config = BitQuantConfig.defaults().withWeightGranularity(Granularity.PER_CHANNEL);
 * Map<String, Object> json = config.toMap();        // {weight_granularity=per_channel, weight_scale=absmean, ...}
 * BitQuantConfig same = BitQuantConfig.fromMap(json);
 * }</pre>
 *
 * <p>The packages below hold what follows from it: {@code quant} the formulas, {@code kernel} the multiplication,
 * {@code tensor} and {@code ops} dense arrays with gradients.
 */
package io.bitlab.core;
