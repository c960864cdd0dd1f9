/**
 * The layers of ternary networks.
 *
 * <p>A {@link io.bitlab.layers.Layer} has named parameters and named children, and a {@code forward} in plain Java. The
 * names give it everything else: gradients and optimisers, the switch between training, evaluation and deployment,
 * saving and loading. Your own network is a subclass:
 *
 * {@snippet class="io.bitlab.layers.snippets.LayersSnippets" region="layer"}
 *
 * <p>Use it as one function from tensors to tensors:
 *
 * {@snippet class="io.bitlab.layers.snippets.LayersSnippets" region="network"}
 *
 * <p>The first axis of an input is the batch, the last one the features. Layers work on the last axis and accept any
 * number of axes before it. Layers for images, such as {@link io.bitlab.layers.BitConv2d}, take
 * {@code [n, channels, height, width]}.
 *
 * <p>{@link io.bitlab.layers.BitLinear} and {@code BitConv2d} are the ternary layers. {@link io.bitlab.layers.Linear}
 * and {@link io.bitlab.layers.Conv2d} are their float counterparts, which {@code convert.Ternarizer} turns into ternary
 * ones. {@link io.bitlab.layers.Layer#freeze()} excludes parts of a network from training,
 * {@link io.bitlab.layers.Layer#observe} shows what each layer returns, and several layers may share a
 * {@link io.bitlab.layers.Parameter}.
 */
package io.bitlab.layers;
