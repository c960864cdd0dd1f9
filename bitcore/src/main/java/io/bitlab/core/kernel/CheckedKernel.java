package io.bitlab.core.kernel;

import io.bitlab.core.ActivationDtype;
import io.bitlab.core.BitQuantConfig;
import io.bitlab.core.internal.DeviceException;
import io.bitlab.core.internal.DeviceKernel;
import io.bitlab.core.internal.DeviceProducts;
import io.bitlab.core.internal.DeviceRows;
import io.bitlab.core.internal.DeviceSession;
import io.bitlab.core.internal.KernelEvents;
import io.bitlab.core.internal.LastResortLogger;
import io.bitlab.core.kernel.schedule.BatchParts;
import io.bitlab.core.kernel.schedule.LayersAtOnce;
import io.bitlab.core.memory.Workspace;
import io.bitlab.core.quant.Activations;
import io.bitlab.core.quant.PatchGrid;
import io.bitlab.core.quant.TernaryMatrix;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import org.apache.commons.math3.util.ArithmeticUtils;
import org.slf4j.Logger;

/**
 * A kernel that checks another: compares it with the oracle on a small matrix at its first use and at calls 1,000,
 * 10,000 and 100,000, so that its interpreted form and the code of C1 and C2 are all checked. (JDKs have shipped with
 * vector operations that C2 compiles wrongly, JDK-8387145 for one.)
 *
 * <p>A difference, a {@link LinkageError} or a {@link DeviceException} disables the kernel for the process. A
 * substitute computes the current call and all later ones, though not the parts of a product that other threads have
 * begun; weights that were packed for the kernel are repacked when they are next used. From then on {@link #refusal}
 * gives the reason, so that new layers get another kernel. If only the memory of a device does not suffice, the
 * substitute takes over the weights in question alone.
 *
 * <p>A call costs one increment and two comparisons more.
 */
final class CheckedKernel implements TernaryKernel, DeviceKernel, DeviceProducts {

    private static final Logger LOG = LastResortLogger.of(CheckedKernel.class);

    /** The kernel is checked before these calls; the last is never reached. */
    private static final long[] CHECKS = {1, 1_000, 10_000, 100_000, Long.MAX_VALUE};

    private final TernaryKernel kernel;
    private final TernaryKernel oracle;
    private final TernaryKernel substitute;
    private final CheckedRows rows; // or null
    private int checks; // done so far, guarded by this
    private volatile String disabled; // the reason, or null
    private volatile boolean unchecked; // the first check had no memory, so that the substitute computes
    private volatile int mostRowsAtOnce = Integer.MAX_VALUE; // of several layers, for which a device has memory

    // Not synchronised: if threads count at the same moment, a check comes a few calls late.
    private long calls;
    private long nextCheck = CHECKS[0];

    /**
     * Wraps a kernel.
     *
     * @param kernel the kernel to check
     * @param oracle the kernel that it must equal, and that replaces it after a failure
     */
    CheckedKernel(TernaryKernel kernel, TernaryKernel oracle) {
        this(kernel, oracle, oracle);
    }

    /**
     * Wraps a kernel.
     *
     * @param kernel the kernel to check
     * @param oracle the kernel that it must equal
     * @param substitute the kernel that replaces it after a failure
     */
    CheckedKernel(TernaryKernel kernel, TernaryKernel oracle, TernaryKernel substitute) {
        this.kernel = kernel;
        this.oracle = oracle;
        this.substitute = substitute;
        this.rows = kernel instanceof DeviceProducts products ? new CheckedRows(kernel, products, oracle) : null;
    }

    @Override
    public String device() {
        return kernel instanceof DeviceKernel device ? device.device() : "";
    }

    @Override
    public String name() {
        return kernel.name();
    }

    @Override
    public boolean isVectorized() {
        return kernel.isVectorized();
    }

    @Override
    public int priority() {
        return kernel.priority();
    }

    @Override
    public int patchPriority(int out, int in) {
        return kernel.patchPriority(out, in);
    }

    @Override
    public boolean readsPatches(PatchGrid grid) {
        return kernel.readsPatches(grid);
    }

    @Override
    public int rowAlignment() {
        return ArithmeticUtils.lcm(kernel.rowAlignment(), substitute.rowAlignment());
    }

