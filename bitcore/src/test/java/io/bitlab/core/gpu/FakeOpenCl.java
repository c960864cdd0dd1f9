package io.bitlab.core.gpu;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import io.bitlab.core.kernel.TernaryKernel;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * An OpenCL whose calls fail as told: it computes what ternary.cl says, in Java, and knows which objects are alive. Its
 * functions are called by the names of {@code OpenClCalls}.
 */
public final class FakeOpenCl {

    private static final int MEM_OBJECT_ALLOCATION_FAILURE = -4;
    private static final int PLATFORM_NAME = 0x0902;

    /** The answers about a GPU that can run the kernels. */
    static final Map<Integer, Object> GPU = Map.of(0x102B, "Fake GPU", 0x102D, "1.2.3", 0x1000, 4L, 0x1035, 0L, 0x101F,
            1L << 30, 0x1027, 1L, 0x1028, 1L, 0x1026, 1L, 0x1004, 256L, 0x101B, 0x87L);

    private final Map<Long, Object> alive = new HashMap<>(); // handles, and what they are
    private final Map<String, Integer> calls = new HashMap<>();
    private final List<Map<Integer, Object>> devices;
    final List<String> buildOptions = new ArrayList<>();
    private long lastHandle = 1000;
    private String failing = "";
    private int code;
    private int failsFrom;
    private int failsTo;
    private long capacity = Long.MAX_VALUE;
    private String platformName = "Fake";
    private Runnable compiling = () -> {
    };
    private float lie;
    private float laterLie;
    private String skipped = "";
    private final Set<Long> mapped = new HashSet<>(); // buffers whose memory is in use
    private final FakeRowKernels rowKernels = new FakeRowKernels(this::buffer);

    /** A kernel and what was set. */
    private record Kernel(String name, Object[] arguments) {
    }

    /** One GPU. */
    public FakeOpenCl() {
        this(List.of(GPU));
    }

    /** Devices with these answers. */
    FakeOpenCl(List<Map<Integer, Object>> devices) {
        this.devices = devices;
    }

    /** The kernel that calls this. */
    public TernaryKernel kernel() {
        return new GpuKernel(this::library, 5, 1 << 20);
    }

    OpenCl library() {
        return new OpenCl((OpenClCalls) Proxy.newProxyInstance(OpenClCalls.class.getClassLoader(),
                new Class<?>[] {OpenClCalls.class}, (_, method, arguments) -> call(method, arguments)));
    }

    /** From now on some calls of a function fail: those from the first to the last of the given numbers. */
    public synchronized FakeOpenCl fail(String function, int errorCode, int from, int to) {
        calls.remove(function);
        failing = function;
        code = errorCode;
        failsFrom = from;
        failsTo = to;
        return this;
    }

    /** No more bytes in buffers than this. */
    public synchronized FakeOpenCl withMemory(long bytes) {
        capacity = bytes;
        return this;
    }

    /** Something to do in each compilation. */
    FakeOpenCl compiling(Runnable action) {
        compiling = action;
        return this;
    }

    /** The name of the platform. */
    FakeOpenCl withPlatform(String name) {
        platformName = name;
        return this;
    }

    /** Every result is this much too large. */
    public synchronized FakeOpenCl lyingBy(float difference) {
        lie = difference;
        return this;
    }

    /** Every result but those of the first layer of a launch is this much too large. */
    public synchronized FakeOpenCl lyingAboutLaterLayersBy(float difference) {
        laterLie = difference;
        return this;
    }

    /** A kernel that does nothing. */
    public synchronized FakeOpenCl skipping(String kernel) {
        skipped = kernel;
        return this;
    }

    /** Objects that were created and not released. */
    public synchronized int alive() {
        return alive.size();
    }

    /** How often a function was called since it was told to fail. */
    public synchronized int calls(String function) {
        return calls.getOrDefault(function, 0);
    }

    // ---------------------------------------------------------------- the library

    private synchronized Object call(Method method, Object[] a) {
        String function = method.getName();
        int number = calls.merge(function, 1, Integer::sum);
        boolean fails = function.equals(failing) && number >= failsFrom && number <= failsTo;
        if (method.getReturnType() == long.class) {
            return create(function, a, fails);
        }
        if (function.startsWith("release")) {
            if (alive.remove((Long) a[0]) == null || mapped.contains((Long) a[0])) {
                throw new AssertionError(function + " of something that is not alive, or still mapped");
            }
        } else if (function.equals("enqueueUnmapMemObject") && !mapped.remove((Long) a[1])) {
            throw new AssertionError(function + " of a buffer that is not mapped");
        }
        if (fails) {
            return code;
        }
        switch (function) {
            case "getPlatformIDs" -> list(List.of(1L), a, 0);
            case "getDeviceIDs" -> list(devices.stream().map(d -> 10L + devices.indexOf(d)).toList(), a, 2);
            case "getPlatformInfo" -> answer((int) a[1] == PLATFORM_NAME ? platformName : "", a);
            case "getDeviceInfo" -> answer(devices.get((int) (long) a[0] - 10).get((int) a[1]), a);
            case "getProgramBuildInfo" -> answer("line 1: a mistake", new Object[] {0, 0, a[3], a[4], a[5]});
            case "buildProgram" -> {
                compiling.run();
                buildOptions.add(((MemorySegment) a[3]).getString(0));
            }
            case "setKernelArg" -> ((Kernel) alive.get((Long) a[0])).arguments[(int) a[1]] = (long) a[2] == Long.BYTES
                    ? (Object) ((MemorySegment) a[3]).get(JAVA_LONG, 0) : ((MemorySegment) a[3]).get(JAVA_INT, 0);
            case "enqueueWriteBuffer" -> MemorySegment.copy((MemorySegment) a[5], 0, buffer((long) a[1]), (long) a[3],
                    (long) a[4]);
            case "enqueueReadBuffer" -> MemorySegment.copy(buffer((long) a[1]), (long) a[3], (MemorySegment) a[5], 0,
                    (long) a[4]);
            case "enqueueNDRangeKernel" -> launch((Kernel) alive.get((Long) a[1]), (MemorySegment) a[3]);
            default -> {
            }
        }
        return 0;
    }

