package io.bitlab.core.internal;

/** Whether this JVM has the JDK Flight Recorder, the module {@code jdk.jfr}; small run-time images may lack it. */
public final class FlightRecorder {

    /** Whether classes that extend {@code jdk.jfr.Event} can be loaded. */
    public static final boolean IS_PRESENT = isPresent();

    private FlightRecorder() {
    }

    private static boolean isPresent() {
        try {
            Class.forName("jdk.jfr.Event", false, FlightRecorder.class.getClassLoader());
            return true;
        } catch (ClassNotFoundException | LinkageError _) {
            return false;
        }
    }
}
