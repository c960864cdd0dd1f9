package io.bitlab.spark;

import static org.junit.jupiter.api.Assertions.assertTrue;

import io.bitlab.spark.examples.ScoreDigits;
import io.bitlab.spark.examples.TrainOnCluster;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** The programs that the page about Spark names do what it says. */
@Tag("long")
class SparkExamplesTest {

    private interface Program {
        void run() throws Exception;
    }

    @BeforeAll
    static void noOtherSession() {
        LocalSpark.stop();
    }

    private static Matcher output(String pattern, Program program) throws Exception {
        PrintStream before = System.out;
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (PrintStream captured = new PrintStream(bytes, true, StandardCharsets.UTF_8)) {
            System.setOut(captured);
            program.run();
        } finally {
            System.setOut(before);
        }
        Matcher found = Pattern.compile(pattern).matcher(bytes.toString(StandardCharsets.UTF_8));
        assertTrue(found.find(), bytes.toString(StandardCharsets.UTF_8));
        return found;
    }

    @Test
    void digitsAreNamed() throws Exception {
        Matcher found = output("(.*) digits named in .*: (.*) % right, (.*) errors",
                () -> ScoreDigits.main("3000", "local[2]"));
        assertTrue(found.group(1).equals("3,000") && Double.parseDouble(found.group(2)) > 90
                && found.group(3).equals("0"), found.group());
    }

    @Test
    void executorsChangeNoBit() throws Exception {
        String one = output("weights (.*)", () -> TrainOnCluster.main("digits", "1", "1")).group(1);
        String two = output("weights (.*)", () -> TrainOnCluster.main("digits", "2", "1")).group(1);
        assertTrue(one.equals(two), one + " " + two);
    }
}
