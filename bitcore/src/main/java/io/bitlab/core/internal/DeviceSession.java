package io.bitlab.core.internal;

/**
 * Operations on a device one after the other, whose results stay there until the session ends. For one thread.
 */
public interface DeviceSession extends AutoCloseable {

    /**
     * Copies rows to the device.
     *
     * @param values {@code [rows, columns]}, row-major; not modified, and copied when this returns
     * @param rows number of rows
     * @param columns number of values in a row
     * @return the rows, until this session ends
     * @throws DeviceException if a command fails, or the session has ended
     */
    DeviceRows upload(float[] values, int rows, int columns);

    /** Waits for what is running, and gives the memory of all rows back. */
    @Override
    void close();
}
