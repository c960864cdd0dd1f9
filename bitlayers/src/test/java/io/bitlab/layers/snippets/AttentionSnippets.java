package io.bitlab.layers.snippets;

import io.bitlab.core.math.ActivationFunction;
import io.bitlab.core.ops.AttentionMask;
import io.bitlab.core.tensor.Tensor;
import io.bitlab.layers.attention.FeedForward;
import io.bitlab.layers.attention.KvBatch;
import io.bitlab.layers.attention.KvCache;
import io.bitlab.layers.attention.SelfAttention;

/** Code in the Javadoc of {@code io.bitlab.layers.attention}; {@code SnippetsTest} runs it. */
final class AttentionSnippets {

    private AttentionSnippets() {
    }

    static void selfAttention() {
        // @start region="selfAttention"
        SelfAttention attention = SelfAttention.builder(256, 8).keyValueHeads(2).subNorm(1e-5f).build();
        Tensor x = Tensor.randn(1, 2, 20, 256); // 2 sequences of 20 positions
        Tensor causal = attention.forward(x); // [2, 20, 256]
        Tensor full = attention.forward(x, AttentionMask.FULL.withLengths(20, 13)); // the second one is padded
        // @end
        causal.add(full).toArray();
    }

    static void feedForward() {
        // @start region="feedForward"
        FeedForward swiGlu = FeedForward.builder(256, 680).activation(ActivationFunction.SILU, true).build();
        Tensor y = swiGlu.forward(Tensor.randn(1, 2, 20, 256)); // [2, 20, 256]
        // @end
        y.toArray();
    }

    static void cache() {
        Tensor x = Tensor.randn(1, 1, 5, 256);
        // @start region="cache"
        SelfAttention attention = SelfAttention.builder(256, 8).keyValueHeads(2).build();
        attention.eval();
        KvCache cache = KvCache.builder(1, 2, 32).capacity(512).build(); // 1 layer, 2 heads of 32 features
        Tensor y = attention.forward(x, cache, 0); // x: [1, positions, 256], which follow those in the cache
        cache.advance(x.length(1));
        // @end
        y.toArray();
    }

    static void batch() {
        SelfAttention attention = SelfAttention.builder(256, 8).keyValueHeads(2).build();
        attention.eval();
        KvCache[] caches = {KvCache.builder(1, 2, 32).build(), KvCache.builder(1, 2, 32).build()};
        // @start region="batch"
        KvBatch batch = KvBatch.of(caches, new int[] {1, 5}); // one position of a sequence, five of another
        Tensor y = attention.forward(Tensor.randn(1, 1, batch.rows(), 256), batch, 0); // [1, 6, 256]
        batch.advance();
        // @end
        y.toArray();
    }
}
