package io.bitlab.benchmarks.tools;

import io.bitlab.core.embedding.EmbeddingFormat;
import io.bitlab.core.embedding.EmbeddingTable;
import io.bitlab.core.math.CounterRandom;
import io.bitlab.core.quant.TernaryMatrix;
import io.bitlab.core.tensor.Tensor;
import io.bitlab.layers.Embedding;
import io.bitlab.layers.Layer;
import io.bitlab.layers.StateDict;
import io.bitlab.layers.TernaryLayer;
import io.bitlab.models.transformer.BitTransformer;
import io.bitlab.models.transformer.BitTransformerConfig;
import java.util.Arrays;
import java.util.Map;
import java.util.SplittableRandom;

/**
 * Makes deployed transformers of any size with random weights. The ternary layers get random packed trits, so that no
 * float weights are ever in memory.
 */
final class RandomTransformer {

    private RandomTransformer() {
    }

    /** A deployed model of a configuration. */
    static BitTransformer of(BitTransformerConfig config) {
        BitTransformer model = config.newModel();
        StateDict state = new StateDict();
        for (Map.Entry<String, Layer> entry : model.layers().entrySet()) {
            String path = entry.getKey() + ".";
            switch (entry.getValue()) {
                case TernaryLayer layer -> {
                    int[] shape = shape(path, config);
                    state.putDeferred(path + "weight", TernaryMatrix.class, shape, () -> ternary(path, shape));
                }
                case Embedding embedding -> {
                    int[] shape = {config.vocabSize(), config.hiddenSize()};
                    if (embedding.format() == EmbeddingFormat.FLOAT32) {
                        state.put(path + "weight", Tensor.randn(1, shape));
                    } else {
                        state.putDeferred(path + "weight", EmbeddingTable.class, shape,
                                () -> table(embedding.format(), shape));
                    }
                }
                default -> {
                    if (entry.getKey().endsWith("norm")) {
                        int width = path.contains("ffn_sub_norm") ? config.intermediateSize()
                                : path.contains("attn_sub_norm") ? config.numAttentionHeads() * config.headDim()
                                : config.hiddenSize();
                        state.put(path + "weight", Tensor.full(1f, width));
                    }
                }
            }
        }
        model.loadStateDict(state);
        return model;
    }

    private static int[] shape(String path, BitTransformerConfig c) {
        int q = c.numAttentionHeads() * c.headDim();
        int kv = c.numKeyValueHeads() * c.headDim();
        String name = path.replaceAll(".*\\.(\\w+)\\.$", "$1");
        return switch (name) {
            case "q_proj" -> new int[] {q, c.hiddenSize()};
            case "k_proj", "v_proj" -> new int[] {kv, c.hiddenSize()};
            case "o_proj" -> new int[] {c.hiddenSize(), q};
            case "down_proj" -> new int[] {c.hiddenSize(), c.intermediateSize()};
            default -> new int[] {c.intermediateSize(), c.hiddenSize()};
        };
    }

    private static TernaryMatrix ternary(String path, int[] shape) {
        SplittableRandom random = new SplittableRandom(path.hashCode());
        byte[] packed = new byte[shape[0] * Math.ceilDiv(shape[1], 5)];
        random.nextBytes(packed);
        int rowBytes = packed.length / shape[0];
        for (int i = 0; i < packed.length; i++) {
            // A byte holds five trits in base 3; the last byte of a row is padded with the trit 0, which is digit 1.
            int digits = i % rowBytes == rowBytes - 1 ? shape[1] - (rowBytes - 1) * 5 : 5;
            int below = (int) Math.pow(3, digits);
            packed[i] = (byte) ((packed[i] & 255) % below + below * ((int) Math.pow(3, 5 - digits) - 1) / 2);
        }
        return TernaryMatrix.fromPacked(packed, shape[0], shape[1], new float[] {0.02f});
    }

    private static EmbeddingTable table(EmbeddingFormat format, int[] shape) {
        EmbeddingTable.Builder builder = EmbeddingTable.builder(format, shape[0], shape[1]);
        CounterRandom random = new CounterRandom(1, 1);
        float[] row = new float[shape[1]];
        for (int i = 0; i < row.length; i++) {
            row[i] = (float) random.nextGaussian() * 0.02f;
        }
        for (int r = 0; r < shape[0]; r++) {
            row[r % row.length] = Math.clamp(-row[(r * 7 + 3) % row.length] * 1.01f, -0.1f, 0.1f);
            builder.put(r, row, 0);
        }
        return builder.build();
    }

    /** Random token ids of a model's vocabulary. */
    static int[] tokens(BitTransformerConfig config, int length) {
        int[] tokens = new int[length];
        SplittableRandom random = new SplittableRandom(9);
        Arrays.setAll(tokens, i -> random.nextInt(config.vocabSize()));
        return tokens;
    }
}
