package io.bitlab.models.train;

import java.io.PrintStream;
import java.time.Duration;
import java.util.Locale;
import java.util.function.LongSupplier;

/**
 * Prints the progress of a training: on a terminal a progress bar with epoch, loss, accuracy and time left, elsewhere
 * one plain line per epoch. The bar needs the library {@code me.tongfei:progressbar}, an optional dependency that the
 * application adds; without it, lines are printed on a terminal, too. For a {@linkplain #languageModel language model},
 * perplexity and bits per character (bpc) replace the accuracy; for a {@link Task} of your own, the validation shows
 * the measure that it names.
 *
 * {@snippet class="io.bitlab.models.snippets.TrainSnippets" region="progress"}
 *
 * <p><b>Thread safety:</b> for one training at a time.
 */
public final class ProgressReport implements TrainingListener {

    private final String name;
    private final PrintStream out;
    private final boolean terminal;
    private final double charactersPerToken; // 0 for a classifier
    private TrainingBar bar; // null for plain lines
    private int epochs;
    private int steps;
    private int samples; // or tokens; 0 if unknown
    private final LongSupplier nanoTime;
    private long start;
    private long stepsBefore; // of the runs that this one resumes; -1 until its first step

    /**
     * Creates a report that shows a progress bar if the console is a terminal.
     *
     * @param name the name of the run, such as "ternary"
     * @param out where to print
     */
    public ProgressReport(String name, PrintStream out) {
        this(name, out, isTerminal());
    }

    private static boolean isTerminal() {
        return System.console() != null && System.console().isTerminal();
    }

    /**
     * Creates a report.
     *
     * @param name the name of the run, such as "ternary"
     * @param out where to print
     * @param terminal true for a progress bar, false for plain lines
     */
    public ProgressReport(String name, PrintStream out, boolean terminal) {
        this(name, out, terminal, 0, System::nanoTime);
    }

    ProgressReport(String name, PrintStream out, boolean terminal, double charactersPerToken, LongSupplier nanoTime) {
        this.name = name;
        this.out = out;
        this.terminal = terminal;
        this.charactersPerToken = charactersPerToken;
        this.nanoTime = nanoTime;
    }

    /**
     * Creates a report for a language model that shows a progress bar if the console is a terminal.
     *
     * @param name the name of the run, such as "ternary"
     * @param out where to print
     * @param charactersPerToken average number of characters per token; 1 if tokens are characters
     * @return the report
     * @throws IllegalArgumentException if that number is not positive
     */
    public static ProgressReport languageModel(String name, PrintStream out, double charactersPerToken) {
        return languageModel(name, out, charactersPerToken, isTerminal());
    }

    /**
     * Creates a report for a language model.
     *
     * @param name the name of the run, such as "ternary"
     * @param out where to print
     * @param charactersPerToken average number of characters per token; 1 if tokens are characters
     * @param terminal true for a progress bar, false for plain lines
     * @return the report
     * @throws IllegalArgumentException if that number is not positive
     */
    public static ProgressReport languageModel(String name, PrintStream out, double charactersPerToken,
            boolean terminal) {
        if (!(charactersPerToken > 0)) {
            throw new IllegalArgumentException("ProgressReport.languageModel: " + charactersPerToken
                    + " characters per token, expected a positive number; 1 if each token is a character");
        }
        return new ProgressReport(name, out, terminal, charactersPerToken, System::nanoTime);
    }

    @Override
    public void onStart(int plannedEpochs, int stepsPerEpoch) {
        onStart(plannedEpochs, stepsPerEpoch, 0);
    }

    @Override
    public void onStart(int plannedEpochs, int stepsPerEpoch, int trainingSamples) {
        samples = trainingSamples;
        epochs = plannedEpochs;
        steps = stepsPerEpoch;
        start = nanoTime.getAsLong();
        stepsBefore = -1;
        bar = terminal ? openBar() : null;
    }

    private TrainingBar openBar() {
        try {
            return new TrainingBar(name, out, (long) epochs * steps, done -> clock(done) + " left");
        } catch (NoClassDefFoundError _) { // without the library
            return null;
        }
    }

    @Override
    public void onStep(int epoch, int step, double loss, double accuracy) {
        long done = (epoch - 1L) * steps + step;
        if (stepsBefore < 0) {
            stepsBefore = done - 1;
        }
        if (bar != null) {
            bar.step(done, String.format(Locale.ROOT, "epoch %d/%d  %s  ", epoch, epochs, quality(loss, accuracy)));
        }
    }

    private String quality(double loss, double accuracy) {
        if (charactersPerToken > 0) {
            return quality(loss);
        }
        return String.format(Locale.ROOT, "loss %.3f", loss)
                + (Double.isNaN(accuracy) ? "" : String.format(Locale.ROOT, "  accuracy %.1f %%", 100 * accuracy));
    }

    /** For a language model. */
    private String quality(double loss) {
        double perplexity = StrictMath.exp(loss);
        double bits = loss / StrictMath.log(2) / charactersPerToken;
        return String.format(Locale.ROOT,
                perplexity < 1000 ? "loss %.3f  ppl %.2f  %.3f bpc" : "loss %.3f  ppl %.3g  %.3f bpc",
                loss, perplexity, bits);
    }

    /** The time left after so many steps, if the others take as long as those of this run did. */
    private String clock(long done) {
        double seconds = (nanoTime.getAsLong() - start) * 1e-9;
        Duration time = Duration.ofSeconds(
                Math.round(seconds * ((long) epochs * steps - done) / (done - Math.max(stepsBefore, 0))));
        return String.format(Locale.ROOT, "%d:%02d", time.toMinutes(), time.toSecondsPart());
    }

    @Override
    public void onEpoch(EpochResult result) {
        if (bar == null) {
            out.printf(Locale.ROOT, "%-8s epoch %d/%d  %s%s%s  %s left%n", name, result.epoch(), epochs,
                    quality(result.loss(), result.accuracy()), validation(result), rate(result),
                    clock((long) result.epoch() * steps));
        }
    }

    private String rate(EpochResult result) {
        return samples == 0 ? "" : String.format(Locale.ROOT, "  %,.0f %s/s", samples / result.seconds(),
                charactersPerToken == 0 ? "samples" : "tokens");
    }

    private String validation(EpochResult result) {
        boolean averages = !result.averaged().measures().isEmpty();
        if (charactersPerToken > 0) {
            return Double.isNaN(result.validationLoss()) ? ""
                    : "  validation " + quality(result.validationLoss()) + (averages ? "  averaged "
                            + quality(result.averaged().number(Task.Score.LOSS)) : "");
        }
        return result.validation().measures().isEmpty() ? ""
                : "  validation " + shown(result.validation())
                        + (averages ? ", averaged " + shown(result.averaged()) : "");
    }

    /** The accuracy in percent, or the measure of another task with its name. */
    private static String shown(Task.Score score) {
        if (score.isOfTokens() || score.measure().equals(Task.Score.ACCURACY)) {
            return String.format(Locale.ROOT, "%.1f %%", 100 * score.number(Task.Score.ACCURACY));
        }
        return String.format(Locale.ROOT, "%s %.4g", score.measure(), score.number(score.measure()));
    }

    @Override
    public void onEnd() {
        if (bar != null) {
            bar.close();
            bar = null;
        }
    }
}
