package io.bitlab.models.pretrained;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.bitlab.core.ActivationDtype;
import io.bitlab.core.embedding.EmbeddingFormat;
import io.bitlab.core.quant.TernaryMatrix;
import io.bitlab.models.AutoBitModel;
import io.bitlab.models.tokenizer.ByteTokenizer;
import io.bitlab.models.transformer.BitTransformer;
import io.bitlab.models.transformer.BitTransformerConfig;
import io.bitlab.models.transformer.HiddenAct;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a format cannot hold is refused, with the reason and the remedy, and nothing is written. */
class ExportRefusedTest {

    private static final BitTransformerConfig BITNET = ExportTest.BITNET;

    @TempDir
    Path folder;

    private void assertRefused(BitTransformer model, ExportFormat format, ExportOptions options, String... parts) {
        Path target = folder.resolve(format.isGguf() ? "refused.gguf" : "refused");
        IllegalArgumentException e = assertThrows(IllegalArgumentException.class,
                () -> AutoBitModel.export(model, null, target, format, options));
        for (String part : parts) {
            assertTrue(e.getMessage().contains(part), e.getMessage());
        }
        assertFalse(Files.exists(format.isGguf() ? target : target.resolve("model.safetensors")));
    }

    /** Most file systems allow 255 bytes. */
    @Test
    void theTokenizerBesideMustHaveAPossibleName() {
        Path target = folder.resolve("m".repeat(245) + ".gguf");
        IOException e = assertThrows(IOException.class, () -> AutoBitModel.export(AutoBitModel.fromConfig(BITNET, 3),
                new ByteTokenizer(), target, ExportFormat.TQ1_0, ExportOptions.defaults().withRounding(true)));
        assertTrue(e.getMessage().contains("Nothing was written; choose a shorter name"), e.getMessage());
        assertFalse(Files.exists(target));
    }

    @Test
    void whatAFormatCannotHoldIsRefused() {
        ExportOptions defaults = ExportOptions.defaults();
        BitTransformer drawn = AutoBitModel.fromConfig(BITNET, 3);
        for (ExportFormat format : ExportFormat.values()) {
            assertRefused(new BitTransformer(BITNET.floatTwin()), format, defaults,
                    "export as " + format + ": the model has float projections");
        }
        assertRefused(drawn, ExportFormat.TQ2_0, defaults, "is no F16 number", "I2_S");
        assertRefused(drawn, ExportFormat.HUGGING_FACE, defaults.withBfloat16Scales(true), "as BF16 it would be",
                "with a relative error of", "allow rounding, or write F32 scales");
        assertRefused(drawn, ExportFormat.I2_S, defaults.withEmbeddingFormat(EmbeddingFormat.INT8),
                "model.embed_tokens.weight", "INT8",
                "allow rounding");
        assertRefused(drawn, ExportFormat.BITLAB, defaults.withEmbeddingFormat(EmbeddingFormat.BFLOAT16),
                "model.embed_tokens.weight",
                "BFLOAT16", "allow rounding");
        assertRefused(drawn, ExportFormat.HUGGING_FACE, defaults.withEmbeddingFormat(EmbeddingFormat.INT8),
                "the embedding format is INT8");
        assertRefused(drawn, ExportFormat.BITLAB, defaults.withEmbeddingFormat(EmbeddingFormat.FLOAT16),
                "the embedding format is FLOAT16, expected one of [FLOAT32, BFLOAT16, INT8, NF4]");
        for (ExportFormat format : List.of(ExportFormat.HUGGING_FACE, ExportFormat.TQ2_0)) {
            assertRefused(drawn, format, defaults.withEmbeddingFormat(EmbeddingFormat.NF4),
                    "export as " + format + ": the embedding format is NF4");
        }
        BitTransformer narrow = AutoBitModel.fromConfig(BITNET.toBuilder().intermediateSize(302).build(), 3);
        assertRefused(narrow, ExportFormat.TQ1_0, defaults, "rows of 302 weights", "a multiple of the 256",
                "share a scale; write BITLAB");
        assertRefused(narrow, ExportFormat.HUGGING_FACE, defaults, "intermediate_size is 302", "of 302 rows",
                "a multiple of 4, because four rows share a byte; write BITLAB");
        BitTransformer rows = ExportTest.withMatrices(ExportTest.model(BITNET), matrix -> {
            float[] scales = new float[matrix.outFeatures()];
            for (int i = 0; i < scales.length; i++) {
                scales[i] = 1 + i;
            }
            return TernaryMatrix.of(matrix.trits(), matrix.outFeatures(), matrix.inFeatures(), scales);
        });
        assertRefused(rows, ExportFormat.HUGGING_FACE, defaults, "has 256 scales", "write BITLAB, TQ1_0 or TQ2_0");
        assertRefused(rows, ExportFormat.I2_S, defaults, "has 256 scales, expected one",
                "write BITLAB, TQ1_0 or TQ2_0");
        BitTransformer inner = AutoBitModel.fromConfig(BITNET.toBuilder().intermediateSize(320).build(), 3);
        assertRefused(inner, ExportFormat.I2_S, defaults, "rows of 320 weights", "a multiple of the 128");
        BitTransformer untied = AutoBitModel.fromConfig(BITNET.toBuilder().tieWordEmbeddings(false).build(), 3);
        assertRefused(untied, ExportFormat.TQ2_0, defaults, "a separate output head",
                "bitnet-b1.58 has no separate head");
        BitTransformer wide = AutoBitModel.fromConfig(BITNET.toBuilder().headDim(2 * BITNET.headDim()).build(), 3);
        assertRefused(wide, ExportFormat.HUGGING_FACE, defaults, "a hidden size of 256 with sub-norms");
        assertRefused(wide, ExportFormat.I2_S, defaults, "heads whose sizes add up to the hidden size; write BITLAB");
        BitTransformer gelu = AutoBitModel.fromConfig(BITNET.toBuilder().hiddenAct(HiddenAct.GELU).build(), 3);
        assertRefused(gelu, ExportFormat.I2_S, defaults, "hidden_act is gelu with sub-norms");
        BitTransformer plain =
                AutoBitModel.fromConfig(BITNET.toBuilder().hiddenAct(HiddenAct.GELU).gated(false).build(), 3);
        assertRefused(plain, ExportFormat.HUGGING_FACE, defaults, "no gate");
        BitTransformer floats = AutoBitModel.fromConfig(BITNET.toBuilder().quantConfig(
                BITNET.quantConfig().withActivationDtype(ActivationDtype.FLOAT32)).build(), 3);
        assertRefused(floats, ExportFormat.TQ2_0, defaults, "activations are FLOAT32, expected INT8");
    }

    @Test
    void theTokenizerMustFit() {
        BitTransformer small = AutoBitModel.fromConfig(BitTransformerConfig.builder(200, 256, 1, 4).build(), 3);
        IllegalArgumentException e = assertThrows(IllegalArgumentException.class, () -> AutoBitModel.export(small,
                ExportTest.tokenizer(), folder.resolve("x"), ExportFormat.HUGGING_FACE));
        assertTrue(e.getMessage().contains("the tokenizer has 267 tokens, the model 200"), e.getMessage());
    }
}
