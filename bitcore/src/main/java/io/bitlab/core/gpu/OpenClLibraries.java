package io.bitlab.core.gpu;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import io.bitlab.core.internal.DeviceException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * Finds OpenCL on this machine: Khronos' loader, which knows all drivers, or where it is missing or knows no GPU
 * the driver itself, as in containers to which only the driver is mounted.
 */
final class OpenClLibraries {

    private static final String REMEDY =
            ": install the OpenCL driver of the graphics card, or on Linux pocl-opencl-icd to try it on the processor";

    /** What drivers for Khronos' loader have in place of clGetPlatformIDs. */
    private static final String DRIVER_PLATFORMS = "clIcdGetPlatformIDsKHR";

    /**
     * Where a driver keeps its functions: the table in {@code cl_icd.h}, whose order is fixed. The functions in front
     * of those that are used here, and between them, stand for themselves.
     */
    private static final List<String> DRIVER_TABLE = List.of("clGetPlatformIDs", "clGetPlatformInfo", "clGetDeviceIDs",
            "clGetDeviceInfo", "clCreateContext", "clCreateContextFromType", "clRetainContext", "clReleaseContext",
            "clGetContextInfo", "clCreateCommandQueue", "clRetainCommandQueue", "clReleaseCommandQueue",
            "clGetCommandQueueInfo", "clSetCommandQueueProperty", "clCreateBuffer", "clCreateImage2D",
            "clCreateImage3D", "clRetainMemObject", "clReleaseMemObject", "clGetSupportedImageFormats",
            "clGetMemObjectInfo", "clGetImageInfo", "clCreateSampler", "clRetainSampler", "clReleaseSampler",
            "clGetSamplerInfo", "clCreateProgramWithSource", "clCreateProgramWithBinary", "clRetainProgram",
            "clReleaseProgram", "clBuildProgram", "clUnloadCompiler", "clGetProgramInfo", "clGetProgramBuildInfo",
            "clCreateKernel", "clCreateKernelsInProgram", "clRetainKernel", "clReleaseKernel", "clSetKernelArg",
            "clGetKernelInfo", "clGetKernelWorkGroupInfo", "clWaitForEvents", "clGetEventInfo", "clRetainEvent",
            "clReleaseEvent", "clGetEventProfilingInfo", "clFlush", "clFinish", "clEnqueueReadBuffer",
            "clEnqueueWriteBuffer", "clEnqueueCopyBuffer", "clEnqueueReadImage", "clEnqueueWriteImage",
            "clEnqueueCopyImage", "clEnqueueCopyImageToBuffer", "clEnqueueCopyBufferToImage", "clEnqueueMapBuffer",
            "clEnqueueMapImage", "clEnqueueUnmapMemObject", "clEnqueueNDRangeKernel");

    private OpenClLibraries() {
    }

    /**
     * Loads the library of this machine, once and for the life of the process.
     *
     * @throws DeviceException if there is none, native access is denied, or no driver is installed
     */
    static OpenCl load() {
        String os = System.getProperty("os.name", "").toLowerCase(Locale.ROOT);
        if (os.contains("windows")) {
            return load(List.of("OpenCL.dll"), List.of());
        }
        return os.contains("mac")
                ? load(List.of("/System/Library/Frameworks/OpenCL.framework/OpenCL"), List.of())
                : load(List.of("libOpenCL.so.1", "libOpenCL.so"), List.of("libnvidia-opencl.so.1"));
    }

    /**
     * The first of the loaders that is there, if it knows a GPU; else the first of the drivers that does, which the
     * loader may not know; else any of them that knows a platform.
     */
    static OpenCl load(List<String> loaders, List<String> drivers) {
        try {
            Optional<OpenCl> loader = first(loaders).map(found -> new OpenCl(new NativeOpenCl(found)));
            List<OpenCl> found = new ArrayList<>(loader.stream().toList());
            List<String> failures = new ArrayList<>();
            if (loader.isEmpty() || !choosesDrivers()) {
                for (String driver : drivers) {
                    try {
                        library(driver).map(library -> functionsOfDriver(driver, library))
                                .ifPresent(functions -> found.add(new OpenCl(new NativeOpenCl(functions))));
                    } catch (DeviceException e) {
                        failures.add(e.getMessage());
                    }
                }
            }
            for (OpenCl library : found) {
                if (knowsGpu(library)) {
                    return library;
                }
            }
            for (OpenCl library : found) {
                if (library.platforms().length > 0) {
                    return library;
                }
            }
            throw new DeviceException((!failures.isEmpty() ? String.join("; ", failures)
                    : loader.isPresent() ? "no OpenCL driver is installed"
                    : "found no OpenCL library (" + names(loaders, drivers) + ")") + REMEDY, false);
        } catch (IllegalCallerException e) { // --illegal-native-access=deny
            throw new DeviceException("needs native access: pass '--enable-native-access=" + module() + "' to java",
                    false);
        } catch (UnsupportedOperationException e) {
            throw new DeviceException(
                    "this JVM can't call native functions: run it on an OpenJDK build such as Temurin",
                    false);
        }
    }