    @Override
    public double nanosPerWeight() {
        return disabled == null ? kernel.nanosPerWeight() : substitute.nanosPerWeight();
    }

    @Override
    public Optional<String> refusal(BitQuantConfig config, int out, int in) {
        return disabled == null
                ? kernel.refusal(config, out, in).or(() -> substitute.refusal(config, out, in))
                : Optional.of(disabled);
    }

    // ---------------------------------------------------------------- every call

    @Override
    public PackedWeights pack(TernaryMatrix weights) {
        if (disabled == null) {
            try {
                return new CheckedWeights(this, substitute, kernel.pack(weights));
            } catch (LinkageError | DeviceException e) {
                fail(e, weights);
            }
        }
        return new CheckedWeights(this, substitute, substitute.pack(weights));
    }

    @Override
    public PreparedActivations prepare(Activations activations) {
        if (disabled == null) {
            try {
                return new Prepared(this, activations, kernel.prepare(activations));
            } catch (LinkageError e) {
                disable(why(e), e);
            }
        }
        return new Prepared(this, activations, substitute.prepare(activations));
    }

    @Override
    public void compute(
            PackedWeights weights, PreparedActivations activations, float[] bias, float[] y, int fromOut, int toOut) {
        CheckedWeights w = (CheckedWeights) weights;
        Prepared x = (Prepared) activations;
        checkInTurn();
        PackedWeights packed = disabled == null ? w.packed() : w.repacked();
        if (!unchecked && packed.kernel() != substitute && x.prepared.kernel() != substitute) {
            try {
                kernel.compute(packed, x.prepared, bias, y, fromOut, toOut);
                return;
            } catch (LinkageError | DeviceException e) {
                fail(e, w);
            }
        }
        computeBySubstitute(w.repacked(), x, bias, y, fromOut, toOut);
    }

    /** Of all output features of several layers; each by itself if it is the substitute's, or if that fails. */
    private void computeAtOnce(List<?> weights, Prepared x, float[][] biases, float[][] ys) {
        checkInTurn();
        List<PackedWeights> packed = packed(weights);
        if (!unchecked && x.isAtOnce() && packed.stream().noneMatch(w -> w.kernel() == substitute)) {
            try {
                ((LayersAtOnce) x.prepared).multiplyAll(packed, biases, ys);
                return;
            } catch (LinkageError | DeviceException e) {
                if (isOutOfMemory(e)) {
                    mostRowsAtOnce = x.rows() - 1;
                    LOG.warn("Ternary kernel '{}' has no memory for {} rows of several layers at once, and computes the"
                            + " layers one by one: {}", name(), x.rows(), e.getMessage());
                } else {
                    disable(why(e), e);
                }
            }
        }
        for (int i = 0; i < ys.length; i++) {
            CheckedWeights w = (CheckedWeights) weights.get(i);
            compute(w, x, biases[i], ys[i], 0, w.outFeatures());
        }
    }

    // ---------------------------------------------------------------- results that stay on a device

    @Override
    public boolean hasDevice() {
        return rows != null;
    }

    @Override
    public DeviceSession openSession() {
        if (rows == null) {
            return null;
        }
        checkInTurn();
        try {
            return disabled == null && !unchecked ? rows.openSession() : null;
        } catch (DeviceException e) {
            failed(e);
            return null;
        }
    }

    @Override
    public List<DeviceRows> multiply(int rowCount, Supplier<DeviceRows> x, List<?> weights, float[][] biases) {
        List<PackedWeights> packed = packed(weights);
        return packed.stream().anyMatch(w -> w.kernel() == substitute) ? null
                : rows.multiply(rowCount, x, packed, biases);
    }

    @Override
    public void failed(DeviceException failure) {
        if (failure.isOutOfMemory()) {
            rows.failed(failure);
        } else {
            disable(why(failure), failure);
        }
    }

    private static List<PackedWeights> packed(List<?> weights) {
        List<PackedWeights> packed = new ArrayList<>();
        for (Object w : weights) {
            packed.add(((CheckedWeights) w).packed());
        }
        return packed;
    }

