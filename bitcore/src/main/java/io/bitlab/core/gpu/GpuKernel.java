package io.bitlab.core.gpu;

import io.bitlab.core.ActivationDtype;
import io.bitlab.core.BitQuantConfig;
import io.bitlab.core.internal.DeviceException;
import io.bitlab.core.internal.DeviceKernel;
import io.bitlab.core.internal.DeviceProducts;
import io.bitlab.core.internal.DeviceRows;
import io.bitlab.core.internal.DeviceSession;
import io.bitlab.core.kernel.PackedWeights;
import io.bitlab.core.kernel.PreparedActivations;
import io.bitlab.core.kernel.TernaryKernel;
import io.bitlab.core.math.Fma;
import io.bitlab.core.quant.Activations;
import io.bitlab.core.quant.QuantizedActivations;
import io.bitlab.core.quant.TernaryMatrix;
import java.lang.ref.Reference;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;

/**
 * {@code gpu}: int8 activations on a device of OpenCL. Weights stay in the memory of the device, with 2 bits each;
 * activations are copied there for each product, and sums back, unless they stay there in a {@link GpuSession}.
 *
 * <p>The device adds up integers and multiplies the sums with the scales of the weights; activation scale and bias
 * follow in Java, on several threads. Each is one operation of IEEE 754 and none is fused, so that the results are
 * those of the reference.
 *
 * <p>The library of OpenCL is loaded when {@link #refusal} or {@link #pack} first needs the device. Where that fails,
 * it is not tried again in this process. Every failure is a {@link DeviceException}, also of methods whose contract
 * knows none: the kernel is meant to be wrapped in one that knows what to do.
 *
 * <p><b>Thread safety:</b> all methods may be called from any thread.
 */
public final class GpuKernel implements TernaryKernel, DeviceKernel, DeviceProducts {

    /** With fewer rows, each is computed by itself. Self-checks have as many, and one row, and so run all kernels. */
    private static final int LEAST_TILED_ROWS = 5;

    /** Of one buffer of activations or sums; larger batches are computed a part at a time. */
    static final long MOST_BYTES = 64L << 20;

    /** Of a launch: systems end those that take seconds, which these products do on the slowest devices. */
    private static final long MOST_PRODUCTS = 1L << 34;
    private static final long MOST_PRODUCTS_FAST = 1L << 36;

    /** Of a launch: more groups than fit into 16 bits are too many for some drivers. */
    private static final int MOST_ROWS = 0xffff;

    /** Threads that compute at a time; each has buffers of its own. */
    private static final int QUEUES = 8;

    /** How often memory is looked for: garbage that the JVM has no reason to collect may fill the device. */
    private static final int PACK_ATTEMPTS = 4;
    private static final long COLLECTION_NANOS = 20_000_000;
    /** After collections that didn't help, the next layers of a model that doesn't fit don't wait for others. */
    private static final long COLLECTION_PAUSE_NANOS = 10_000_000_000L;

    private final Supplier<OpenCl> library;
    private final int leastTiledRows;
    private final long mostBytes;
    private final AtomicLong lastId = new AtomicLong();

    private volatile GpuProgram program;
    private volatile long nextCollection = System.nanoTime();
    private String failure; // why there is no program, guarded by this

    /** Creates the kernel; the device is looked for later. */
    public GpuKernel() {
        this(OpenClLibraries::load, LEAST_TILED_ROWS, MOST_BYTES);
    }

    /** Creates a kernel with another library and other limits. */
    GpuKernel(Supplier<OpenCl> library, int leastTiledRows, long mostBytes) {
        this.library = library;
        this.leastTiledRows = leastTiledRows;
        this.mostBytes = mostBytes;
    }

    private GpuProgram program() {
        GpuProgram open = program;
        return open == null ? open() : open;
    }

    private synchronized GpuProgram open() {
        if (program == null && failure == null) {
            try {
                program = GpuProgram.open(library.get(), QUEUES);
            } catch (DeviceException e) {
                failure = e.getMessage();
            }
        }
        if (failure != null) {
            throw new DeviceException(failure, false);
        }
        return program;
    }

    @Override
    public String device() {
        GpuProgram open = program;
        return open == null ? "" : open.toString();
    }

    @Override
    public String name() {
        return "gpu";
    }

    @Override
    public boolean isVectorized() {
        return true;
    }

    /** Behind the reference: chosen only where it is forced. */
    @Override
    public int priority() {
        return -1;
    }

    @Override
    public Optional<String> refusal(BitQuantConfig config, int out, int in) {
        if (config.activationDtype() != ActivationDtype.INT8) {
            return Optional.of("reads int8 activations only: configure them with ActivationDtype.INT8");
        }
        try {
            program();
            return Optional.empty();
        } catch (DeviceException e) {
            return Optional.of(e.getMessage());
        }
    }

    /** Nothing to share: the threads of the processor would wait for the same device. */
    @Override
    public double nanosPerWeight() {
        return 0;
    }

