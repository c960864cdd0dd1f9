package io.bitlab.core.internal;

import java.util.List;
import java.util.function.Supplier;

/** A kernel whose products may stay on its device, for the operations of {@link DeviceRows}. */
public interface DeviceProducts {

    /**
     * Whether there is a device; else {@link #openSession} always returns null.
     *
     * @return true if there may be one
     */
    boolean hasDevice();

    /**
     * Begins to compute on the device.
     *
     * @return a session, to be closed by the caller; null if all are in use, or the device can't be used
     */
    DeviceSession openSession();

    /**
     * Quantises rows to int8, each with a scale of its own, and multiplies them with the weights of several layers.
     *
     * @param rows number of rows
     * @param x returns the rows, of a session of this kernel, with as many columns as each layer has input features;
     *     called unless the result is null
     * @param weights the packed weights of each layer, of this kernel
     * @param biases for each layer its bias, or null; not modified
     * @return for each layer its output; a row with a value that int8 can't represent gives NaN. Null if the device
     *     doesn't hold all weights, or has no memory for as many rows at once
     * @throws DeviceException if a command fails
     */
    List<DeviceRows> multiply(int rows, Supplier<DeviceRows> x, List<?> weights, float[][] biases);

    /**
     * Tells the kernel what failed in a session of its own.
     *
     * @param failure what a method of the session or its rows threw
     */
    void failed(DeviceException failure);
}
