package io.bitlab.core.gpu;

import io.bitlab.core.internal.DeviceException;
import java.io.IOException;
import java.io.InputStream;
import java.lang.ref.Cleaner;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.concurrent.Semaphore;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The compiled kernels on a device, and the queues on which they run. Released when it is no longer reachable.
 *
 * <p><b>Thread safety:</b> all methods may be called from any thread.
 */
final class GpuProgram {

    private static final List<String> SOURCES = List.of("ternary.cl", "rows.cl");

    private static final String EXACT_DIVISION = "-cl-fp32-correctly-rounded-divide-sqrt ";

    /** The first compute capability of NVIDIA's devices with dot products of bytes. */
    private static final int DP4A = 61;

    /**
     * How to compile the kernels.
     *
     * @param options of the compiler
     * @param kernels what they are then, for messages
     * @param isPlain whether they multiply without an instruction for several products
     * @param dividesExactly whether division and square root are rounded as in Java
     */
    private record Compilation(String options, String kernels, boolean isPlain, boolean dividesExactly) {

        Compilation(String options, String kernels) {
            this(options, kernels, false, false);
        }

        Compilation exact() {
            return new Compilation(EXACT_DIVISION + options, kernels, isPlain, true);
        }
    }

    private static final Compilation PLAIN =
            new Compilation("-D PLAIN", "kernels with plain multiplications", true, false);

    private final Objects objects;
    private final Semaphore queues;
    private final Semaphore sessions;
    private final Cleaner cleaner = Cleaner.create(); // its thread ends with the program
    private final Cleaner.Cleanable release; // which cleans once, whoever asks

    private GpuProgram(Objects objects, int queues) {
        this.objects = objects;
        this.queues = new Semaphore(queues);
        this.sessions = new Semaphore(queues);
        this.release = cleaner.register(this, objects);
    }

    /**
     * Chooses a device and compiles the kernels for it: the best device that can be used.
     *
     * @param queues how many threads may compute at a time; more wait
     * @throws DeviceException if none can; the message says why
     */
    static GpuProgram open(OpenCl cl, int queues) {
        List<String> failures = new ArrayList<>();
        for (GpuDevice device : GpuDevice.bestFirst(cl)) {
            GpuProgram program = new GpuProgram(new Objects(cl, device), queues);
            try {
                program.objects.context = cl.createContext(device.platform(), device.id());
                compile(program.objects);
                program.use(queue -> { // the kernels exist, and there is memory for a queue
                });
                return program;
            } catch (DeviceException e) {
                program.release.clean();
                failures.add(device + ": " + e.getMessage());
            }
        }
        throw new DeviceException(String.join("; ", failures), false);
    }

    /**
     * What to try, in this order: the instruction of NVIDIA's devices, or the dot products of OpenCL C 3 and those of
     * the driver's own language; and multiplications for drivers that promise more than they compile.
     */
    private static List<Compilation> compilations(GpuDevice device) {
        if (device.computeCapability() > 0) {
            return device.computeCapability() < DP4A ? List.of(PLAIN)
                    : List.of(new Compilation("-D NV_DP4A", "kernels with dp4a"), PLAIN);
        }
        return List.of(new Compilation("-cl-std=CL3.0", "kernels in OpenCL C 3"),
                new Compilation("", "kernels in the driver's OpenCL C"), PLAIN);
    }

    private static void compile(Objects objects) {
        DeviceException failure = null;
        boolean mayDivide = objects.device.dividesExactly();
        List<Compilation> each = compilations(objects.device).stream()
                .flatMap(c -> mayDivide ? Stream.of(c.exact(), c) : Stream.of(c)).toList();
        for (Compilation compilation : each) {
            objects.program = objects.cl.createProgram(objects.context, source());
            try {
                objects.cl.build(objects.program, objects.device.id(), compilation.options());
                objects.compilation = compilation;
                return;
            } catch (DeviceException e) {
                failure = e;
                objects.cl.releaseProgram(objects.program);
                objects.program = 0;
            }
        }
        throw failure;
    }

