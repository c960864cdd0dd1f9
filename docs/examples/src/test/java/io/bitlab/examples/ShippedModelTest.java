package io.bitlab.examples;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.bitlab.models.AutoBitModel;
import io.bitlab.models.ExportFormat;
import io.bitlab.models.ExportOptions;
import io.bitlab.models.ModelDifference;
import io.bitlab.models.text.Tokenizer;
import io.bitlab.models.text.Tokenizers;
import io.bitlab.models.transformer.BitTransformer;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What can be done with the model of Moby-Dick. */
class ShippedModelTest {

    private static final Path SHIPPED = Path.of("src/main/resources/io/bitlab/examples/moby-dick");

    @TempDir
    Path folder;

    private BitTransformer shipped() throws IOException {
        return AutoBitModel.load(SHIPPED, BitTransformer.class);
    }

    @Test
    void isExportedToTheFormatsThatFit() throws IOException {
        BitTransformer model = shipped();
        assertEquals(List.of(ExportFormat.BITLAB), ExportFormat.fitting(model.config()));
        Tokenizer tokenizer = Tokenizers.ofModel(SHIPPED);
        AutoBitModel.export(model, tokenizer, folder.resolve("own"), ExportFormat.BITLAB);
        assertTrue(ModelDifference.between(model, AutoBitModel.load(folder.resolve("own"), BitTransformer.class))
                .isNone());
        assertEquals(tokenizer.toMap(), Tokenizers.ofModel(folder.resolve("own")).toMap());
    }

    /** It is older than the rounding of the default width. */
    @Test
    void itsWidthKeepsItFromTheOthers() throws IOException {
        BitTransformer model = shipped();
        for (ExportFormat format : ExportFormat.values()) {
            if (format != ExportFormat.BITLAB) {
                IllegalArgumentException e = assertThrows(IllegalArgumentException.class,
                        () -> AutoBitModel.export(model, null, folder.resolve("x.gguf"), format,
                                ExportOptions.defaults().withRounding(true)));
                assertTrue(e.getMessage().startsWith("export as " + format + ": intermediate_size is 682: ")
                        && e.getMessage().endsWith("; write BITLAB"), e.getMessage());
            }
        }
        assertEquals(List.of(ExportFormat.values()),
                ExportFormat.fitting(model.config().toBuilder().intermediateSize(768).build()));
    }
}
