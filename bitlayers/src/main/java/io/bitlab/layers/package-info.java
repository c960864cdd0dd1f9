/**
 * What a network is made of.
 *
 * <p>A {@link io.bitlab.layers.Layer} has named parameters and named children, and a {@code forward} in plain Java.
 * Everything else follows from the names: gradients and optimisers, the switch between training, evaluation and
 * deployment, saving and loading. A network of one's own is a subclass:
 *
 * <pre>{@code
 * final class Net extends Layer {
 *     private final Layer first = child("first", BitLinear.builder(784, 256).build());
 *     private final Layer second = child("second", BitLinear.builder(256, 10).build());
 *
 *     @Override
 *     public Tensor forward(Tensor x) {
 *         return second.forward(first.forward(x).relu());
 *     }
 * }
 * }</pre>
 *
 * <p>The first axis of an input is the batch, the last one the features; layers work on the last axis and take any
 * number of axes before it.
 */
package io.bitlab.layers;
