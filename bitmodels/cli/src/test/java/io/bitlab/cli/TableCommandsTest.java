package io.bitlab.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.bitlab.core.math.CounterRandom;
import io.bitlab.models.io.Json;
import io.bitlab.models.io.ModelFormatException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.ResourceLock;
import org.junit.jupiter.api.parallel.Resources;

/** From a CSV file to predictions. */
@ResourceLock(Resources.SYSTEM_OUT)
@ResourceLock(Resources.SYSTEM_ERR)
class TableCommandsTest {

    @TempDir
    Path folder;

    /** Points inside and outside a circle, with their distance from its middle. */
    private Path points(int count, char separator) throws IOException {
        CounterRandom random = new CounterRandom(3, 1);
        StringBuilder csv = new StringBuilder("x,y,distance,where\n");
        for (int i = 0; i < count; i++) {
            double x = 2 * random.nextDouble() - 1;
            double y = 2 * random.nextDouble() - 1;
            double distance = Math.hypot(x, y);
            csv.append(String.format(Locale.ROOT, "%.4f,%.4f,%.4f,%s%n", x, y, distance,
                    distance < 0.75 ? "inside" : "outside"));
        }
        return Files.writeString(folder.resolve("points.csv"), csv.toString().replace(',', separator));
    }

    @Test
    void aLabelIsLearnedAndPredicted() throws IOException, ModelFormatException {
        Path model = folder.resolve("model");
        String training = CommandRun.outputOf("train", points(400, ';').toString(), "--label", "where", "--ignore",
                "distance", "--out", model.toString(), "--threads", "1");
        Matcher accuracy = Pattern.compile("held back: ([\\d.]+) %").matcher(training);
        assertTrue(accuracy.find() && Double.parseDouble(accuracy.group(1)) > 85, training);
        Path rows = Files.writeString(folder.resolve("rows.csv"), "y;x\n0;0.1\n0.9;-0.9\n");
        List<String> found = CommandRun.outputOf("predict", model.toString(), rows.toString()).lines().toList();
        assertEquals(List.of("inside", "outside"), found.stream().map(line -> line.split(" ")[0]).toList());
        String json = CommandRun.outputOf("predict", model.toString(), rows.toString(), "--json");
        Map<String, Object> first = Json.parse(json.lines().findFirst().orElseThrow(), "");
        assertEquals("inside", first.get("label"));
        assertEquals(2, ((Map<?, ?>) first.get("probabilities")).size());
    }

    @Test
    void aNumberIsLearnedAndPredicted() throws IOException {
        Path model = folder.resolve("model");
        String training = CommandRun.outputOf("train", "table", "--data", points(400, ',').toString(), "--target",
                "distance", "--ignore", "where", "--out", model.toString(), "--threads", "1");
        Matcher fit = Pattern.compile("R2 ([\\d.]+)").matcher(training);
        assertTrue(fit.find() && Double.parseDouble(fit.group(1)) > 0.7, training);
        Path rows = Files.writeString(folder.resolve("rows.csv"), "x,y\n0.05,0.05\n0.8,0.8\n");
        List<Double> found = CommandRun.outputOf("predict", model.toString(), rows.toString()).lines()
                .map(Double::valueOf).toList();
        assertTrue(found.get(0) + 0.4 < found.get(1), found::toString);
    }

    /** Which look like numbers, and texts that stand for nothing, in the training and later. */
    @Test
    void codesAndMissingTextsAreDeclared() throws IOException {
        StringBuilder csv = new StringBuilder("code,size,kind\n");
        for (int i = 0; i < 60; i++) {
            csv.append(i % 3 == 0 ? "0117" : "4711").append(i % 7 == 0 ? ",NA," : "," + i + ",")
                    .append(i % 3 == 0 ? "a\n" : "b\n");
        }
        Path table = Files.writeString(folder.resolve("codes.csv"), csv);
        Path model = folder.resolve("model");
        CommandRun refused = CommandRun.of("train", table.toString(), "--label", "kind");
        assertTrue(refused.errors().contains("Here, withMissingTexts is --missing-text, withCategories --categories"),
                refused.errors());
        CommandRun.outputOf("train", table.toString(), "--label", "kind", "--categories", "code", "--missing-text",
                "NA", "--missing", "MEAN", "--threads", "1", "--out", model.toString());
        Path rows = Files.writeString(folder.resolve("rows.csv"), "code,size\n0117,NA\n4711,3\n");
        List<String> found = CommandRun.outputOf("predict", model.toString(), rows.toString(), "--missing-text", "NA")
                .lines().map(line -> line.split(" ")[0]).toList();
        assertEquals(List.of("a", "b"), found);
    }

    @Test
    void aColumnOfNumbersIsNoLabel() throws IOException {
        CommandRun run = CommandRun.of("train", points(50, ',').toString(), "--label", "distance");
        assertTrue(run.errors().contains("to predict a number, use"), run.errors());
    }

    @Test
    void whatIsMissingIsSaid() throws IOException {
        CommandRun run = CommandRun.of("train", points(10, '\t').toString());
        assertEquals(2, run.status());
        assertTrue(run.errors().contains("--label or --target") && run.errors().contains("x\ty\tdistance\twhere"),
                run.errors());
        assertTrue(CommandRun.of("predict", "nowhere", "rows.csv").errors().contains("nowhere"));
    }

    @Test
    void filesThatAreNoTextAreNamed() throws IOException {
        Path latin = Files.write(folder.resolve("latin1.csv"), new byte[] {'a', ',', (byte) 0xe9, '\n', '1', ',', '2'});
        assertEquals(latin + " is not UTF-8: convert it first, for example with iconv",
                CommandRun.of("train", "table", "--data", latin.toString(), "--label", "a").errors().lines().findFirst()
                        .orElseThrow());
        assertEquals(folder + " is a folder, expected a text file",
                CommandRun.of("train", "table", "--data", folder.toString(), "--label", "a").errors().lines()
                        .findFirst().orElseThrow());
    }
}
