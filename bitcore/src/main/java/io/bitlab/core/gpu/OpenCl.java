package io.bitlab.core.gpu;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import io.bitlab.core.internal.DeviceException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Executor;
import java.util.function.Supplier;

/**
 * OpenCL with exceptions in place of error codes: each is a {@link DeviceException} that names the function and the
 * code. Handles are those of the library; who creates one releases it.
 *
 * <p><b>Thread safety:</b> that of OpenCL: everything but {@link #setArgument} may be called from any thread.
 */
final class OpenCl {

    private static final int CONTEXT_PLATFORM = 0x1084;
    private static final int PROGRAM_BUILD_LOG = 0x1183;
    private static final long DEVICE_TYPE_ALL = 0xFFFFFFFFL;
    private static final long MAP_READ_AND_WRITE = 1 | 2;

    private static final long COMPILER_STACK_BYTES = 64L << 20;

    /** Of a build log: some compilers print the whole program. */
    private static final int MOST_LOG_CHARACTERS = 2000;

    /** Functions that fail for lack of memory with the code that others give for faults. */
    private static final Set<String> ALLOCATING =
            Set.of("clCreateBuffer", "clCreateCommandQueue", "clCreateKernel", "clEnqueueMapBuffer",
                    "clEnqueueWriteBuffer");

    private final OpenClCalls calls;

    OpenCl(OpenClCalls calls) {
        this.calls = calls;
    }

    private static void check(String function, int code) {
        if (code != OpenClErrors.SUCCESS) {
            throw failure(function, code, "");
        }
    }

    private static DeviceException failure(String function, int code, String details) {
        return new DeviceException("OpenCL's " + function + " failed with " + OpenClErrors.name(code) + details,
                OpenClErrors.isOutOfMemory(code, ALLOCATING.contains(function)));
    }

    // ---------------------------------------------------------------- platforms and devices

    /** All platforms; none is no error. */
    long[] platforms() {
        return handles("clGetPlatformIDs", OpenClErrors.PLATFORM_NOT_FOUND, calls::getPlatformIDs);
    }

    /** All devices of a platform; none is no error. */
    long[] devices(long platform) {
        return handles("clGetDeviceIDs", OpenClErrors.DEVICE_NOT_FOUND,
                (entries, devices, count) -> calls.getDeviceIDs(platform, DEVICE_TYPE_ALL, entries, devices, count));
    }

    private interface Listing {
        int list(int entries, MemorySegment handles, MemorySegment count);
    }

