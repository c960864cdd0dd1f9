package io.bitlab.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.bitlab.core.BitQuantConfig;
import io.bitlab.core.kernel.KernelRegistry;
import io.bitlab.models.io.Json;
import io.bitlab.models.io.ModelFormatException;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.ResourceLock;
import org.junit.jupiter.api.parallel.Resources;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import picocli.CommandLine;

/** The program as a whole: help, exit codes, messages. */
@ResourceLock(Resources.SYSTEM_OUT)
@ResourceLock(Resources.SYSTEM_ERR)
class BitLabTest {

    @TempDir
    Path folder;

    /** All commands, such as {@code train images}. */
    static List<List<String>> commands() {
        List<List<String>> all = new ArrayList<>();
        collect(List.of(), BitLab.commandLine(new BitLab()), all);
        assertTrue(all.size() > 15, all.toString());
        return all;
    }

    private static void collect(List<String> path, CommandLine line, List<List<String>> all) {
        all.add(path);
        line.getSubcommands().forEach((name, command) -> {
            List<String> longer = new ArrayList<>(path);
            longer.add(name);
            collect(longer, command, all);
        });
    }

    @ParameterizedTest
    @MethodSource("commands")
    void everyCommandSaysWhatItDoes(List<String> path) {
        List<String> line = new ArrayList<>(path);
        line.add("--help");
        String help = CommandRun.outputOf(line.toArray(String[]::new));
        assertTrue(help.startsWith(("Usage: bitlab " + String.join(" ", path)).strip()), help);
        assertFalse(help.contains("${"), "an unknown variable in " + help);
    }