    private void computeBySubstitute(PackedWeights w, Prepared x, float[] bias, float[] y, int fromOut, int toOut) {
        if (x.prepared.kernel() == substitute) {
            substitute.compute(w, x.prepared, bias, y, fromOut, toOut);
        } else if (fromOut == 0 && toOut == w.outFeatures()) { // on several threads
            TernaryMatmul.multiply(w, x.activations, bias, y);
        } else {
            substitute.compute(w, substitute.prepare(x.activations), bias, y, fromOut, toOut);
        }
    }

    private void fail(Throwable e, Object weights) {
        if (isOutOfMemory(e)) {
            LOG.warn("Ternary kernel '{}' has no memory for {}, and '{}' takes its place there: {}", name(), weights,
                    substitute.name(), e.getMessage());
        } else {
            disable(why(e), e);
        }
    }

    // ---------------------------------------------------------------- checks

    private void checkInTurn() {
        if (++calls >= nextCheck) {
            checkNow();
        }
    }

    private synchronized void checkNow() {
        if (disabled != null) {
            nextCheck = Long.MAX_VALUE;
        } else if (calls >= CHECKS[checks]) {
            nextCheck = CHECKS[++checks];
            new Workspace().run(this::check); // the caller's would keep the arrays of the check
        }
    }

    private void check() {
        try {
            for (ActivationDtype dtype : ActivationDtype.values()) {
                BitQuantConfig config = BitQuantConfig.defaults().withActivationDtype(dtype);
                if (kernel.refusal(config, SelfCheck.OUT, SelfCheck.IN).isEmpty()) {
                    SelfCheck.difference(kernel, oracle, dtype)
                            .ifPresent(difference -> disable("it computes wrong results: " + difference, null));
                }
            }
            unchecked = false;
        } catch (LinkageError | DeviceException e) {
            if (isOutOfMemory(e)) {
                unchecked = --checks == 0;
                nextCheck = 2 * calls;
            } else {
                disable(why(e), e);
            }
        }
    }

    private static boolean isOutOfMemory(Throwable e) {
        return e instanceof DeviceException device && device.isOutOfMemory();
    }

    private static String why(Throwable e) {
        return e instanceof DeviceException ? "its device can't be used" : "it can't be linked";
    }

    private synchronized void disable(String why, Throwable cause) {
        if (disabled != null) {
            return;
        }
        boolean device = cause instanceof DeviceException;
        String error = cause == null ? "" : " (" + (device ? cause.getMessage() : cause) + ")";
        disabled = "disabled in this process: " + why + error + (device
                ? "; start the program again, or try another driver"
                : "; please report this with the version of your JVM, and try another");
        KernelEvents.disabled(name(), why + error);
        LOG.error("Ternary kernel '{}' is disabled, and '{}' takes its place: {}{}. JVM: {} {}, {}, on {}", name(),
                substitute.name(), why, error, System.getProperty("java.vm.name"),
                System.getProperty("java.vm.version"), System.getProperty("java.vm.info"),
                System.getProperty("os.arch"));
    }

    // ---------------------------------------------------------------- operands

    /** Activations as given, and as the kernel reads them: the substitute if the kernel was disabled. */
    private record Prepared(CheckedKernel kernel, Activations activations, PreparedActivations prepared)
            implements PreparedActivations, BatchParts<PreparedActivations>, LayersAtOnce {
        @Override
        public int rows() {
            return activations.rows();
        }

        @Override
        public int columns() {
            return activations.columns();
        }

        @Override
        public PreparedActivations forThread(int thread) {
            return prepared instanceof BatchParts<?> parts ? with(parts.forThread(thread)) : this;
        }

        @Override
        public int slices() {
            return prepared instanceof BatchParts<?> parts ? parts.slices() : 1;
        }

        @Override
        public PreparedActivations slice(int thread, int slice) {
            return prepared instanceof BatchParts<?> parts ? with(parts.slice(thread, slice)) : this;
        }

        @Override
        public boolean isAtOnce() {
            return kernel.disabled == null && rows() <= kernel.mostRowsAtOnce && prepared instanceof LayersAtOnce layers
                    && layers.isAtOnce();
        }

        @Override
        public void multiplyAll(List<?> weights, float[][] biases, float[][] ys) {
            kernel.computeAtOnce(weights, this, biases, ys);
        }

        /** Keeps all activations: after a failure, the substitute computes the whole batch. */
        private Prepared with(Object part) {
            return part == prepared ? this : new Prepared(kernel, activations, (PreparedActivations) part);
        }
    }
}
