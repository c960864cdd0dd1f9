package io.bitlab.models.train;

import java.io.PrintStream;
import java.util.Locale;
import java.util.function.LongBinaryOperator;
import me.tongfei.progressbar.ConsoleProgressBarConsumer;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressState;

/**
 * The progress bar of a training. The only class that uses the library progressbar; where that is missing, it can't be
 * loaded.
 */
final class TrainingBar implements AutoCloseable {

    /** Fits into 80 columns without wrapping. */
    private static final int WIDTH = 79;
    private static final int BAR = 10;

    private final String name;
    private final LongBinaryOperator secondsLeft;
    private final ProgressBar bar;

    /**
     * Shows a bar.
     *
     * @param name the name of the run
     * @param out where to print
     * @param steps how many there will be
     * @param secondsLeft the time left after a number of steps, of so many
     */
    TrainingBar(String name, PrintStream out, long steps, LongBinaryOperator secondsLeft) {
        this.name = name;
        this.secondsLeft = secondsLeft;
        // a fixed width, because detecting that of the terminal would load a native library
        bar = new ProgressBarBuilder().setInitialMax(steps).setUpdateIntervalMillis(200)
                .setRenderer((state, width) -> line(state)).setConsumer(new ConsoleProgressBarConsumer(out, WIDTH))
                .build();
    }

    void step(String message) {
        bar.setExtraMessage(message);
        bar.step();
    }

    /** Our own layout: the bar of the library leaves no room for our numbers in 80 columns. */
    private String line(ProgressState state) {
        int filled = (int) (BAR * state.getNormalizedProgress());
        String left = state.getCurrent() == 0 ? ""
                : ProgressReport.clock(secondsLeft.applyAsLong(state.getCurrent(), state.getMax())) + " left";
        return String.format(Locale.ROOT, "%-8s [%s%s]  %s%s", name, "=".repeat(filled), " ".repeat(BAR - filled),
                state.getExtraMessage(), left);
    }

    @Override
    public void close() {
        bar.close();
    }
}
