package io.bitlab.models.train;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class ProgressReportTest {

    private static String report(boolean terminal, int epochs, double validation) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        ProgressReport report =
                new ProgressReport("ternary", new PrintStream(bytes, true, StandardCharsets.UTF_8), terminal);
        report.onStart(epochs, 45);
        for (int epoch = 1; epoch <= epochs; epoch++) {
            for (int step = 1; step <= 45; step++) {
                report.onStep(epoch, step, 2.0 / epoch, epoch / (double) epochs);
            }
            report.onEpoch(new EpochResult(epoch, 1.2345 / epoch, 0.9712, validation, 1));
        }
        report.onEnd();
        return bytes.toString(StandardCharsets.UTF_8);
    }

    @Test
    void aPlainLineAnEpoch() {
        assertEquals(String.format("ternary  epoch 1/2  loss 1.235  accuracy 97.1 %%  0:00 left%n"
                + "ternary  epoch 2/2  loss 0.617  accuracy 97.1 %%  0:00 left%n"), report(false, 2, Double.NaN));
    }

    @Test
    void validationIsShownIfThereIsAny() {
        assertEquals(String.format(
                "ternary  epoch 1/1  loss 1.235  accuracy 97.1 %%  validation 88.8 %%  0:00 left%n"),
                report(false, 1, 0.8876));
    }

    @Test
    void theRateIsShownIfTheNumberOfSamplesIsKnown() {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        ProgressReport report = new ProgressReport("ternary", new PrintStream(bytes, true), false);
        report.onStart(1, 10, 5000);
        report.onEpoch(new EpochResult(1, 0.5, 0.9, Double.NaN, 2));
        assertEquals(String.format("ternary  epoch 1/1  loss 0.500  accuracy 90.0 %%  2,500 samples/s  0:00 left%n"),
                bytes.toString());
    }

    @Test
    void aResumedTrainingCountsTheTimeOfItsOwnStepsOnly() {
        for (boolean terminal : new boolean[] {false, true}) {
            ByteArrayOutputStream bytes = new ByteArrayOutputStream();
            AtomicLong time = new AtomicLong();
            ProgressReport report = new ProgressReport("ternary", new PrintStream(bytes, true), terminal, 0, time::get);
            report.onStart(10, 4);
            for (int step = 3; step <= 4; step++) { // epoch 8 was interrupted after two steps
                time.addAndGet(10_000_000_000L);
                report.onStep(8, step, 0.5, 0.9);
            }
            report.onEpoch(new EpochResult(8, 0.5, 0.9, Double.NaN, 20));
            report.onEnd();
            assertTrue(bytes.toString().contains("  1:20 left"), bytes.toString()); // eight steps of ten seconds
        }
    }

    @Test
    void aTerminalGetsABarThatFitsIntoItsLine() {
        String printed = report(true, 40, Double.NaN);
        assertTrue(printed.contains("ternary  [==========]  epoch 40/40  loss 0.050  accuracy 100.0 %  0:00 left"),
                printed);
        assertTrue(printed.indexOf('\r') >= 0, "it is drawn over itself");
        for (String line : printed.split("[\r\n]+")) {
            assertTrue(line.length() < 80, line);
        }
    }

    private static String languageModel(boolean terminal, double loss, double validationLoss) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        ProgressReport report = ProgressReport.languageModel("ternary", new PrintStream(bytes, true), 4, terminal);
        report.onStart(100, 1, 5000);
        for (int epoch = 1; epoch <= 100; epoch++) {
            report.onStep(epoch, 1, loss, 0.5);
            report.onEpoch(new EpochResult(epoch, loss, 0.5, 0.4, validationLoss, 2));
        }
        report.onEnd();
        return bytes.toString();
    }

    private static String firstLine(String report) {
        return report.lines().findFirst().orElseThrow().replaceFirst("  \\d+:\\d\\d left$", "");
    }

    @Test
    void aLanguageModelHasPerplexityAndBitsACharacter() {
        // What is left depends on how long the first of a hundred epochs took.
        assertEquals("ternary  epoch 1/100  loss 3.000  ppl 20.09  1.082 bpc  validation loss 3.500  ppl 33.12  "
                + "1.262 bpc  2,500 tokens/s", firstLine(languageModel(false, 3.0, 3.5)));
        assertEquals("ternary  epoch 1/100  loss 11.000  ppl 5.99e+04  3.967 bpc  2,500 tokens/s",
                firstLine(languageModel(false, 11.0, Double.NaN)));
        String bar = languageModel(true, 11.0, 3.5);
        assertTrue(bar.contains("ternary  [==========]  epoch 100/100  loss 11.000  ppl 5.99e+04  3.967 bpc  "), bar);
        for (String line : bar.split("[\r\n]+")) {
            assertTrue(line.length() < 80, line);
        }
        assertEquals(
                "ProgressReport.languageModel: 0.0 characters per token, expected a positive number; 1 if each token "
                        + "is a character",
                assertThrows(IllegalArgumentException.class,
                        () -> ProgressReport.languageModel("x", System.out, 0)).getMessage());
    }

    @Test
    void theDefaultLocaleDoesNotMatter() {
        Locale before = Locale.getDefault();
        try {
            Locale.setDefault(Locale.GERMANY);
            assertTrue(report(false, 1, Double.NaN).contains("loss 1.235"));
            assertTrue(report(true, 1, Double.NaN).contains("loss 2.000"));
        } finally {
            Locale.setDefault(before);
        }
    }

    /** Finds the classes of the library, and none of progressbar. */
    private static final class WithoutProgressbar extends URLClassLoader {

        WithoutProgressbar() throws IOException {
            super(new URL[] {ProgressReport.class.getProtectionDomain().getCodeSource().getLocation()},
                    ProgressReport.class.getClassLoader());
        }

        @Override
        protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
            if (name.startsWith("me.tongfei.")) {
                throw new ClassNotFoundException(name);
            }
            if (!name.equals(TrainingBar.class.getName()) && !name.equals(ProgressReport.class.getName())) {
                return super.loadClass(name, resolve);
            }
            Class<?> loaded = findLoadedClass(name);
            return loaded == null ? findClass(name) : loaded;
        }
    }

    @Test
    void withoutTheLibraryOfTheBarATerminalGetsLines() throws Exception {
        ByteArrayOutputStream printed = new ByteArrayOutputStream();
        try (WithoutProgressbar loader = new WithoutProgressbar();
                PrintStream out = new PrintStream(printed, true, StandardCharsets.UTF_8)) {
            Class<?> type = loader.loadClass(ProgressReport.class.getName());
            assertNotSame(ProgressReport.class, type);
            TrainingListener report = (TrainingListener) type
                    .getConstructor(String.class, PrintStream.class, boolean.class).newInstance("ternary", out, true);
            report.onStart(1, 1);
            report.onStep(1, 1, 0.5, 0.5);
            report.onEpoch(new EpochResult(1, 0.5, 0.9, Double.NaN, 1));
            report.onEnd();
        }
        assertTrue(printed.toString(StandardCharsets.UTF_8).startsWith("ternary  epoch 1/1  loss "), printed::toString);
    }

    @Test
    void aTrainingThatFailsAtOnceIsNoProblem() {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        ProgressReport report = new ProgressReport("float", new PrintStream(bytes, true), true);
        report.onEnd();
        report.onStart(3, 2);
        report.onEnd();
        report.onStep(1, 1, 1, 1);
        assertTrue(bytes.toString().contains("float    [          ]"), bytes.toString());
    }
}
