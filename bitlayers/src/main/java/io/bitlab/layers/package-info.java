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
 * number of axes before it. Layers for images, such as {@link io.bitlab.layers.BitConv2d}, take
 * {@code [n, channels, height, width]}.
 *
 * <p>{@link io.bitlab.layers.BitLinear} and {@code BitConv2d} are the ternary layers, {@link io.bitlab.layers.Linear}
 * and {@link io.bitlab.layers.Conv2d} their float twins, which {@code convert.Ternarizer} turns into them.
 * {@link io.bitlab.layers.Layer#freeze()} keeps parts of a network from being trained,
 * {@link io.bitlab.layers.Layer#observe} shows what each layer returns, and a {@link io.bitlab.layers.Parameter} may
 * stand in several layers.
 */
package io.bitlab.layers;