    private long create(String function, Object[] a, boolean fails) {
        MemorySegment error = (MemorySegment) a[a.length - 1];
        Object made = switch (function) {
            case "createBuffer" -> Arena.ofAuto().allocate((long) a[2], 8);
            case "createKernel" -> new Kernel(((MemorySegment) a[1]).getString(0), new Object[20]);
            case "enqueueMapBuffer" -> "a mapping";
            case "createProgramWithSource" -> ((MemorySegment) a[2]).get(ADDRESS, 0);
            default -> function;
        };
        boolean full = made instanceof MemorySegment buffer && function.equals("createBuffer")
                && alive.values().stream().filter(MemorySegment.class::isInstance)
                        .mapToLong(o -> ((MemorySegment) o).byteSize()).sum() + buffer.byteSize() > capacity;
        error.set(JAVA_INT, 0, fails ? code : full ? MEM_OBJECT_ALLOCATION_FAILURE : 0);
        if (fails || full) {
            return 0;
        }
        if (function.equals("enqueueMapBuffer")) {
            mapped.add((Long) a[1]);
            return buffer(a[1]).address();
        }
        alive.put(++lastHandle, made);
        return lastHandle;
    }

    private static void list(List<Long> handles, Object[] a, int at) {
        ((MemorySegment) a[at + 2]).set(JAVA_INT, 0, handles.size());
        for (int i = 0; i < (int) a[at]; i++) {
            ((MemorySegment) a[at + 1]).setAtIndex(JAVA_LONG, i, handles.get(i));
        }
    }

    private static void answer(Object answer, Object[] a) {
        MemorySegment value = (MemorySegment) a[3];
        ((MemorySegment) a[4]).set(JAVA_LONG, 0, answer instanceof String text ? text.length() + 1 : Long.BYTES);
        if (answer instanceof Long number) {
            value.set(JAVA_LONG, 0, number);
        } else if ((long) a[2] > 0) {
            value.setString(0, (String) answer);
        }
    }

    private MemorySegment buffer(Object handle) {
        return (MemorySegment) alive.get((Long) handle);
    }

    // ---------------------------------------------------------------- what the kernels compute

    private void launch(Kernel kernel, MemorySegment global) {
        if (Set.of("row", "row_of_blocks", "tiles").contains(kernel.name)) {
            multiply(kernel.arguments);
        } else if (!kernel.name.equals(skipped)) {
            rowKernels.run(kernel.name, kernel.arguments, (int) global.getAtIndex(JAVA_LONG, 1));
        }
    }

    private void multiply(Object[] a) {
        int rows = (int) a[4];
        int offset = 0;
        for (int layer = 5; layer < 20; layer += 5) {
            int outs = (int) a[layer + 4];
            for (int row = 0; row < rows; row++) {
                for (int i = 0; i < outs; i++) {
                    float y = result(a, layer, row, (int) a[layer + 3] + i);
                    float wrong = layer == 5 ? lie : lie + laterLie;
                    buffer(a[1]).setAtIndex(JAVA_FLOAT, offset + row * outs + i, wrong == 0 ? y : y + wrong);
                }
            }
            offset += rows * outs;
        }
    }

    private float result(Object[] a, int layer, int row, int out) {
        int blocks = (int) a[3];
        float total = 0;
        for (int block = 0; block < blocks; block++) {
            int at = out * blocks + block;
            float scale = buffer(a[layer + 1]).getAtIndex(JAVA_FLOAT, (long) (int) a[layer + 2] * at);
            float product = (float) sum(a, layer, at, row * blocks + block) * scale;
            total = block == 0 ? product : total + product;
        }
        return total;
    }

    private int sum(Object[] a, int layer, int block, int blockOfRow) {
        int words = (int) a[2];
        int sum = 0;
        for (int i = 0; i < words; i++) {
            int word = buffer(a[layer]).getAtIndex(JAVA_INT, block * words + i);
            for (int column = 0; column < 16; column++) {
                int trit = (word >> 8 * (column % 4) + 2 * (column / 4) & 3) - 1;
                sum += trit * buffer(a[0]).get(JAVA_BYTE, (long) (blockOfRow * words + i) * 16 + column);
            }
        }
        return sum;
    }
}
