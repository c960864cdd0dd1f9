package io.bitlab.models.pretrained;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.bitlab.core.embedding.EmbeddingFormat;
import io.bitlab.core.quant.TernaryMatrix;
import io.bitlab.models.AutoBitModel;
import io.bitlab.models.transformer.BitTransformer;
import io.bitlab.models.transformer.HiddenAct;
import java.io.IOException;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Whatever kinds of tables and scales a model has, each export gives the same values back, or refuses. */
class ExportKindsTest {

    @TempDir
    Path folder;

    enum Scales {
        ONE, ROWS, BLOCKS;

        TernaryMatrix rescaled(TernaryMatrix matrix) {
            int out = matrix.outFeatures();
            int in = matrix.inFeatures();
            float[] scales = new float[this == ONE ? 1 : this == ROWS ? out : out * (in / 256)];
            for (int i = 0; i < scales.length; i++) {
                scales[i] = 0.25f + i % 50 / 256f; // F16 numbers
            }
            return this == BLOCKS ? TernaryMatrix.ofBlocks(matrix.trits(), out, in, scales, 256)
                    : TernaryMatrix.of(matrix.trits(), out, in, scales);
        }
    }

    static Stream<Arguments> tablesAndFormats() {
        return EmbeddingFormat.inMemory().stream()
                .flatMap(table -> Stream.of(ExportFormat.values()).map(format -> Arguments.of(table, format)));
    }

    static Stream<Arguments> scalesAndFormats() {
        return Stream.of(Scales.values())
                .flatMap(scales -> Stream.of(ExportFormat.values()).map(format -> Arguments.of(scales, format)));
    }

    private void assertComesBack(BitTransformer model, ExportFormat format) throws IOException {
        Path target = folder.resolve(format.isGguf() ? "model.gguf" : "model");
        ExportReport report = AutoBitModel.export(model, null, target, format);
        ModelDifference difference = ModelDifference.between(model, AutoBitModel.load(target, BitTransformer.class));
        assertTrue(difference.isNone(), difference.toString());
        assertEquals(0, report.scaleError());
        assertEquals(0, report.embeddingError());
    }

    @ParameterizedTest
    @MethodSource("tablesAndFormats")
    void tables(EmbeddingFormat table, ExportFormat format) throws IOException {
        assertComesBack(ExportTest.model(ExportTest.BITNET.withEmbeddingFormat(table)), format);
        assertComesBack(ExportTest.model(ExportTest.BITNET.toBuilder().embeddingFormat(table).subNorms(false)
                .hiddenAct(HiddenAct.SILU).tieWordEmbeddings(false).build()), format);
    }

    @ParameterizedTest
    @MethodSource("scalesAndFormats")
    void scales(Scales scales, ExportFormat format) throws IOException {
        BitTransformer model = ExportTest.withMatrices(ExportTest.model(ExportTest.BITNET), scales::rescaled);
        boolean oneOnly = format == ExportFormat.HUGGING_FACE || format == ExportFormat.I2_S;
        if (scales == Scales.ONE || !oneOnly) {
            assertComesBack(model, format);
        } else {
            String refusal = assertThrows(IllegalArgumentException.class,
                    () -> AutoBitModel.export(model, null, folder.resolve("x"), format)).getMessage();
            assertTrue(refusal.endsWith("; write BITLAB, TQ1_0 or TQ2_0"), refusal);
        }
    }
}
