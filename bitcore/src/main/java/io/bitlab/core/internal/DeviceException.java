package io.bitlab.core.internal;

/** A kernel could not do its work on a device outside of the JVM, such as a GPU. */
public final class DeviceException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    /** What {@link #isOutOfMemory} returns. */
    private final boolean outOfMemory;

    /**
     * Creates an exception.
     *
     * @param message what failed, and where known the remedy; a phrase without a full stop
     * @param outOfMemory whether the device may succeed with less data
     */
    public DeviceException(String message, boolean outOfMemory) {
        super(message);
        this.outOfMemory = outOfMemory;
    }

    /**
     * Whether only the memory of the device did not suffice.
     *
     * @return true if the device may succeed with less data
     */
    public boolean isOutOfMemory() {
        return outOfMemory;
    }
}
