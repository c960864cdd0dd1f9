package io.bitlab.models.train;

import java.io.PrintStream;
import java.util.Locale;
import java.util.function.LongFunction;
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
    private final LongFunction<String> timeLeft;
    private final ProgressBar bar;

    /**
     * Shows a bar.
     *
     * @param name the name of the run
     * @param out where to print
     * @param steps how many there will be
     * @param timeLeft the time left after a number of steps, in words
     */
    TrainingBar(String name, PrintStream out, long steps, LongFunction<String> timeLeft) {
        this.name = name;
        this.timeLeft = timeLeft;
        // a fixed width, because detecting that of the terminal would load a native library
        bar = new ProgressBarBuilder().setInitialMax(steps).setUpdateIntervalMillis(200)
                .setRenderer((state, width) -> line(state)).setConsumer(new ConsoleProgressBarConsumer(out, WIDTH))
                .build();
    }

    /** @param done the number of steps that are done, those of earlier runs included */
    void step(long done, String message) {
        bar.setExtraMessage(message);
        bar.stepTo(done);
    }

    /** Our own layout: the bar of the library leaves no room for our numbers in 80 columns. */
    private String line(ProgressState state) {
        int filled = (int) (BAR * state.getNormalizedProgress());
        String left = state.getCurrent() == 0 ? ""
                : timeLeft.apply(state.getCurrent());
        return String.format(Locale.ROOT, "%-8s [%s%s]  %s%s", name, "=".repeat(filled), " ".repeat(BAR - filled),
                state.getExtraMessage(), left);
    }

    @Override
    public void close() {
        bar.close();
    }
}
