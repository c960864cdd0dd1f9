package io.bitlab.core.gpu;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import io.bitlab.core.internal.DeviceException;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;

/** The functions of a library, called as they are. Handles and sizes are 64-bit numbers. */
final class NativeOpenCl implements OpenClCalls {

    private static final MemorySegment NULL = MemorySegment.NULL;

    private final SymbolLookup library;

    private final MethodHandle getPlatformIds;
    private final MethodHandle getPlatformInfo;
    private final MethodHandle getDeviceIds;
    private final MethodHandle getDeviceInfo;
    private final MethodHandle createContext;
    private final MethodHandle releaseContext;
    private final MethodHandle createCommandQueue;
    private final MethodHandle releaseCommandQueue;
    private final MethodHandle createProgramWithSource;
    private final MethodHandle buildProgram;
    private final MethodHandle getProgramBuildInfo;
    private final MethodHandle releaseProgram;
    private final MethodHandle createKernel;
    private final MethodHandle releaseKernel;
    private final MethodHandle setKernelArg;
    private final MethodHandle createBuffer;
    private final MethodHandle releaseMemObject;
    private final MethodHandle enqueueWriteBuffer;
    private final MethodHandle enqueueReadBuffer;
    private final MethodHandle enqueueMapBuffer;
    private final MethodHandle enqueueUnmapMemObject;
    private final MethodHandle enqueueNdRangeKernel;
    private final MethodHandle finish;

    /**
     * Finds all functions.
     *
     * @throws DeviceException if one is missing
     * @throws IllegalCallerException if native access is denied
     */
    NativeOpenCl(SymbolLookup library) {
        this.library = library;
        getPlatformIds = code("clGetPlatformIDs", JAVA_INT, ADDRESS, ADDRESS);
        getPlatformInfo = code("clGetPlatformInfo", JAVA_LONG, JAVA_INT, JAVA_LONG, ADDRESS, ADDRESS);
        getDeviceIds = code("clGetDeviceIDs", JAVA_LONG, JAVA_LONG, JAVA_INT, ADDRESS, ADDRESS);
        getDeviceInfo = code("clGetDeviceInfo", JAVA_LONG, JAVA_INT, JAVA_LONG, ADDRESS, ADDRESS);
        createContext = without(handle("clCreateContext", ADDRESS, JAVA_INT, ADDRESS, ADDRESS, ADDRESS, ADDRESS), 3,
                NULL, NULL);
        releaseContext = code("clReleaseContext", JAVA_LONG);
        createCommandQueue = handle("clCreateCommandQueue", JAVA_LONG, JAVA_LONG, JAVA_LONG, ADDRESS);
        releaseCommandQueue = code("clReleaseCommandQueue", JAVA_LONG);
        createProgramWithSource =
                handle("clCreateProgramWithSource", JAVA_LONG, JAVA_INT, ADDRESS, ADDRESS, ADDRESS);
        buildProgram = without(code("clBuildProgram", JAVA_LONG, JAVA_INT, ADDRESS, ADDRESS, ADDRESS, ADDRESS), 4,
                NULL, NULL);
        getProgramBuildInfo =
                code("clGetProgramBuildInfo", JAVA_LONG, JAVA_LONG, JAVA_INT, JAVA_LONG, ADDRESS, ADDRESS);
        releaseProgram = code("clReleaseProgram", JAVA_LONG);
        createKernel = handle("clCreateKernel", JAVA_LONG, ADDRESS, ADDRESS);
        releaseKernel = code("clReleaseKernel", JAVA_LONG);
        setKernelArg = code("clSetKernelArg", JAVA_LONG, JAVA_INT, JAVA_LONG, ADDRESS);
        createBuffer = handle("clCreateBuffer", JAVA_LONG, JAVA_LONG, JAVA_LONG, ADDRESS, ADDRESS);
        releaseMemObject = code("clReleaseMemObject", JAVA_LONG);
        enqueueWriteBuffer = transfer("clEnqueueWriteBuffer");
        enqueueReadBuffer = transfer("clEnqueueReadBuffer");
        enqueueMapBuffer = without(handle("clEnqueueMapBuffer", JAVA_LONG, JAVA_LONG, JAVA_INT, JAVA_LONG, JAVA_LONG,
                JAVA_LONG, JAVA_INT, ADDRESS, ADDRESS, ADDRESS), 6, 0, NULL, NULL);
        enqueueUnmapMemObject = without(code("clEnqueueUnmapMemObject", JAVA_LONG, JAVA_LONG, ADDRESS, JAVA_INT,
                ADDRESS, ADDRESS), 3, 0, NULL, NULL);
        enqueueNdRangeKernel = without(without(code("clEnqueueNDRangeKernel", JAVA_LONG, JAVA_LONG, JAVA_INT, ADDRESS,
                ADDRESS, ADDRESS, JAVA_INT, ADDRESS, ADDRESS), 6, 0, NULL, NULL), 3, NULL);
        finish = code("clFinish", JAVA_LONG);
    }

