package io.bitlab.core.gpu;

import io.bitlab.core.internal.DeviceException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/**
 * A device of OpenCL.
 *
 * @param platform the handle of its platform
 * @param id its handle
 * @param name for people
 * @param platformName for people
 * @param driver the version of its driver
 * @param isGpu whether it is a GPU; others are processors and accelerators
 * @param sharesMemory whether its memory is that of the processor
 * @param memory bytes of its memory
 * @param dividesExactly whether division and square root can be rounded correctly
 * @param computeCapability NVIDIA's version of what it can do, times 10, such as 90; 0 for others
 */
record GpuDevice(long platform, long id, String name, String platformName, String driver, boolean isGpu,
        boolean sharesMemory, long memory, boolean dividesExactly, int computeCapability) {

    private static final int PLATFORM_NAME = 0x0902;
    private static final int DEVICE_TYPE = 0x1000;
    private static final int DEVICE_MAX_WORK_GROUP_SIZE = 0x1004;
    private static final int DEVICE_SINGLE_FP_CONFIG = 0x101B;
    private static final int DEVICE_GLOBAL_MEM_SIZE = 0x101F;
    private static final int DEVICE_ENDIAN_LITTLE = 0x1026;
    private static final int DEVICE_AVAILABLE = 0x1027;
    private static final int DEVICE_COMPILER_AVAILABLE = 0x1028;
    private static final int DEVICE_NAME = 0x102B;
    private static final int DRIVER_VERSION = 0x102D;
    private static final int DEVICE_HOST_UNIFIED_MEMORY = 0x1035;
    // of the extension cl_nv_device_attribute_query:
    private static final int DEVICE_COMPUTE_CAPABILITY_MAJOR = 0x4000;
    private static final int DEVICE_COMPUTE_CAPABILITY_MINOR = 0x4001;

    private static final long TYPE_GPU = 4;
    /** Subnormal numbers, infinity and NaN, rounding to the nearest: what makes products those of Java. */
    private static final long EXACT_FLOATS = 1 | 2 | 4;
    private static final long EXACT_DIVISION = 1 << 7;

    /** GPUs first, of these the ones with memory of their own, of these the one with the most. */
    private static final Comparator<GpuDevice> BEST_FIRST = Comparator.comparingInt((GpuDevice d) -> d.isGpu ? 0 : 1)
            .thenComparingInt(d -> d.sharesMemory ? 1 : 0)
            .thenComparing(Comparator.comparingLong(GpuDevice::memory).reversed());

    /**
     * The devices that can compute.
     *
     * @return at least one
     * @throws DeviceException if there is none, or none that can run the kernels; the message says why
     */
    static List<GpuDevice> bestFirst(OpenCl cl) {
        List<GpuDevice> devices = new ArrayList<>();
        List<String> reasons = new ArrayList<>();
        for (long platform : cl.platforms()) {
            try {
                String platformName = cl.platformText(platform, PLATFORM_NAME);
                for (long id : cl.devices(platform)) {
                    addIfFit(cl, platform, platformName, id, devices, reasons);
                }
            } catch (DeviceException e) {
                reasons.add("a platform: " + e.getMessage());
            }
        }
        if (devices.isEmpty()) {
            throw new DeviceException((reasons.isEmpty() ? "OpenCL knows no device"
                    : "no device can be used: " + String.join("; ", reasons))
                    + ": look at the list of clinfo, and install or update the driver", false);
        }
        return devices.stream().sorted(BEST_FIRST).toList();
    }

    private static void addIfFit(OpenCl cl, long platform, String platformName, long id, List<GpuDevice> devices,
            List<String> reasons) {
        try {
            GpuDevice device = describe(cl, platform, platformName, id);
            unfit(cl, id).ifPresentOrElse(reason -> reasons.add(device + " " + reason), () -> devices.add(device));
        } catch (DeviceException e) {
            reasons.add("a device of " + platformName + ": " + e.getMessage());
        }
    }

    private static GpuDevice describe(OpenCl cl, long platform, String platformName, long id) {
        return new GpuDevice(platform, id, cl.deviceText(id, DEVICE_NAME), platformName,
                cl.deviceText(id, DRIVER_VERSION), isGpu(cl, id),
                cl.deviceNumber(id, DEVICE_HOST_UNIFIED_MEMORY) != 0, cl.deviceNumber(id, DEVICE_GLOBAL_MEM_SIZE),
                (cl.deviceNumber(id, DEVICE_SINGLE_FP_CONFIG) & EXACT_DIVISION) != 0,
                platformName.contains("NVIDIA") ? computeCapability(cl, id) : 0);
    }

    static boolean isGpu(OpenCl cl, long id) {
        return (cl.deviceNumber(id, DEVICE_TYPE) & TYPE_GPU) != 0;
    }

    private static int computeCapability(OpenCl cl, long id) {
        try {
            return 10 * (int) cl.deviceNumber(id, DEVICE_COMPUTE_CAPABILITY_MAJOR)
                    + (int) cl.deviceNumber(id, DEVICE_COMPUTE_CAPABILITY_MINOR);
        } catch (DeviceException e) {
            return 0; // not NVIDIA's driver
        }
    }

    /** Whether it is a GPU with memory of its own. */
    boolean isDiscrete() {
        return isGpu && !sharesMemory;
    }

    /** Why the kernels can't run on a device; empty if they can. */
    private static Optional<String> unfit(OpenCl cl, long id) {
        String reason = null;
        if (cl.deviceNumber(id, DEVICE_AVAILABLE) == 0) {
            reason = "is not available";
        } else if (cl.deviceNumber(id, DEVICE_COMPILER_AVAILABLE) == 0) {
            reason = "has no compiler";
        } else if (cl.deviceNumber(id, DEVICE_ENDIAN_LITTLE) == 0) {
            reason = "is not little-endian";
        } else if (cl.deviceNumber(id, DEVICE_MAX_WORK_GROUP_SIZE) < GpuQueue.LARGEST_GROUP) {
            reason = "runs fewer than " + GpuQueue.LARGEST_GROUP + " items together";
        } else if ((cl.deviceNumber(id, DEVICE_SINGLE_FP_CONFIG) & EXACT_FLOATS) != EXACT_FLOATS) {
            reason = "does not compute floats as IEEE 754 says";
        }
        return Optional.ofNullable(reason);
    }

    /** Such as {@code NVIDIA H200 of NVIDIA CUDA, driver 550.54}. */
    @Override
    public String toString() {
        return name + " of " + platformName + ", driver " + driver;
    }
}
