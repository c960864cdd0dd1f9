/** A ternary multi-layer perceptron: {@link io.bitlab.models.mlp.BitMlp} and its configuration. */
package io.bitlab.models.mlp;