    private MethodHandle code(String name, MemoryLayout... parameters) {
        return link(name, FunctionDescriptor.of(JAVA_INT, parameters));
    }

    private MethodHandle handle(String name, MemoryLayout... parameters) {
        return link(name, FunctionDescriptor.of(JAVA_LONG, parameters));
    }

    private MethodHandle transfer(String name) {
        return without(code(name, JAVA_LONG, JAVA_LONG, JAVA_INT, JAVA_LONG, JAVA_LONG, ADDRESS, JAVA_INT, ADDRESS,
                ADDRESS), 6, 0, NULL, NULL);
    }

    private static MethodHandle without(MethodHandle function, int at, Object... constants) {
        return MethodHandles.insertArguments(function, at, constants);
    }

    @SuppressWarnings("restricted") // the caller chose this kernel
    private MethodHandle link(String name, FunctionDescriptor descriptor) {
        MemorySegment address = library.find(name).orElseThrow(() -> new DeviceException(
                "the OpenCL library has no function " + name + ": update the driver", false));
        return Linker.nativeLinker().downcallHandle(address, descriptor);
    }

    /** Handles throw what they are declared to throw: anything; native functions throw nothing. */
    private static AssertionError impossible(Throwable e) {
        return new AssertionError(e);
    }

    // ---------------------------------------------------------------- calls

    @Override
    public int getPlatformIDs(int entries, MemorySegment platforms, MemorySegment count) {
        try {
            return (int) getPlatformIds.invokeExact(entries, platforms, count);
        } catch (Throwable e) {
            throw impossible(e);
        }
    }

    @Override
    public int getPlatformInfo(long platform, int name, long size, MemorySegment value, MemorySegment actualSize) {
        try {
            return (int) getPlatformInfo.invokeExact(platform, name, size, value, actualSize);
        } catch (Throwable e) {
            throw impossible(e);
        }
    }

    @Override
    public int getDeviceIDs(long platform, long type, int entries, MemorySegment devices, MemorySegment count) {
        try {
            return (int) getDeviceIds.invokeExact(platform, type, entries, devices, count);
        } catch (Throwable e) {
            throw impossible(e);
        }
    }

    @Override
    public int getDeviceInfo(long device, int name, long size, MemorySegment value, MemorySegment actualSize) {
        try {
            return (int) getDeviceInfo.invokeExact(device, name, size, value, actualSize);
        } catch (Throwable e) {
            throw impossible(e);
        }
    }

    @Override
    public long createContext(MemorySegment properties, int count, MemorySegment devices, MemorySegment error) {
        try {
            return (long) createContext.invokeExact(properties, count, devices, error);
        } catch (Throwable e) {
            throw impossible(e);
        }
    }

    @Override
    public int releaseContext(long context) {
        return release(releaseContext, context);
    }

    @Override
    public long createCommandQueue(long context, long device, long properties, MemorySegment error) {
        try {
            return (long) createCommandQueue.invokeExact(context, device, properties, error);
        } catch (Throwable e) {
            throw impossible(e);
        }
    }

