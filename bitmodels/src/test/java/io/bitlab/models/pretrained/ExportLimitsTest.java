package io.bitlab.models.pretrained;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.bitlab.core.ActivationDtype;
import io.bitlab.core.BitQuantConfig;
import io.bitlab.core.Granularity;
import io.bitlab.models.AutoBitModel;
import io.bitlab.models.transformer.BitTransformer;
import io.bitlab.models.transformer.BitTransformerConfig;
import io.bitlab.models.transformer.HiddenAct;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** A format fits exactly the models that it is said to fit, and a refusal names formats that work. */
class ExportLimitsTest {

    private static final ExportOptions ROUNDED = ExportOptions.defaults().withRounding(true);

    @TempDir
    Path folder;

    // ---------------------------------------------------------------- presets

    /** The preset with fewer blocks and tokens. */
    private static BitTransformerConfig shorter(BitTransformerConfig c, int hiddenSize, int heads) {
        int width = c.intermediateSize() * hiddenSize / c.hiddenSize();
        return BitTransformerConfig.builder(50, hiddenSize, 1, heads)
                .numKeyValueHeads(heads * c.numKeyValueHeads() / c.numAttentionHeads())
                .intermediateSize(width).ropeTheta(c.ropeTheta()).embeddingFormat(c.embeddingFormat()).build();
    }

