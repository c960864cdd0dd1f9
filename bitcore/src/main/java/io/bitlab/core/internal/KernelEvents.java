package io.bitlab.core.internal;

import jdk.jfr.Category;
import jdk.jfr.Description;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;

/**
 * What happens to kernels, as events of the JDK Flight Recorder. Where the JVM has none, nothing happens.
 *
 * <p><b>Thread safety:</b> all methods may be called from any thread.
 */
public final class KernelEvents {

    private KernelEvents() {
    }

    /**
     * Records that a kernel was chosen for a layer.
     *
     * @param kernel its name
     * @param out output features of the layer
     * @param in input features of the layer; for a convolution the values of a patch
     * @param convolution whether the layer is a convolution
     */
    public static void chosen(String kernel, int out, int in, boolean convolution) {
        if (FlightRecorder.IS_PRESENT) {
            Chosen.record(kernel, out, in, convolution);
        }
    }

    /**
     * Records that a kernel was disabled for the rest of the process.
     *
     * @param kernel its name
     * @param reason why
     */
    public static void disabled(String kernel, String reason) {
        if (FlightRecorder.IS_PRESENT) {
            Disabled.record(kernel, reason);
        }
    }

    /** Classes of their own are loaded only where there is a recorder, which reads their fields. */
    @Name("io.bitlab.KernelChosen")
    @Label("Kernel Chosen")
    @Description("A kernel was chosen for a ternary layer")
    @Category("BitLab")
    @StackTrace(false)
    @SuppressWarnings("unused")
    private static final class Chosen extends Event {
        @Label("Kernel")
        private String kernel;
        @Label("Output Features")
        private int outFeatures;
        @Label("Input Features")
        private int inFeatures;
        @Label("Convolution")
        private boolean convolution;

        private static void record(String kernel, int out, int in, boolean convolution) {
            Chosen event = new Chosen();
            if (event.shouldCommit()) {
                event.kernel = kernel;
                event.outFeatures = out;
                event.inFeatures = in;
                event.convolution = convolution;
                event.commit();
            }
        }
    }

    @Name("io.bitlab.KernelDisabled")
    @Label("Kernel Disabled")
    @Description("A kernel computed a wrong result or failed, and is not used any more")
    @Category("BitLab")
    @StackTrace(false)
    @SuppressWarnings("unused")
    private static final class Disabled extends Event {
        @Label("Kernel")
        private String kernel;
        @Label("Reason")
        private String reason;

        private static void record(String kernel, String reason) {
            Disabled event = new Disabled();
            event.kernel = kernel;
            event.reason = reason;
            event.commit();
        }
    }
}