    @Override
    public int releaseCommandQueue(long queue) {
        return release(releaseCommandQueue, queue);
    }

    @Override
    public long createProgramWithSource(long context, int count, MemorySegment texts, MemorySegment lengths,
            MemorySegment error) {
        try {
            return (long) createProgramWithSource.invokeExact(context, count, texts, lengths, error);
        } catch (Throwable e) {
            throw impossible(e);
        }
    }

    @Override
    public int buildProgram(long program, int count, MemorySegment devices, MemorySegment options) {
        try {
            return (int) buildProgram.invokeExact(program, count, devices, options);
        } catch (Throwable e) {
            throw impossible(e);
        }
    }

    @Override
    public int getProgramBuildInfo(long program, long device, int name, long size, MemorySegment value,
            MemorySegment actualSize) {
        try {
            return (int) getProgramBuildInfo.invokeExact(program, device, name, size, value, actualSize);
        } catch (Throwable e) {
            throw impossible(e);
        }
    }

    @Override
    public int releaseProgram(long program) {
        return release(releaseProgram, program);
    }

    @Override
    public long createKernel(long program, MemorySegment name, MemorySegment error) {
        try {
            return (long) createKernel.invokeExact(program, name, error);
        } catch (Throwable e) {
            throw impossible(e);
        }
    }

    @Override
    public int releaseKernel(long kernel) {
        return release(releaseKernel, kernel);
    }

    @Override
    public int setKernelArg(long kernel, int index, long size, MemorySegment value) {
        try {
            return (int) setKernelArg.invokeExact(kernel, index, size, value);
        } catch (Throwable e) {
            throw impossible(e);
        }
    }

    @Override
    public long createBuffer(long context, long flags, long size, MemorySegment host, MemorySegment error) {
        try {
            return (long) createBuffer.invokeExact(context, flags, size, host, error);
        } catch (Throwable e) {
            throw impossible(e);
        }
    }

    @Override
    public int releaseMemObject(long buffer) {
        return release(releaseMemObject, buffer);
    }

    @Override
    public int enqueueWriteBuffer(long queue, long buffer, int blocking, long offset, long size, MemorySegment from) {
        return transfer(enqueueWriteBuffer, queue, buffer, blocking, offset, size, from);
    }

    @Override
    public int enqueueReadBuffer(long queue, long buffer, int blocking, long offset, long size, MemorySegment to) {
        return transfer(enqueueReadBuffer, queue, buffer, blocking, offset, size, to);
    }

    @Override
    public long enqueueMapBuffer(long queue, long buffer, int blocking, long flags, long offset, long size,
            MemorySegment error) {
        try {
            return (long) enqueueMapBuffer.invokeExact(queue, buffer, blocking, flags, offset, size, error);
        } catch (Throwable e) {
            throw impossible(e);
        }
    }

    @Override
    public int enqueueUnmapMemObject(long queue, long buffer, MemorySegment mapped) {
        try {
            return (int) enqueueUnmapMemObject.invokeExact(queue, buffer, mapped);
        } catch (Throwable e) {
            throw impossible(e);
        }
    }

    @Override
    public int enqueueNDRangeKernel(long queue, long kernel, int dimensions, MemorySegment global,
            MemorySegment local) {
        try {
            return (int) enqueueNdRangeKernel.invokeExact(queue, kernel, dimensions, global, local);
        } catch (Throwable e) {
            throw impossible(e);
        }
    }

    @Override
    public int finish(long queue) {
        return release(finish, queue);
    }

    private static int transfer(MethodHandle function, long queue, long buffer, int blocking, long offset, long size,
            MemorySegment host) {
        try {
            return (int) function.invokeExact(queue, buffer, blocking, offset, size, host);
        } catch (Throwable e) {
            throw impossible(e);
        }
    }

    /** A function whose only parameter is a handle. */
    private static int release(MethodHandle function, long handle) {
        try {
            return (int) function.invokeExact(handle);
        } catch (Throwable e) {
            throw impossible(e);
        }
    }
}