    static Stream<Arguments> presets() {
        BitTransformerConfig large = BitTransformerConfig.bitnet2B4T();
        BitTransformerConfig small = BitTransformerConfig.small(50);
        BitTransformerConfig base = BitTransformerConfig.base(50);
        List<ExportFormat> all = List.of(ExportFormat.values());
        return Stream.of(
                Arguments.of("character", BitTransformerConfig.character(50),
                        List.of(ExportFormat.BITLAB, ExportFormat.HUGGING_FACE)),
                Arguments.of("small", shorter(small, small.hiddenSize(), small.numAttentionHeads()), all),
                Arguments.of("base", shorter(base, base.hiddenSize(), base.numAttentionHeads()), all),
                // a fifth as wide, 512, is as much a multiple of 256 as 2560; 6912 / 5 is none, 1536 is
                Arguments.of("bitnet2B4T", shorter(large, 512, 4).toBuilder().numKeyValueHeads(1)
                        .intermediateSize(1536).build(), all));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("presets")
    void presetsAreExportedToEveryFormatThatFits(String preset, BitTransformerConfig config,
            List<ExportFormat> expected) throws IOException {
        assertEquals(expected, ExportFormat.fitting(config), preset);
        assertFits(config);
    }

    @Test
    void thePresetsThemselvesFit() {
        List<ExportFormat> all = List.of(ExportFormat.values());
        assertEquals(all, ExportFormat.fitting(BitTransformerConfig.small(32_000)));
        assertEquals(all, ExportFormat.fitting(BitTransformerConfig.base(32_000)));
        assertEquals(all, ExportFormat.fitting(BitTransformerConfig.bitnet2B4T()));
    }

    @Test
    void defaultWidthsFitHuggingFaceAndFrom256OnAllFormats() {
        for (int hiddenSize = 8; hiddenSize <= 2048; hiddenSize += 8) {
            List<ExportFormat> fitting =
                    ExportFormat.fitting(BitTransformerConfig.builder(50, hiddenSize, 1, 1).build());
            assertTrue(fitting.contains(ExportFormat.HUGGING_FACE), hiddenSize + ": " + fitting);
            assertEquals(hiddenSize >= 256 && hiddenSize % 128 == 0, fitting.contains(ExportFormat.I2_S));
            assertEquals(hiddenSize % 256 == 0, fitting.contains(ExportFormat.TQ2_0));
        }
    }

    // ---------------------------------------------------------------- claims

    static Stream<BitTransformerConfig> configs() {
        BitTransformerConfig fits = BitTransformerConfig.builder(50, 256, 1, 4).build();
        Stream<UnaryOperator<BitTransformerConfig.Builder>> changes = Stream.of(
                b -> b.intermediateSize(682), b -> b.intermediateSize(684), b -> b.intermediateSize(640),
                b -> b.headDim(32), b -> b.subNorms(false), b -> b.tieWordEmbeddings(false),
                b -> b.hiddenAct(HiddenAct.SILU), b -> b.hiddenAct(HiddenAct.GELU),
                b -> b.hiddenAct(HiddenAct.RELU2).gated(false),
                b -> b.hiddenAct(HiddenAct.SILU).subNorms(false).tieWordEmbeddings(false),
                b -> b.hiddenAct(HiddenAct.SILU).subNorms(false).headDim(96),
                b -> b.hiddenAct(HiddenAct.SILU).subNorms(false).headDim(126).numKeyValueHeads(1),
                b -> b.quantConfig(null),
                b -> b.quantConfig(BitQuantConfig.defaults().withWeightGranularity(Granularity.PER_CHANNEL)),
                b -> b.quantConfig(BitQuantConfig.defaults().withActivationDtype(ActivationDtype.FLOAT32)));
        return Stream.concat(Stream.of(fits, BitTransformerConfig.builder(50, 36, 1, 2).build(),
                BitTransformerConfig.builder(50, 34, 1, 1).build(),
                BitTransformerConfig.builder(50, 384, 1, 4).build()),
                changes.map(change -> change.apply(fits.toBuilder()).build()));
    }

    @ParameterizedTest
    @MethodSource("configs")
    void aFormatFitsExactlyWhatItIsSaidToFit(BitTransformerConfig config) throws IOException {
        assertFits(config);
    }

    private void assertFits(BitTransformerConfig config) throws IOException {
        BitTransformer model = AutoBitModel.fromConfig(config, 3);
        for (ExportFormat format : ExportFormat.values()) {
            List<String> problems = format.problems(config);
            if (problems.isEmpty()) {
                assertRoundTrip(model, format, ROUNDED);
                continue;
            }
            String refusal = assertThrows(IllegalArgumentException.class,
                    () -> AutoBitModel.export(model, null, target(format), format, ROUNDED)).getMessage();
            assertTrue(refusal.startsWith("export as " + format + ": "), refusal);
            assertRemediesWork(model, refusal);
        }
    }

    private Path target(ExportFormat format) {
        return folder.resolve("model" + format + (format.isGguf() ? ".gguf" : ""));
    }

    private void assertRoundTrip(BitTransformer model, ExportFormat format, ExportOptions options) throws IOException {
        ExportReport report = AutoBitModel.export(model, null, target(format), format, options);
        ModelDifference difference =
                ModelDifference.between(model, AutoBitModel.load(target(format), BitTransformer.class));
        assertEquals(0, difference.trits(), format.name());
        assertEquals(0, difference.floatError(), format.name());
        assertEquals(report.scaleError(), difference.scaleError(), 1e-9, format.name());
        assertTrue(report.scaleError() <= 0x1p-11, format + ": " + report.scaleError());
    }

    /** All formats that the end of a refusal names hold the model, without rounding unless it says so. */
    private void assertRemediesWork(BitTransformer model, String refusal) throws IOException {
        boolean isFloat = model.config().quantConfig() == null;
        assertEquals(isFloat, !refusal.contains("; write "), refusal);
        if (isFloat) {
            return;
        }
        String[] parts = refusal.substring(refusal.indexOf("; write ") + 8).split("; or, with rounding, ");
        for (int i = 0; i < parts.length; i++) {
            for (String name : parts[i].split(", | or ")) {
                assertRoundTrip(model, ExportFormat.valueOf(name), i == 0 ? ExportOptions.defaults() : ROUNDED);
            }
        }
    }

    // ---------------------------------------------------------------- words

    @Test
    void aRefusalNamesTheSizeAndOnlyFormatsThatFit() {
        BitTransformer model =
                AutoBitModel.fromConfig(BitTransformerConfig.builder(50, 256, 1, 4).intermediateSize(682).build(), 3);
        for (ExportFormat format : ExportFormat.values()) {
            if (format != ExportFormat.BITLAB) {
                String expected = switch (format) {
                    case HUGGING_FACE -> "intermediate_size is 682: matrices of 682 rows, expected a multiple of 4, "
                            + "because four rows share a byte; write BITLAB";
                    case I2_S -> "intermediate_size is 682: rows of 682 weights, expected a multiple of the 128 that "
                            + "are packed together; write BITLAB";
                    default -> "intermediate_size is 682: rows of 682 weights, expected a multiple of the 256 that "
                            + "share a scale; write BITLAB";
                };
                assertEquals("export as " + format + ": " + expected, assertThrows(IllegalArgumentException.class,
                        () -> AutoBitModel.export(model, null, target(format), format, ROUNDED)).getMessage());
            }
        }
    }

    @Test
    void scalesThatAreNoHalvesNameBothWaysOut() {
        BitTransformer model = AutoBitModel.fromConfig(BitTransformerConfig.builder(50, 256, 1, 4).build(), 3);
        String refusal = assertThrows(IllegalArgumentException.class,
                () -> AutoBitModel.export(model, null, target(ExportFormat.TQ1_0), ExportFormat.TQ1_0)).getMessage();
        assertTrue(refusal.contains("which is no F16 number") && refusal.contains("; allow rounding, with a relative"),
                refusal);
        assertTrue(refusal.endsWith("; write BITLAB, HUGGING_FACE or I2_S; or, with rounding, TQ2_0"), refusal);
    }

    @Test
    void aModelThatIsBuiltSaysWhereItCannotGo() {
        String line = ExportFormat.describe(BitTransformerConfig.character(65)).orElseThrow();
        assertTrue(line.startsWith("This model can be exported as BITLAB, HUGGING_FACE. Not as TQ1_0 or TQ2_0: "
                + "hidden_size is 128: rows of 128 weights, expected a multiple of the 256 that share a scale; "
                + "intermediate_size is 344: "), line);
        assertTrue(line.contains(". Not as I2_S: intermediate_size is 344: rows of 344 weights"), line);
        assertTrue(ExportFormat.describe(BitTransformerConfig.small(65)).isEmpty());
        assertTrue(ExportFormat.describe(BitTransformerConfig.character(65).floatTwin()).isEmpty());
        assertEquals(List.of(), ExportFormat.fitting(BitTransformerConfig.character(65).floatTwin()));
    }
}
