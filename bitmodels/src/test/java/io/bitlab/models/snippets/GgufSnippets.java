package io.bitlab.models.snippets;

import io.bitlab.core.quant.TernaryMatrix;
import io.bitlab.models.io.gguf.GgufFile;
import io.bitlab.models.io.gguf.GgufType;
import io.bitlab.models.io.gguf.GgufValueType;
import io.bitlab.models.io.gguf.GgufWriter;
import java.io.IOException;
import java.nio.file.Path;

/** Snippets of the Javadoc of {@code io.bitlab.models.io.gguf}. */
final class GgufSnippets {

    private GgufSnippets() {}

    static float read() throws IOException {
        // @start region="read"
        try (GgufFile file = GgufFile.open(Path.of("model.gguf"))) {
            Object layers = file.metadata().get("bitnet-b1.58.block_count"); // a Long
            TernaryMatrix query = file.ternary("blk.0.attn_q.weight");
            float[] norm = file.floats("blk.0.attn_norm.weight");
            float[] token = new float[2560];
            file.floats("token_embd.weight", 17L * token.length, token); // one row
            System.out.println(layers + " layers, the first is " + query);
            return norm[0] * token[0];
        }
        // @end
    }

    static void write(TernaryMatrix query, float[] norm) throws IOException {
        // @start region="write"
        new GgufWriter()
                .put("general.architecture", "bitnet-b1.58")
                .put("bitnet-b1.58.block_count", GgufValueType.U32, 30)
                .ternary("blk.0.attn_q.weight", GgufType.I2_S, 2560, 2560, () -> query)
                .floats("blk.0.attn_norm.weight", GgufType.F32, () -> norm, 2560)
                .write(Path.of("model.gguf"));
        // @end
    }
}
