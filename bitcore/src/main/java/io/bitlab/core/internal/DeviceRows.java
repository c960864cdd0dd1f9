package io.bitlab.core.internal;

/**
 * Rows of floats in the memory of a device, from a {@link DeviceSession}. Every operation only starts on the device,
 * except {@link #read}, which waits; results have the bits of the operations of the same names on the processor.
 *
 * <p>Every method throws a {@link DeviceException} if a command fails, or the session has ended.
 */
public interface DeviceRows {

    /**
     * The number of rows.
     *
     * @return at least 1
     */
    int rows();

    /**
     * The number of values in a row.
     *
     * @return at least 1
     */
    int columns();

    /**
     * Waits for the values, and copies them.
     *
     * @param values {@code [rows, columns]}, row-major; overwritten
     */
    void read(float[] values);

    /**
     * The sum of these rows and others.
     *
     * @param other rows of the same session, as many and as long
     * @return the sum
     */
    DeviceRows plus(DeviceRows other);

    /**
     * {@code max(x, 0)² * up} of the values {@code x} of these rows.
     *
     * @param up rows of the same session, as many and as long
     * @return the products
     */
    DeviceRows squaredReluTimes(DeviceRows up);

    /**
     * The root-mean-square norm of each row.
     *
     * @param weight {@code [columns]}; not modified
     * @param eps keeps the divisor away from 0
     * @return the normalised rows
     */
    DeviceRows rmsNorm(float[] weight, float eps);
}