    private static String source() {
        return SOURCES.stream().map(GpuProgram::source).collect(Collectors.joining());
    }

    private static String source(String file) {
        try (InputStream in = GpuProgram.class.getResourceAsStream(file)) {
            if (in == null) {
                throw new DeviceException("the jar of this library lacks the file " + file
                        + ": keep it where jars are merged", false);
            }
            return new String(in.readAllBytes(), StandardCharsets.US_ASCII);
        } catch (IOException e) {
            throw new DeviceException("the file " + file + " of this library can't be read (" + e.getMessage() + ")",
                    false);
        }
    }

    GpuDevice device() {
        return objects.device;
    }

    /** Whether the kernels of {@code rows.cl} have the bits of Java. */
    boolean dividesExactly() {
        return objects.compilation.dividesExactly();
    }

    /** Whether launches may be large: a fast device with an instruction for four products. */
    boolean isFast() {
        return objects.device.isDiscrete() && !objects.compilation.isPlain();
    }

    /** The device and how its kernels were compiled, for messages. */
    @Override
    public String toString() {
        return objects.device + ", " + objects.compilation.kernels();
    }

    OpenCl cl() {
        return objects.cl;
    }

    /** A new buffer, which the caller releases. */
    long createBuffer(long flags, long bytes) {
        return objects.cl.createBuffer(objects.context, flags, bytes);
    }

    /** Releases something when its owner is no longer reachable, or when the result is told to; once. */
    Cleaner.Cleanable releaseWith(Object owner, Runnable objectsOfOwner) {
        return cleaner.register(owner, objectsOfOwner);
    }

    /**
     * Computes on a queue, which nobody else uses meanwhile. The last one that was used comes first: it may still hold
     * the activations of the thread that used it.
     *
     * @throws DeviceException if the work does, or there is no memory for another queue
     */
    void use(Consumer<GpuQueue> work) {
        queues.acquireUninterruptibly();
        try {
            GpuQueue queue = queue();
            boolean intact = false;
            try {
                work.accept(queue);
                intact = true;
            } finally {
                giveBack(queue, intact);
            }
        } finally {
            queues.release();
        }
    }

    private GpuQueue queue() {
        GpuQueue idle = objects.idle.poll();
        return idle != null ? idle
                : new GpuQueue(objects.cl, objects.context, objects.program, objects.device.id());
    }

    private void giveBack(GpuQueue queue, boolean intact) {
        if (intact) {
            objects.idle.push(queue);
        } else {
            queue.release();
        }
    }

    /**
     * A queue for results that stay on the device. Not one of those of {@link #use}: who holds it may also wait there.
     *
     * @return a queue, to be given to {@link #endSession}; null if all are in use
     * @throws DeviceException if there is no memory for another queue
     */
    GpuQueue beginSession() {
        if (!sessions.tryAcquire()) {
            return null;
        }
        try {
            return queue();
        } catch (DeviceException e) {
            sessions.release();
            throw e;
        }
    }

    /** Takes a queue back, which is released unless it is intact. */
    void endSession(GpuQueue queue, boolean intact) {
        giveBack(queue, intact);
        sessions.release();
    }

    /** What has to be released. It knows no {@link GpuProgram}, which would never become unreachable. */
    private static final class Objects implements Runnable {
        private final OpenCl cl;
        private final GpuDevice device;
        private final ConcurrentLinkedDeque<GpuQueue> idle = new ConcurrentLinkedDeque<>();
        private long context;
        private long program;
        private Compilation compilation;

        Objects(OpenCl cl, GpuDevice device) {
            this.cl = cl;
            this.device = device;
        }

        @Override
        public void run() {
            for (GpuQueue queue = idle.poll(); queue != null; queue = idle.poll()) {
                queue.release();
            }
            if (program != 0) {
                cl.releaseProgram(program);
                program = 0;
            }
            if (context != 0) {
                cl.releaseContext(context);
                context = 0;
            }
        }
    }
}
