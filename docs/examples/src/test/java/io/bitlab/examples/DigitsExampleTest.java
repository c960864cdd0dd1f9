package io.bitlab.examples;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.bitlab.cli.data.Digits;
import io.bitlab.layers.Layer.Mode;
import io.bitlab.models.AutoBitModel;
import io.bitlab.models.mlp.BitMlp;
import io.bitlab.models.train.Dataset;
import io.bitlab.models.train.Evaluation;
import io.bitlab.models.train.TrainingListener;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.ResourceLock;
import org.junit.jupiter.api.parallel.Resources;

@ResourceLock(Resources.SYSTEM_OUT)
class DigitsExampleTest {

    private static final TrainingListener SILENT = new TrainingListener() {
    };

    @Test
    void digitsAreWhatTheAttributionSays() throws IOException {
        Dataset.Split digits = Digits.load();
        assertEquals(1797, digits.train().size() + digits.test().size());
        assertEquals(64, digits.train().featureCount());
        assertEquals(10, digits.test().classes());
        for (Dataset part : new Dataset[] {digits.train(), digits.test()}) {
            float[] pixels = part.batch(IntStream.range(0, part.size()).toArray()).data();
            float largest = 0;
            for (float pixel : pixels) {
                assertTrue(pixel >= 0 && pixel <= 1, "pixel " + pixel);
                largest = Math.max(largest, pixel);
            }
            assertEquals(1f, largest);
        }
        assertTrue(Math.abs(digits.test().size() - 0.2 * 1797) <= 10, "a fifth, rounded down in each class");
    }

    @Test
    void theMainJobPrintsItsTableAndSavesTheModel(@TempDir Path folder) throws IOException {
        PrintStream out = System.out;
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try {
            System.setOut(new PrintStream(bytes, true, StandardCharsets.UTF_8));
            DigitsExample.main(new String[] {folder.toString()});
        } finally {
            System.setOut(out);
        }
        List<String> lines = bytes.toString(StandardCharsets.UTF_8).lines().toList();
        Matcher last = Pattern.compile("ternary test accuracy: (\\d\\d\\.\\d\\d) %  float: (\\d\\d\\.\\d\\d) %")
                .matcher(lines.getLast());
        assertTrue(last.matches(), lines.getLast());
        double ternary = Double.parseDouble(last.group(1));
        double floats = Double.parseDouble(last.group(2));
        assertTrue(floats >= 96 && ternary >= floats - 2.5, lines.getLast());
        for (String form : List.of("training form", "after eval()", "after deploy()")) {
            assertEquals(1, lines.stream().filter(line -> line.startsWith("ternary, " + form)
                    && line.endsWith(" " + last.group(1) + " %")).count(), form + " in " + lines);
        }
        assertTrue(lines.stream().anyMatch(line -> line.contains("outputs are the same bits")), lines.toString());
        for (String promised : List.of("% zeros, ", "bits a weight", "deployed ", "runs on kernel '", "epoch 40/40")) {
            assertTrue(lines.stream().anyMatch(line -> line.contains(promised)), promised + " in " + lines);
        }
        BitMlp loaded = AutoBitModel.load(folder, BitMlp.class);
        assertEquals(Mode.DEPLOYED, loaded.mode());
        assertEquals(ternary, 100 * Evaluation.accuracy(loaded, Digits.load().test()), 0.006);
    }

    /** Five seeds, two networks each: about a minute. */
    @Test
    @Tag("long")
    void fiveSeeds() throws IOException {
        Dataset.Split digits = Digits.load();
        double ternary = 0;
        double floats = 0;
        for (int seed = 1; seed <= 5; seed++) {
            BitMlp twin = DigitsExample.train(DigitsExample.network().floatTwin(), digits.train(), seed, SILENT);
            BitMlp model = DigitsExample.train(DigitsExample.network(), digits.train(), seed, SILENT);
            int[] trained = Evaluation.predictions(model, digits.test());
            model.eval();
            assertArrayEquals(trained, Evaluation.predictions(model, digits.test()), "eval, seed " + seed);
            double accuracy = Evaluation.accuracy(model, digits.test());
            model.deploy();
            assertArrayEquals(trained, Evaluation.predictions(model, digits.test()), "deploy, seed " + seed);
            twin.eval();
            double twinAccuracy = Evaluation.accuracy(twin, digits.test());
            System.out.printf("seed %d: float %.2f %%, ternary %.2f %%%n", seed, 100 * twinAccuracy, 100 * accuracy);
            ternary += accuracy / 5;
            floats += twinAccuracy / 5;
        }
        System.out.printf("mean: float %.2f %%, ternary %.2f %%%n", 100 * floats, 100 * ternary);
        assertTrue(floats >= 0.97, "float twin, mean " + floats);
        assertTrue(ternary >= floats - 0.015, "ternary, mean " + ternary + ", float " + floats);
    }
}
