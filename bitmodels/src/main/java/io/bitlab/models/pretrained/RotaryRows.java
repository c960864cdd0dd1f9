package io.bitlab.models.pretrained;

import io.bitlab.core.ops.RotaryEmbedding.Pairing;
import io.bitlab.core.quant.TernaryMatrix;
import io.bitlab.models.transformer.BitTransformerConfig;

/**
 * The order of the rows of query and key projections. Which features of a head the rotary embedding turns together is a
 * matter of their order: with {@link Pairing#HALVES} i and i + d / 2, with {@link Pairing#ADJACENT} 2i and 2i + 1, as
 * llama.cpp wants them of llama's models.
 */
public final class RotaryRows {

    private RotaryRows() {
    }

    /**
     * A projection with its rows in another order.
     *
     * @param name its name in the model
     * @param matrix the projection; not modified
     * @param config of the model
     * @param pairing the order that is wanted
     * @return the same matrix if it has that order, or is neither query nor key
     */
    public static TernaryMatrix ordered(String name, TernaryMatrix matrix, BitTransformerConfig config,
            Pairing pairing) {
        boolean turned = name.endsWith("self_attn.q_proj.weight") || name.endsWith("self_attn.k_proj.weight");
        if (!turned || config.ropePairing() == pairing) {
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
        TernaryMatrix ordered = TernaryMatrix.stack(rows);
        return matrix.scales().length > 1 ? ordered : TernaryMatrix.fromPacked(ordered.packed(), matrix.outFeatures(),
                matrix.inFeatures(), matrix.scales());
    }
}
