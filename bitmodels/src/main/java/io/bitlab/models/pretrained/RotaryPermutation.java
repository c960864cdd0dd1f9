package io.bitlab.models.pretrained;

import io.bitlab.core.ops.RotaryEmbedding.Pairing;
import io.bitlab.core.quant.TernaryMatrix;
import io.bitlab.models.transformer.BitTransformerConfig;

/**
 * Permutes the rows of query and key projections, so that the same features of a head are rotated together with another
 * pairing: i and i + d / 2 with {@link Pairing#HALVES}, 2i and 2i + 1 with {@link Pairing#ADJACENT}, which llama.cpp
 * uses for architecture llama.
 */
final class RotaryPermutation {

    private RotaryPermutation() {
    }

    /**
     * Converts a projection to another pairing.
     *
     * @param name its name in the model
     * @param matrix the projection; not modified
     * @param config the model's configuration, with the current pairing
     * @param pairing the pairing to convert to
     * @return the permuted matrix; the same matrix if the pairing is already right, or it is neither query nor key
     */
    static TernaryMatrix apply(String name, TernaryMatrix matrix, BitTransformerConfig config,
            Pairing pairing) {
        boolean rotated = name.endsWith("self_attn.q_proj.weight") || name.endsWith("self_attn.k_proj.weight");
        if (!rotated || config.ropePairing() == pairing) {
            return matrix;
        }
        int half = config.headDim() / 2;
        TernaryMatrix[] rows = new TernaryMatrix[matrix.outFeatures()];
        for (int row = 0; row < rows.length; row++) {
            int head = row / config.headDim() * config.headDim();
            int i = row % config.headDim();
            int from = pairing == Pairing.ADJACENT ? i % 2 * half + i / 2 : i % half * 2 + i / half;
            rows[row] = matrix.rows(head + from, head + from + 1);
        }
        TernaryMatrix permuted = TernaryMatrix.stack(rows);
        return matrix.scales().length > 1 ? permuted : TernaryMatrix.fromPacked(permuted.packed(), matrix.outFeatures(),
                matrix.inFeatures(), matrix.scales());
    }
}
