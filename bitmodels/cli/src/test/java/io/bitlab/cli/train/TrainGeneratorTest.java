package io.bitlab.cli.train;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.bitlab.cli.CommandRun;
import io.bitlab.cli.data.Digits;
import io.bitlab.layers.Layer;
import io.bitlab.models.AutoBitModel;
import io.bitlab.models.diffusion.BitDiTConfig;
import io.bitlab.models.diffusion.ImageGenerator;
import io.bitlab.models.image.BitImage;
import io.bitlab.models.image.ImageNormalization;
import io.bitlab.models.train.Dataset;
import io.bitlab.models.vision.BitResNetConfig;
import io.bitlab.models.vision.ClassNames;
import io.bitlab.models.vision.ImageInput;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.ResourceLock;
import org.junit.jupiter.api.parallel.Resources;

/** From handwritten digits to new ones. */
@ResourceLock(Resources.SYSTEM_OUT)
class TrainGeneratorTest {

    private static final int COUNT = 25;

    @TempDir
    Path folder;

    @Test
    void twoDigitsAreLearnedAndDrawn() throws IOException {
        Path model = folder.resolve("model");
        CommandRun.outputOf("train", "generator", "--classes", "0,1", "--patch", "2", "--features", "48", "--layers",
                "2",
                "--epochs", "45", "--batch", "32", "--rate", "4e-3", "--seed", "1", "--grid-every", "15", "--ema",
                "0.9",
                "--out", model.toString());
        assertTrue(Files.exists(model.resolve("samples-015.png")));
        assertTrue(Files.exists(model.resolve("samples.png")));
        assertEquals(8, AutoBitModel.load(model.resolve("raw"), ImageGenerator.class).config().imageInput().width());
        Path grid = folder.resolve("grid.png");
        CommandRun.outputOf("draw", model.toString(), "--label", "1", "--count", "4", "--steps", "2", "--scale",
                "2", "--out", grid.toString(), "--gif", folder.resolve("denoising.gif").toString());
        assertEquals(BitImage.read(grid).width(), BitImage.read(folder.resolve("denoising.gif")).width());
        assertEquals(4 * 2 * 8 + 5 * 2, BitImage.read(grid).width());

        ImageGenerator generator = AutoBitModel.load(model, ImageGenerator.class);
        Dataset digits = Digits.load().train();
        int right = 0;
        for (String name : List.of("0", "1")) {
            for (BitImage drawn : generator.generate(name, COUNT, 3)) {
                right += name.equals(Integer.toString(nearest(digits, drawn))) ? 1 : 0;
            }
        }
        assertTrue(right >= 0.9 * 2 * COUNT, right + " of " + 2 * COUNT + " digits are those that were asked for");
    }

    @Test
    void aModelComesAlong() throws IOException {
        Path grid = folder.resolve("grid.bmp");
        CommandRun.outputOf("draw", "--label", "ankle boot", "--count", "2", "--steps", "4", "--guided-times",
                "0.1,0.8",
                "--scale", "1", "--out", grid.toString());
        assertEquals(2 * 28 + 3 * 2, BitImage.read(grid).width());
        String inspected = CommandRun.outputOf("inspect",
                "src/main/resources/io/bitlab/cli/fashion-mnist-generator");
        assertTrue(inspected.contains("runs here, as BitDiT") && !inspected.contains("tokenizer"), inspected);
    }

    @Test
    void picturesAreMeasuredAndComparedWithTheTrainingData() throws IOException {
        ClassNames names = ClassNames.of("0", "1");
        ImageInput input = ImageInput.grey(8, 8);
        AutoBitModel.save(AutoBitModel.fromConfig(BitDiTConfig.grey28(input, names), 1), folder.resolve("generator"),
                Layer.Mode.DEPLOYED);
        AutoBitModel.save(AutoBitModel.fromConfig(BitResNetConfig.tiny(input, names), 1), folder.resolve("classifier"),
                Layer.Mode.DEPLOYED);
        Path pairs = folder.resolve("nearest.png");
        CommandRun.outputOf("evaluate", "generator", folder.resolve("generator").toString(), "--classifier",
                folder.resolve("classifier").toString(), "--samples", "8", "--steps", "1", "--guidance", "1",
                "--nearest",
                pairs.toString());
        assertEquals(10 * 2 * 8 + 11 * 2, BitImage.read(pairs).width());
    }

    /** The label of the nearest of all ten real digits. */
    private static int nearest(Dataset digits, BitImage drawn) {
        float[] pixels = drawn.toFloats(ImageNormalization.UNIT_GREY);
        int best = 0;
        double smallest = Double.POSITIVE_INFINITY;
        for (int i = 0; i < digits.size(); i++) {
            float[] digit = digits.batch(i).toArray();
            double distance = 0;
            for (int k = 0; k < digit.length; k++) {
                distance += (pixels[k] - digit[k]) * (pixels[k] - digit[k]);
            }
            if (distance < smallest) {
                smallest = distance;
                best = digits.label(i);
            }
        }
        return best;
    }
}