    @Test
    void theVersionNamesTheJvm() {
        assertTrue(CommandRun.outputOf("-V").contains("Java " + Runtime.version()));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "2 | nothing | Unmatched argument at index 0: 'nothing'",
        "2 | train | What shall be trained?",
        "1 | train nowhere | there is no file",
        "2 | train --epochs 3 nowhere.csv | What shall be trained?",
        "2 | train images | '--data=<data>'",
        "1 | train images --data nowhere | nowhere (expected a folder that holds a folder of images per class)",
        "1 | train detector --format voc | --data is missing",
        "2 | train text | '--text=<text>'",
        "1 | train text --text nowhere.txt | there is no file ",
        "1 | train text --text nowhere.txt --report-every 0 | --report-every 0",
        "2 | generate --tokens many | 'many' is not an int",
        "1 | generate --model nowhere | nowhere",
        "2 | classify | 'MODEL'",
        "2 | detect model | Name pictures: MODEL FILE...",
        "1 | inspect nowhere | nowhere",
        "2 | kernels --activations int4 | FLOAT32",
        "1 | kernels --in 0 | 0",
        "1 | serve --port 0 --model / | no model there",
        "1 | serve --port 0 --api-key-file / | / is a folder"})
    void badArgumentsEndWithAMessageAndTheUsage(int status, String line, String message) {
        CommandRun run = CommandRun.of(line.split(" "));
        assertEquals(status, run.status(), run.errors());
        assertTrue(run.errors().contains(message), run.errors());
        assertTrue(run.errors().contains("Usage: ") || line.equals("nothing"), run.errors());
        assertFalse(run.errors().contains("\tat "), run.errors());
    }

    /** Such as that of 'predict model rows.csv > result.csv'. */
    @Test
    void anOutputThatIsLostIsAnError() {
        PrintStream out = System.out;
        try {
            System.setOut(new PrintStream(new OutputStream() {
                @Override
                public void write(int b) throws IOException {
                    throw new IOException("No space left on device");
                }
            }, true, StandardCharsets.UTF_8));
            assertEquals(1, BitLab.execute("-V"));
        } finally {
            System.setOut(out);
        }
    }

    @Test
    void aPathIsShownAsItWasGiven() throws IOException {
        Path text = folder.resolve("my text.txt");
        Files.write(text, new byte[] {'a', (byte) 0xe4, 'b'});
        CommandRun run = CommandRun.of("train", "text", "--text", text.toString());
        assertTrue(run.errors().contains(text + " is not UTF-8"), run.errors());
    }

    @Test
    void kernelsAreListed() throws ModelFormatException {
        assertTrue(CommandRun.outputOf("kernels").lines().anyMatch(line -> line.startsWith("* ")));
        Map<String, Object> json = Json.parse(CommandRun.outputOf("kernels", "--json", "--activations", "float32"), "");
        List<?> kernels = (List<?>) json.get("kernels");
        assertEquals(1, kernels.stream().filter(kernel -> ((Map<?, ?>) kernel).get("chosen").equals(true)).count());
        assertTrue(CommandRun.outputOf("kernels", "--convolution", "--in", "576", "--out", "64").startsWith("* "
                + KernelRegistry.patchKernelFor(BitQuantConfig.defaults(), 64, 576).name()));
    }

    @Test
    void theModelThatComesAlongWrites() throws ModelFormatException {
        String text = CommandRun.outputOf("generate", "--tokens", "3", "--prompt", "Call me ", "--threads", "1");
        assertTrue(text.startsWith("Call me "), text);
        Map<String, Object> json = Json.parse(CommandRun.outputOf("generate", "--tokens", "3", "--prompt", "Call me ",
                "--threads", "1", "--json"), "");
        assertEquals("max_tokens", json.get("finish_reason"));
        assertEquals(0L, ((Number) json.get("proposed_tokens")).longValue());
        assertEquals("Call me " + json.get("text"), text.lines().findFirst().orElseThrow());
    }

    @Test
    void guessesDontChangeTheText() throws ModelFormatException {
        List<String> line = List.of("generate", "--tokens", "60", "--prompt", "the whale, the whale, the whale, ",
                "--temperature", "0", "--threads", "1", "--json");
        Map<String, Object> plain = Json.parse(CommandRun.outputOf(line.toArray(String[]::new)), "");
        List<String> guessing = new ArrayList<>(line);
        guessing.add("--speculate");
        Map<String, Object> guessed = Json.parse(CommandRun.outputOf(guessing.toArray(String[]::new)), "");
        assertEquals(plain.get("text"), guessed.get("text"));
        assertTrue(((Number) guessed.get("proposed_tokens")).intValue() > 0, guessed.toString());
        guessing.addAll(List.of("--draft", "nowhere"));
        CommandRun both = CommandRun.of(guessing.toArray(String[]::new));
        assertEquals(1, both.status());
        assertTrue(both.errors().contains("--speculate and --draft"), both.errors());
    }

    @Test
    void theStarterNeedsNoHome() throws Exception {
        assumeTrue(Files.isExecutable(Path.of("/bin/sh")));
        ProcessBuilder starter = new ProcessBuilder("/bin/sh", "src/main/bin/bitlab", "--version")
                .redirectErrorStream(true);
        starter.environment().keySet().retainAll(Set.of("PATH"));
        Process process = starter.start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        process.waitFor();
        assertFalse(output.contains("HOME: "), output); // no jar lies beside it, so it can't get further than Java
    }

    /** A text file, then folders. */
    @Test
    void theDataSayWhatIsTrained() throws IOException {
        Path text = Files.writeString(folder.resolve("a.txt"), "abc");
        assertTrue(CommandRun.of("train", text.toString(), "--report-every", "0").output()
                .startsWith("bitlab train text --text " + text + " --report-every 0"));
        Path images = Files.createDirectories(folder.resolve("animals/cat")).getParent();
        assertTrue(CommandRun.of("train", images.toString()).output().startsWith("bitlab train images --data "));
        assertTrue(CommandRun.of("train", images.toString(), "--out", "generator", "--size", "text").output()
                .startsWith("bitlab train images --data " + images + " --out generator --size text"),
                "values that are names of commands");
        for (String[] pair : new String[][] {{"Annotations", "voc"}, {"labels", "yolo"}, {"annotations", "coco"}}) {
            Path data = Files.createDirectories(folder.resolve(pair[1]).resolve(pair[0])).getParent();
            assertTrue(CommandRun.of("train", data.toString()).output()
                    .startsWith("bitlab train detector --format " + pair[1] + " --data "), pair[1]);
        }
        Files.writeString(folder.resolve("yolo/annotations.xml"), "<annotations/>"); // what another program left there
        assertTrue(CommandRun.of("train", folder.resolve("yolo").toString()).output()
                .startsWith("bitlab train detector --format yolo "));
        Path flat = Files.createDirectories(folder.resolve("flat"));
        Files.writeString(flat.resolve("1.xml"), "<annotation/>");
        assertTrue(CommandRun.of("train", flat.toString()).output().startsWith("bitlab train detector --format voc "));
    }
}
