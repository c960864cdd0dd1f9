package io.bitlab.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What a person at a terminal sees; the terminal is made by the program script of util-linux. */
@Timeout(120)
class PseudoTerminalTest {

    private static final Path SCRIPT = Path.of("/usr/bin/script");
    private static final byte[] CTRL_C = {3};

    @BeforeEach
    void needsScript() {
        assumeTrue(Files.isExecutable(SCRIPT) && System.getProperty("os.name").equals("Linux"),
                "there is no " + SCRIPT + " of util-linux");
    }

    private static String quoted(String text) {
        return "'" + text.replace("'", "'\\''") + "'";
    }

    /** The program in this JVM's class path, in a shell. */
    private static String bitlab(String arguments) {
        String classPath = Arrays.stream(System.getProperty("java.class.path").split(File.pathSeparator))
                .map(entry -> Path.of(entry).toAbsolutePath().toString())
                .collect(Collectors.joining(File.pathSeparator));
        return quoted(System.getProperty("java.home") + "/bin/java") + " -XX:TieredStopAtLevel=1 -cp "
                + quoted(classPath) + " " + BitLab.class.getName() + " " + arguments;
    }

    private static Process terminal(String command) throws IOException {
        return new ProcessBuilder(SCRIPT.toString(), "-qec", command, "/dev/null").redirectErrorStream(true).start();
    }

    private static String readUntil(InputStream in, String end) throws IOException {
        StringBuilder text = new StringBuilder();
        while (text.indexOf(end) < 0) {
            int next = in.read();
            assertTrue(next >= 0, "the program ended before '" + end + "': " + text);
            text.append((char) next);
        }
        return text.toString();
    }

    @Test
    void ctrlCStopsAnAnswerAndASecondOneTheProgram() throws Exception {
        Process chat = terminal(bitlab("chat --tokens 1000000 --threads 1"));
        try {
            readUntil(chat.getInputStream(), "\r\n> ");
            chat.getOutputStream().write("Call me\n".getBytes(StandardCharsets.US_ASCII));
            chat.getOutputStream().flush();
            readUntil(chat.getInputStream(), "Call me\r\n");
            chat.getInputStream().readNBytes(20); // the answer has begun
            chat.getOutputStream().write(CTRL_C);
            chat.getOutputStream().flush();
            readUntil(chat.getInputStream(), "[stopped]\r\n> ");
            chat.getOutputStream().write(CTRL_C);
            chat.getOutputStream().flush();
            chat.getInputStream().readAllBytes();
            assertEquals(130, chat.waitFor());
        } finally {
            chat.destroyForcibly();
        }
    }

    @Test
    void headEndsAText() throws Exception {
        Process shell = new ProcessBuilder("sh", "-c",
                bitlab("generate --tokens 1000000 --threads 1") + " | head -c 20").start();
        try {
            assertEquals(20, shell.getInputStream().readAllBytes().length);
            assertEquals(0, shell.waitFor());
        } finally {
            shell.destroyForcibly();
        }
    }

    @Test
    void withoutATerminalOnlyAnswersArePrinted() throws Exception {
        Process chat = new ProcessBuilder(List.of("sh", "-c",
                "printf 'Call me\\n/new\\nCall me\\n' | " + bitlab("chat --tokens 20 --threads 1") + " 2>/dev/null"))
                .start();
        String[] answers = new String(chat.getInputStream().readAllBytes(), StandardCharsets.UTF_8).split("\n");
        assertEquals(0, chat.waitFor());
        assertEquals(0, answers.length % 2);
        assertEquals(answers[0], answers[answers.length / 2]);
    }
}
