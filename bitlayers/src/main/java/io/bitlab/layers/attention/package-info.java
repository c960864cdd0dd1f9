/**
 * The two halves of a transformer block, and the cache of a sequence.
 *
 * <p>{@link io.bitlab.layers.attention.SelfAttention} mixes positions, {@link io.bitlab.layers.attention.FeedForward}
 * works on each of them separately; their projections are ternary. Training processes whole sequences. In evaluation, a
 * {@link io.bitlab.layers.attention.KvCache} keeps the keys and values of earlier positions, so that a new token costs
 * the work of one token:
 *
 * {@snippet class="io.bitlab.layers.snippets.AttentionSnippets" region="cache"}
 *
 * <p>Position by position, in chunks or all at once: the results have the same bits, as long as each position has its
 * own scale of activations, which is the default.
 */
package io.bitlab.layers.attention;
