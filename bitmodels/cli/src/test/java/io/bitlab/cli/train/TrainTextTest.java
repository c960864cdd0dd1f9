package io.bitlab.cli.train;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.bitlab.cli.CommandRun;
import io.bitlab.models.io.Json;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.ResourceLock;
import org.junit.jupiter.api.parallel.Resources;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** From a text file to a model that continues it. */
@ResourceLock(Resources.SYSTEM_OUT)
class TrainTextTest {

    @TempDir
    Path folder;

    private String train(String... options) throws IOException {
        Path text = Files.writeString(folder.resolve("a.txt"), "abcd efgh ".repeat(60));
        return CommandRun.outputOf(Stream.concat(Stream.of("train", "text", "--text", text.toString(), "--out",
                folder.resolve("model").toString(), "--layers", "1", "--heads", "1", "--width", "16", "--context", "8",
                "--batch", "4", "--report-every", "10", "--threads", "1"), Stream.of(options)).toArray(String[]::new));
    }

    @Test
    void aTextBecomesAModelThatWrites() throws IOException {
        String training = train("--steps", "20", "--ema", "0.5", "--seed", "2");
        List<String> lines = training.lines().toList();
        List<String> marks = lines.stream().filter(line -> line.contains("epoch ") || line.startsWith("--- after"))
                .map(line -> line.substring(0, 3)).toList();
        assertEquals(4, marks.size(), training);
        assertTrue(marks.get(1).equals("---") && marks.get(3).equals("---"),
                "a sample follows its report: " + training);
        assertTrue(lines.getFirst().endsWith("600 characters, 9 different ones"), training);
        assertTrue(training.contains("bits a character: "), training);
        assertTrue(CommandRun.outputOf("generate", "--model", folder.resolve("model").toString(), "--prompt", "abc",
                "--tokens", "5").startsWith("abc"));
        String[] evaluate = {"evaluate", "text", folder.resolve("model").toString(), "--text",
            folder.resolve("a.txt").toString(), "--json"};
        Map<String, Object> scores = Json.parse(CommandRun.outputOf(evaluate), "");
        assertEquals(600, ((Number) scores.get("tokens")).intValue());
        double loss = ((Number) scores.get("loss")).doubleValue();
        assertEquals(loss / Math.log(2), ((Number) scores.get("bits_per_byte")).doubleValue(), 1e-9);
        String[] table = Arrays.copyOf(evaluate, evaluate.length - 1);
        assertTrue(CommandRun.outputOf(table).contains(String.format(Locale.ROOT, "loss: %.4f", loss)));
    }

    @Test
    void asManyStepsAreTrainedAsWereAskedFor() throws IOException {
        String training = train("--steps", "25");
        assertTrue(training.contains("--- after 9 steps") && training.contains("--- after 27 steps"), training);
        assertTrue(train("--steps", "4").contains("--- after 4 steps"));
    }

    /** Not after hours of training. */
    @ParameterizedTest
    @ValueSource(strings = {"text --text", "table --data", "images --data", "generator --data",
        "detector --format voc --data"})
    void aFileInTheWayOfTheModelIsSeenFirst(String training) throws IOException {
        Path file = Files.writeString(folder.resolve("file"), "mine");
        CommandRun run = CommandRun.of(("train " + training + " missing --out " + file.resolve("model")).split(" "));
        assertTrue(run.errors().contains(file + " is not a folder that can be written to"), run.errors());
        assertEquals(1, run.status());
        assertEquals("mine", Files.readString(file));
    }

    @Test
    void aLimitOfTimeEndsTheTrainingProperly() throws IOException {
        String training = train("--steps", "100000", "--minutes", "1e-6");
        assertTrue(training.contains("stopped before the end"), training);
        assertTrue(Files.exists(folder.resolve("model/tokenizer.json")));
    }
}
