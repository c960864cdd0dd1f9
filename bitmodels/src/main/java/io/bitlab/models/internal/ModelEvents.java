package io.bitlab.models.internal;

import io.bitlab.core.internal.FlightRecorder;
import java.nio.file.Path;
import jdk.jfr.Category;
import jdk.jfr.Description;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;
import jdk.jfr.Timespan;

/**
 * What happens to models, as events of the JDK Flight Recorder. Where the JVM has none, nothing happens.
 *
 * <p><b>Thread safety:</b> all methods may be called from any thread.
 */
public final class ModelEvents {

    private static final double NANOS = 1e9;

    private ModelEvents() {
    }

    /**
     * Records that a model was loaded.
     *
     * @param path its folder or file
     * @param modelType its kind
     * @param nanos how long that took
     */
    public static void loaded(Path path, String modelType, long nanos) {
        if (FlightRecorder.IS_PRESENT) {
            Loaded.record(path, modelType, nanos);
        }
    }

    /**
     * Records that a text was generated.
     *
     * @param promptTokens tokens of the prompt that were read
     * @param tokens generated tokens
     * @param promptSeconds how long reading took
     * @param seconds how long generating took
     * @param reason why it ended
     * @param proposedTokens tokens that were guessed
     * @param acceptedTokens guesses that were right
     */
    public static void generated(int promptTokens, int tokens, double promptSeconds, double seconds, String reason,
            int proposedTokens, int acceptedTokens) {
        if (FlightRecorder.IS_PRESENT) {
            Generated.record(promptTokens, tokens, promptSeconds, seconds, reason, proposedTokens, acceptedTokens);
        }
    }

    /**
     * Records the end of an epoch of a training.
     *
     * @param epoch its number, from 1
     * @param loss the mean loss
     * @param seconds how long it took
     */
    public static void epoch(int epoch, double loss, double seconds) {
        if (FlightRecorder.IS_PRESENT) {
            Epoch.record(epoch, loss, seconds);
        }
    }

    /** Classes of their own are loaded only where there is a recorder, which reads their fields. */
    @Name("io.bitlab.ModelLoaded")
    @Label("Model Loaded")
    @Description("A model was read from its files")
    @Category("BitLab")
    @StackTrace(false)
    @SuppressWarnings("unused")
    private static final class Loaded extends Event {
        @Label("Path")
        private String path;
        @Label("Model Type")
        private String modelType;
        @Label("Time")
        @Timespan
        private long time;

        private static void record(Path path, String modelType, long nanos) {
            Loaded event = new Loaded();
            if (event.shouldCommit()) {
                event.path = path.toString();
                event.modelType = modelType;
                event.time = nanos;
                event.commit();
            }
        }
    }

    @Name("io.bitlab.TextGenerated")
    @Label("Text Generated")
    @Description("A language model has continued a prompt; nothing of the text is recorded")
    @Category("BitLab")
    @StackTrace(false)
    @SuppressWarnings("unused")
    private static final class Generated extends Event {
        @Label("Prompt Tokens")
        private int promptTokens;
        @Label("Tokens")
        private int tokens;
        @Label("Prompt Time")
        @Timespan
        private long promptTime;
        @Label("Time")
        @Timespan
        private long time;
        @Label("Tokens per Second")
        private double tokensPerSecond;
        @Label("Finish Reason")
        private String finishReason;
        @Label("Proposed Tokens")
        private int proposedTokens;
        @Label("Accepted Tokens")
        private int acceptedTokens;

        private static void record(int promptTokens, int tokens, double promptSeconds, double seconds, String reason,
                int proposedTokens, int acceptedTokens) {
            Generated event = new Generated();
            if (event.shouldCommit()) {
                event.promptTokens = promptTokens;
                event.tokens = tokens;
                event.promptTime = (long) (promptSeconds * NANOS);
                event.time = (long) (seconds * NANOS);
                event.tokensPerSecond = seconds > 0 ? tokens / seconds : 0;
                event.finishReason = reason;
                event.proposedTokens = proposedTokens;
                event.acceptedTokens = acceptedTokens;
                event.commit();
            }
        }
    }

    @Name("io.bitlab.Epoch")
    @Label("Epoch")
    @Description("An epoch of a training has ended")
    @Category("BitLab")
    @StackTrace(false)
    @SuppressWarnings("unused")
    private static final class Epoch extends Event {
        @Label("Epoch")
        private int epoch;
        @Label("Loss")
        private double loss;
        @Label("Time")
        @Timespan
        private long time;

        private static void record(int epoch, double loss, double seconds) {
            Epoch event = new Epoch();
            if (event.shouldCommit()) {
                event.epoch = epoch;
                event.loss = loss;
                event.time = (long) (seconds * NANOS);
                event.commit();
            }
        }
    }
}