    /** Whether the user tells the loader which drivers there are: then no other may be used. */
    private static boolean choosesDrivers() {
        return System.getenv("OCL_ICD_VENDORS") != null || System.getenv("OCL_ICD_FILENAMES") != null;
    }

    private static boolean knowsGpu(OpenCl library) {
        try {
            return Arrays.stream(library.platforms()).anyMatch(platform -> knowsGpu(library, platform));
        } catch (DeviceException e) {
            return false; // but a driver that the loader doesn't know may still work
        }
    }

    private static boolean knowsGpu(OpenCl library, long platform) {
        try {
            return Arrays.stream(library.devices(platform)).anyMatch(device -> GpuDevice.isGpu(library, device));
        } catch (DeviceException e) {
            return false;
        }
    }

    private static String names(List<String> loaders, List<String> drivers) {
        return String.join(", ", loaders) + (drivers.isEmpty() ? "" : ", " + String.join(", ", drivers));
    }

    private static String module() {
        Module module = OpenClLibraries.class.getModule();
        return module.isNamed() ? module.getName() : "ALL-UNNAMED";
    }

    private static Optional<SymbolLookup> first(List<String> names) {
        return names.stream().flatMap(name -> library(name).stream()).findFirst();
    }

    @SuppressWarnings("restricted") // the user asked for a GPU
    private static Optional<SymbolLookup> library(String name) {
        try {
            return Optional.of(SymbolLookup.libraryLookup(name, Arena.global())); // drivers dislike being unloaded
        } catch (IllegalArgumentException e) {
            return Optional.empty(); // not there
        }
    }

    // ---------------------------------------------------------------- a driver without the loader

    /** The functions of a driver, which it shows to Khronos' loader (extension cl_khr_icd). */
    @SuppressWarnings("restricted")
    private static SymbolLookup functionsOfDriver(String name, SymbolLookup driver) {
        try (Arena arena = Arena.ofConfined()) {
            Linker linker = Linker.nativeLinker();
            Optional<MemorySegment> platforms = driver.find(DRIVER_PLATFORMS);
            Optional<MemorySegment> extension = driver.find("clGetExtensionFunctionAddress");
            if (platforms.isEmpty() && extension.isPresent()) {
                platforms = Optional.of((MemorySegment) linker.downcallHandle(extension.get(),
                        FunctionDescriptor.of(ADDRESS, ADDRESS)).invokeExact(arena.allocateFrom(DRIVER_PLATFORMS)))
                        .filter(address -> address.address() != 0);
            }
            if (platforms.isEmpty()) {
                throw new DeviceException("the driver " + name + " lacks the function " + DRIVER_PLATFORMS, false);
            }
            MemorySegment first = arena.allocate(ADDRESS);
            MemorySegment count = arena.allocate(JAVA_INT);
            int code = (int) linker.downcallHandle(platforms.get(),
                    FunctionDescriptor.of(JAVA_INT, JAVA_INT, ADDRESS, ADDRESS)).invokeExact(1, first, count);
            if (code != OpenClErrors.SUCCESS || count.get(JAVA_INT, 0) == 0) {
                throw new DeviceException("the driver " + name + " lists no platform: " + OpenClErrors.name(code),
                        false);
            }
            // Every object of a driver begins with the address of its table of functions.
            MemorySegment object = first.get(ADDRESS, 0).reinterpret(ADDRESS.byteSize());
            MemorySegment table = object.get(ADDRESS, 0).reinterpret(DRIVER_TABLE.size() * ADDRESS.byteSize());
            MemorySegment listing = platforms.get();
            return function -> function.equals("clGetPlatformIDs") ? Optional.of(listing)
                    : Optional.of(DRIVER_TABLE.indexOf(function)).filter(i -> i >= 0)
                            .map(i -> MemorySegment.ofAddress(table.getAtIndex(JAVA_LONG, i)))
                            .filter(address -> address.address() != 0);
        } catch (RuntimeException | Error e) {
            throw e;
        } catch (Throwable e) {
            throw new AssertionError(e); // handles are declared to throw anything; native functions throw nothing
        }
    }
}
