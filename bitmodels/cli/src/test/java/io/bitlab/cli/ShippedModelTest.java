package io.bitlab.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.bitlab.core.tensor.Tensor;
import io.bitlab.models.AutoBitModel;
import io.bitlab.models.pretrained.ExportFormat;
import io.bitlab.models.pretrained.ExportOptions;
import io.bitlab.models.pretrained.ModelDifference;
import io.bitlab.models.tokenizer.Tokenizer;
import io.bitlab.models.tokenizer.Tokenizers;
import io.bitlab.models.transformer.BitTransformer;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What can be done with the model of Moby-Dick. */
class ShippedModelTest {

    private static final Path SHIPPED = Path.of("src/main/resources/io/bitlab/cli/moby-dick");

    @TempDir
    Path folder;

    private BitTransformer shipped() throws IOException {
        return AutoBitModel.load(SHIPPED, BitTransformer.class);
    }

    @Test
    void fitsEveryFormat() throws IOException {
        assertEquals(List.of(ExportFormat.values()), ExportFormat.fitting(shipped().config()));
    }

    @Test
    void isExportedWithItsTokenizer() throws IOException {
        BitTransformer model = shipped();
        Tokenizer tokenizer = Tokenizers.ofModel(SHIPPED);
        AutoBitModel.export(model, tokenizer, folder.resolve("own"), ExportFormat.BITLAB);
        assertTrue(ModelDifference.between(model, AutoBitModel.load(folder.resolve("own"), BitTransformer.class))
                .isNone());
        assertEquals(tokenizer.toMap(), Tokenizers.ofModel(folder.resolve("own")).toMap());
    }

    /** The ternary weights are the same; scales may be rounded, to at most 8 bits of their mantissa. */
    @ParameterizedTest
    @EnumSource
    void comesBackFromEveryFormat(ExportFormat format) throws IOException {
        BitTransformer model = shipped();
        Path target = folder.resolve("model" + (format.isGguf() ? ".gguf" : ""));
        AutoBitModel.export(model, null, target, format, ExportOptions.defaults().withRounding(true));
        BitTransformer again = AutoBitModel.load(target, BitTransformer.class);
        int[] ids = Tokenizers.ofModel(SHIPPED).encode("Call me Ishmael. Some years ago");
        float[] values = new float[ids.length];
        for (int i = 0; i < ids.length; i++) {
            values[i] = ids[i];
        }
        Tensor tokens = Tensor.of(values, ids.length);
        float[] expected = model.forward(tokens).toArray();
        float[] found = again.forward(tokens).toArray();
        double error = 0;
        double size = 0;
        for (int i = 0; i < expected.length; i++) {
            error += (found[i] - expected[i]) * (found[i] - expected[i]);
            size += expected[i] * expected[i];
        }
        assertTrue(error <= 0.02 * 0.02 * size, format + ": " + Math.sqrt(error / size));
    }
}