    @Override
    public PackedWeights pack(TernaryMatrix weights) {
        for (int attempt = 1;; attempt++) {
            try {
                return new GpuWeights(this, program(), weights);
            } catch (DeviceException e) {
                boolean isLast = attempt == PACK_ATTEMPTS;
                boolean pauses = attempt == 1 && System.nanoTime() - nextCollection < 0;
                if (isLast && e.isOutOfMemory()) {
                    nextCollection = System.nanoTime() + COLLECTION_PAUSE_NANOS;
                }
                if (isLast || pauses || !e.isOutOfMemory()) {
                    throw e;
                }
                System.gc(); // releases weights that nobody uses any more, as for direct buffers of the JDK
                LockSupport.parkNanos(COLLECTION_NANOS * attempt);
            }
        }
    }

    @Override
    public PreparedActivations prepare(Activations activations) {
        if (!(activations instanceof QuantizedActivations x)) {
            throw new IllegalArgumentException("Kernel 'gpu' reads int8 activations, got " + activations
                    + "; quantise them with ActivationQuantizer");
        }
        return new GpuActivations(this, x, lastId.incrementAndGet());
    }

    @Override
    public void compute(
            PackedWeights weights, PreparedActivations activations, float[] bias, float[] y, int fromOut, int toOut) {
        if (fromOut == toOut) {
            return;
        }
        multiply(List.of(new GpuLayer((GpuWeights) weights, fromOut, toOut, bias, y)), (GpuActivations) activations);
    }

    // ---------------------------------------------------------------- results that stay on the device

    @Override
    public boolean hasDevice() {
        return true;
    }

    @Override
    public DeviceSession openSession() {
        GpuProgram open = program();
        GpuQueue queue = open.dividesExactly() && Fma.isHardware() ? open.beginSession() : null;
        return queue == null ? null : new GpuSession(open, queue, leastTiledRows);
    }

    @Override
    public List<DeviceRows> multiply(int rows, Supplier<DeviceRows> x, List<?> weights, float[][] biases) {
        List<GpuLayer> layers = new ArrayList<>();
        for (int i = 0; i < biases.length; i++) {
            layers.add(GpuLayer.whole((GpuWeights) weights.get(i), biases[i], null));
        }
        GpuLayer first = layers.getFirst();
        long bytes = (long) rows * first.weights().inFeatures() * Float.BYTES;
        if (bytes > mostBytes || rows > mostRows(layers)
                || !layers.stream().allMatch(layer -> layer.hasBlocksOf(first))) {
            return null;
        }
        DeviceRows onDevice = x.get();
        return GpuSession.of(onDevice).multiply(onDevice, layers);
    }

    /** Nothing to do: a queue is released where its commands fail. */
    @Override
    public void failed(DeviceException failure) {
    }

    // ---------------------------------------------------------------- products

    /** As {@link #multiply} for all output features of several layers, with as few launches as possible. */
    void multiplyAll(List<?> weights, GpuActivations x, float[][] biases, float[][] ys) {
        List<GpuLayer> launch = new ArrayList<>();
        for (int i = 0; i < ys.length; i++) {
            GpuLayer layer = GpuLayer.whole((GpuWeights) weights.get(i), biases[i], ys[i]);
            if (launch.size() == GpuQueue.MOST_LAYERS || !launch.isEmpty() && !layer.hasBlocksOf(launch.getFirst())) {
                multiply(launch, x);
                launch.clear();
            }
            launch.add(layer);
        }
        multiply(launch, x);
    }

    /** Multiplies as many rows at a time as there is memory for. */
    private void multiply(List<GpuLayer> layers, GpuActivations x) {
        GpuProgram open = program();
        int most = Math.clamp(mostRows(layers), 1, x.rows());
        int part = evenPart(x.rows(), most);
        try {
            open.use(queue -> {
                for (int row = 0; row < x.rows(); row += part) {
                    int rows = Math.min(part, x.rows() - row);
                    queue.multiply(layers, x, row, rows, rows >= leastTiledRows);
                }
            });
        } finally {
            Reference.reachabilityFence(layers); // else buffers could be released while the device reads them
        }
    }

    /** The number of rows that a launch may compute; 0 if there is not enough memory for one. */
    private long mostRows(List<GpuLayer> layers) {
        GpuWeights first = layers.getFirst().weights();
        long rowBytes = Math.max(first.rowActivations(), GpuLayer.bytes(layers, 1));
        long rowProducts = first.inFeatures() * layers.stream().mapToLong(GpuLayer::outs).sum();
        long mostProducts = program().isFast() ? MOST_PRODUCTS_FAST : MOST_PRODUCTS;
        return Math.min(MOST_ROWS, Math.min(mostBytes / rowBytes, mostProducts / rowProducts));
    }

    /** The number of rows in each part: whole tiles if possible, in as few parts as that takes, of about equal size. */
    static int evenPart(int rows, int most) {
        int tile = GpuQueue.TILE_ROWS;
        if (most < tile || most >= rows) {
            return most;
        }
        int parts = Math.ceilDiv(rows, most / tile * tile);
        return Math.ceilDiv(Math.ceilDiv(rows, parts), tile) * tile;
    }
}
