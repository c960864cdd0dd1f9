package io.bitlab.cli.train;

import io.bitlab.cli.options.ComputeThreads;
import io.bitlab.core.parallel.Parallel;
import io.bitlab.layers.Layer;
import io.bitlab.layers.StateDict;
import io.bitlab.models.train.ProgressReport;
import io.bitlab.models.train.Trainer;
import io.bitlab.models.train.TrainingListener;
import io.bitlab.models.train.WeightAverage;
import java.nio.file.Path;
import java.util.concurrent.locks.LockSupport;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** The options that trainings share: seed, threads, averages, and how they end. */
final class TrainingRun {

    @Option(names = "--ema", defaultValue = "0",
            description = "average the weights, with this decay, such as 0.99; ${DEFAULT-VALUE} for none")
    private double ema;

    @Option(names = "--keep-best",
            description = "end with the weights of the epoch that validates best, not of the last; not with --minutes")
    private boolean keepBest;

    @Option(names = "--float", description = "train the float twin")
    private boolean floats;

    @Option(names = "--seed", defaultValue = "0", description = "${DEFAULT-VALUE} unless given")
    private long seed;

    @Mixin
    private ComputeThreads threads;

    @Option(names = "--checkpoint", description = "file to save to and resume from; Ctrl-C then loses nothing")
    private Path checkpoint;

    @Option(names = "--minutes", defaultValue = "0", description = "stop after this time; ${DEFAULT-VALUE} for never")
    private double minutes;

    private WeightAverage average; // null without

    private TrainingRun() {
    }

    boolean floats() {
        return floats;
    }

    long seed() {
        return seed;
    }

    /** Starts the threads that compute. */
    Parallel start() {
        return threads.start();
    }

    /** What is trained, for messages. */
    String form() {
        return floats ? "float" : "ternary";
    }

    /** In what mode to save it. */
    Layer.Mode saved() {
        return floats ? Layer.Mode.EVAL : Layer.Mode.DEPLOYED;
    }

    /** Prints how the training of a classifier, a detector or a generator goes. */
    TrainingListener progress() {
        return new ProgressReport(form(), System.out);
    }

    /** The trainer as the options ask for it, with listeners that are told in this order. */
    Trainer trainer(Trainer.Builder trainer, TrainingListener... listeners) {
        trainer.seed(seed);
        if (keepBest && minutes > 0) {
            throw new IllegalArgumentException("--keep-best and --minutes: a training that the time ends keeps the"
                    + " weights that it has then; leave one of the two out");
        }
        if (keepBest) {
            trainer.keepBest();
        }
        for (TrainingListener listener : listeners) {
            trainer.listener(listener);
        }
        if (ema != 0) {
            average = WeightAverage.of(ema);
            trainer.ema(average);
        }
        if (checkpoint != null) {
            trainer.checkpoints(checkpoint, 100).stopOnShutdown();
        }
        if (!(minutes >= 0)) {
            throw new IllegalArgumentException("--minutes: " + minutes + ", expected 0 or more");
        }
        if (minutes > 0) {
            trainer.listener(timeLimit(minutes));
        }
        return trainer.build();
    }

    /** The weights that were not averaged, after the training; null if none were. */
    StateDict rawState() {
        return average == null ? null : average.rawState();
    }

    /** Interrupts the training after some minutes from now; it then ends properly. */
    private static TrainingListener timeLimit(double minutes) {
        long end = System.nanoTime() + (long) (minutes * 60e9);
        return new TrainingListener() {
            @Override
            public void onStep(int epoch, int step, double loss, double accuracy) {
                if (System.nanoTime() - end > 0) {
                    Thread.currentThread().interrupt();
                }
            }
        };
    }

    /**
     * Ends a training that may have been interrupted: says so, and gives the model the averaged weights, as at the
     * proper end. If the JVM is ending, after Ctrl-C, this doesn't return, since a model saved now could be cut off.
     */
    void end(Layer model) {
        if (Thread.interrupted()) {
            System.out.println("stopped before the end"
                    + (checkpoint == null ? "" : "; run it again to go on from " + checkpoint));
            while (isEnding()) {
                LockSupport.park();
            }
            if (average != null) {
                model.loadStateDict(average.averagedState());
            }
        }
    }

    private static boolean isEnding() {
        Thread hook = new Thread(() -> {});
        try {
            Runtime.getRuntime().addShutdownHook(hook);
            Runtime.getRuntime().removeShutdownHook(hook);
            return false;
        } catch (IllegalStateException e) { // hooks can't be added any more
            return true;
        }
    }
}
