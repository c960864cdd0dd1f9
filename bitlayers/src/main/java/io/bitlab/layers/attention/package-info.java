/**
 * The two halves of a transformer block and the memory of a conversation.
 *
 * <p>{@link io.bitlab.layers.attention.SelfAttention} mixes positions, {@link io.bitlab.layers.attention.FeedForward}
 * works on each of them; their projections are ternary. In training, whole sequences go through; in evaluation, a
 * {@link io.bitlab.layers.attention.KvCache} keeps the keys and values of what came before, so that a new token costs
 * the work of one token:
 *
 * {@snippet :
 * SelfAttention attention = SelfAttention.builder(256, 8).keyValueHeads(2).build();
 * attention.eval();
 * KvCache cache = KvCache.builder(1, 2, 32).capacity(512).build(); // one layer, two heads of 32 features
 * Tensor y = attention.forward(x, cache, 0); // x: [1, positions, 256], the positions that follow the cache's
 * cache.advance(x.length(1));
 * }
 *
 * <p>Position by position, in chunks or all at once: the results have the same bits.
 */
package io.bitlab.layers.attention;