    private static long[] handles(String function, int none, Listing listing) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment count = arena.allocate(JAVA_INT);
            int code = listing.list(0, MemorySegment.NULL, count);
            int size = count.get(JAVA_INT, 0);
            if (code == none || code == OpenClErrors.SUCCESS && size == 0) {
                return new long[0];
            }
            check(function, code);
            MemorySegment handles = arena.allocate(JAVA_LONG, size);
            check(function, listing.list(size, handles, count));
            return handles.toArray(JAVA_LONG);
        }
    }

    private interface Query {
        int query(long size, MemorySegment value, MemorySegment actualSize);
    }

    private static String text(String function, Query query) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment size = arena.allocate(JAVA_LONG);
            check(function, query.query(0, MemorySegment.NULL, size));
            if (size.get(JAVA_LONG, 0) == 0) {
                return "";
            }
            MemorySegment text = arena.allocate(size.get(JAVA_LONG, 0) + 1); // a zero more than drivers write
            check(function, query.query(text.byteSize() - 1, text, size));
            return text.getString(0).strip();
        }
    }

    String platformText(long platform, int name) {
        return text("clGetPlatformInfo",
                (size, value, actual) -> calls.getPlatformInfo(platform, name, size, value, actual));
    }

    String deviceText(long device, int name) {
        return text("clGetDeviceInfo", (size, value, actual) -> calls.getDeviceInfo(device, name, size, value, actual));
    }

    /** A number of 4 or 8 bytes. */
    long deviceNumber(long device, int name) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment value = arena.allocate(JAVA_LONG);
            MemorySegment size = arena.allocate(JAVA_LONG);
            check("clGetDeviceInfo", calls.getDeviceInfo(device, name, Long.BYTES, value, size));
            return size.get(JAVA_LONG, 0) == Integer.BYTES
                    ? Integer.toUnsignedLong(value.get(JAVA_INT, 0)) : value.get(JAVA_LONG, 0);
        }
    }

    // ---------------------------------------------------------------- objects

    private interface Creation {
        long create(Arena arena, MemorySegment error);
    }

    private static long created(String function, Creation creation) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment error = arena.allocate(JAVA_INT);
            long handle = creation.create(arena, error);
            check(function, error.get(JAVA_INT, 0));
            return handle;
        }
    }

    long createContext(long platform, long device) {
        return created("clCreateContext", (arena, error) -> calls.createContext(
                arena.allocateFrom(JAVA_LONG, CONTEXT_PLATFORM, platform, 0), 1,
                arena.allocateFrom(JAVA_LONG, device), error));
    }

    void releaseContext(long context) {
        calls.releaseContext(context); // nobody could do anything about a failure, here and below
    }

    /** A queue whose commands run in order. */
    long createQueue(long context, long device) {
        return created("clCreateCommandQueue",
                (_, error) -> calls.createCommandQueue(context, device, 0, error));
    }

    void releaseQueue(long queue) {
        calls.releaseCommandQueue(queue);
    }

    long createProgram(long context, String source) {
        return created("clCreateProgramWithSource", (arena, error) -> calls.createProgramWithSource(context, 1,
                arena.allocateFrom(ADDRESS, arena.allocateFrom(source)), MemorySegment.NULL, error));
    }

    /**
     * Compiles a program.
     *
     * @throws DeviceException whose message ends with the compiler's messages
     */
    void build(long program, long device, String options) {
        try (Arena arena = Arena.ofShared()) {
            MemorySegment devices = arena.allocateFrom(JAVA_LONG, device);
            MemorySegment text = arena.allocateFrom(options);
            int code = withLargeStack(() -> calls.buildProgram(program, 1, devices, text));
            if (code != OpenClErrors.SUCCESS) {
                throw failure("clBuildProgram", code, ": " + buildLog(program, device));
            }
        }
    }

    /** Compilers expect the stack of a C program; an overflow there would end the JVM. They can't be interrupted. */
    private static int withLargeStack(Supplier<Integer> compiler) {
        Executor largeStack = task -> {
            Thread thread = new Thread(null, task, "bitlab-opencl-compiler", COMPILER_STACK_BYTES);
            thread.setDaemon(true);
            thread.start();
        };
        try {
            return CompletableFuture.supplyAsync(compiler, largeStack).join();
        } catch (CompletionException e) {
            if (e.getCause() instanceof Error error) {
                throw error;
            }
            throw new IllegalStateException("OpenCL's clBuildProgram can't be called", e.getCause());
        }
    }

    private String buildLog(long program, long device) {
        try {
            String log = text("clGetProgramBuildInfo", (size, value, actual) -> calls.getProgramBuildInfo(program,
                    device, PROGRAM_BUILD_LOG, size, value, actual));
            return log.length() <= MOST_LOG_CHARACTERS ? log : log.substring(0, MOST_LOG_CHARACTERS) + "...";
        } catch (DeviceException e) {
            return "and without a log, since " + e.getMessage();
        }
    }

    void releaseProgram(long program) {
        calls.releaseProgram(program);
    }

    long createKernel(long program, String name) {
        return created("clCreateKernel",
                (arena, error) -> calls.createKernel(program, arena.allocateFrom(name), error));
    }

    void releaseKernel(long kernel) {
        calls.releaseKernel(kernel);
    }

    long createBuffer(long context, long flags, long bytes) {
        return created("clCreateBuffer",
                (_, error) -> calls.createBuffer(context, flags, bytes, MemorySegment.NULL, error));
    }

    void releaseBuffer(long buffer) {
        calls.releaseMemObject(buffer);
    }

    // ---------------------------------------------------------------- commands

    /** Sets an argument of a kernel, which only one thread may use. */
    void setArgument(long kernel, int index, MemorySegment value) {
        check("clSetKernelArg", calls.setKernelArg(kernel, index, value.byteSize(), value));
    }

    /** Copies to the device; unless it waits, the memory must not change before a later command has finished. */
    void write(long queue, long buffer, boolean wait, long offset, MemorySegment from) {
        check("clEnqueueWriteBuffer",
                calls.enqueueWriteBuffer(queue, buffer, wait ? 1 : 0, offset, from.byteSize(), from));
    }

    /** Waits for all commands so far, and copies from the device. */
    void read(long queue, long buffer, MemorySegment to) {
        check("clEnqueueReadBuffer", calls.enqueueReadBuffer(queue, buffer, 1, 0, to.byteSize(), to));
    }

    /**
     * The memory of a whole buffer that was allocated on the host, until {@link #unmap}. Drivers copy from and to it
     * without a copy in between, since it stays where it is.
     */
    @SuppressWarnings("restricted") // the driver says that there are as many bytes
    MemorySegment map(long queue, long buffer, long bytes) {
        long address = created("clEnqueueMapBuffer",
                (_, error) -> calls.enqueueMapBuffer(queue, buffer, 1, MAP_READ_AND_WRITE, 0, bytes, error));
        return MemorySegment.ofAddress(address).reinterpret(bytes);
    }

    /** Ends the use of the memory of a buffer, which may be released then. */
    void unmap(long queue, long buffer, MemorySegment mapped) {
        calls.enqueueUnmapMemObject(queue, buffer, mapped);
    }

    /** Starts a kernel on a range of two dimensions; the sizes are numbers of 64 bits. */
    void launch(long queue, long kernel, MemorySegment global, MemorySegment local) {
        check("clEnqueueNDRangeKernel", calls.enqueueNDRangeKernel(queue, kernel, 2, global, local));
    }

    /** Waits for all commands, also for those that fail. */
    void finish(long queue) {
        calls.finish(queue);
    }
}
