package io.bitlab.core.internal;

/** What a kernel that runs on a device outside of the JVM tells the registry beyond the contract of a kernel. */
public interface DeviceKernel {

    /**
     * The device and its driver, for reports.
     *
     * @return such as <i>NVIDIA H200 of NVIDIA CUDA, driver 550.54</i>; empty before the device was asked for, or where
     *     there is none
     */
    String device();
}
