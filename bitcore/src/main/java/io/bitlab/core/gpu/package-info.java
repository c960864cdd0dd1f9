/**
 * The kernel {@code gpu}: ternary products on a device of OpenCL, through {@code java.lang.foreign}. Nothing here is
 * loaded unless it is asked for by name, and no package knows this one: the registry loads {@link
 * io.bitlab.core.gpu.GpuKernel} by name.
 *
 * <p>From below: {@code OpenClCalls} are the functions of OpenCL, which {@code NativeOpenCl} calls and tests fake;
 * {@code OpenCl} turns their error codes into exceptions; {@code GpuDevice} chooses a device; {@code GpuProgram} holds
 * the kernels of {@code ternary.cl} for it and hands out {@code GpuQueue}s, on which one thread at a time computes.
 *
 * <p>A failure is an {@link io.bitlab.core.internal.DeviceException}. What runs in place of the device is decided
 * elsewhere, in {@code io.bitlab.core.kernel.CheckedKernel}.
 */
package io.bitlab.core.gpu;
