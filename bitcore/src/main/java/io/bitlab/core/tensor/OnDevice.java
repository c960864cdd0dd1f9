package io.bitlab.core.tensor;

import io.bitlab.core.internal.DeviceException;
import io.bitlab.core.internal.DeviceProducts;
import io.bitlab.core.internal.DeviceRows;
import io.bitlab.core.internal.DeviceSession;
import io.bitlab.core.memory.Workspace;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * Results that stay on a device, such as a graphics card, which computed them.
 *
 * {@snippet class="io.bitlab.core.snippets.TensorSnippets" region="onDevice"}
 *
 * <p>Where a kernel on a device multiplies, the program waits for each product. Within {@link #keeping} it does so only
 * when values are read: ternary products, sums of equal shapes, root-mean-square norms and squared ReLU with a gate
 * take what is on the device, and leave their results there. All results have the same bits as elsewhere. If the device
 * fails, the values are computed again by the processor.
 *
 * <p>The other static methods are for operations. <b>Thread safety:</b> tensors on a device are for the thread that
 * computes them, until their values have been read.
 */
public final class OnDevice {

    private static final ScopedValue<OnDevice> BOUND = ScopedValue.newInstance();

    private final Thread thread = Thread.currentThread(); // a forked thread inherits the binding
    private DeviceProducts kernel; // that of the session
    private DeviceSession session; // opened by the first product, or null
    private boolean ended;

    private OnDevice() {
    }

    /**
     * Computes a part of an evaluated network, such as a block, whose intermediate results may stay on a device. No
     * gradients are recorded, as in {@link Autograd#noGrad}. Within another part, it just computes.
     *
     * @param part runs once, on the calling thread; must not change values that it has given to an operation
     * @return its result, whose values have been read
     */
    public static Tensor keeping(Supplier<Tensor> part) {
        if (current() != null) {
            return part.get();
        }
        OnDevice scope = new OnDevice();
        try {
            return ScopedValue.where(BOUND, scope).call(() -> {
                Tensor result = Autograd.noGrad(part);
                result.data();
                return result;
            });
        } finally {
            scope.end();
        }
    }

    private static OnDevice current() {
        OnDevice bound = BOUND.isBound() ? BOUND.get() : null;
        return bound != null && bound.thread == Thread.currentThread() ? bound : null;
    }

    /**
     * Whether a product should try {@link #products}.
     *
     * @return true within {@link #keeping}, unless the device failed there
     */
    public static boolean isKept() {
        OnDevice scope = current();
        return scope != null && !scope.ended;
    }

    /**
     * Whether the values of a tensor are on the device, so that {@link #result} may continue there.
     *
     * @param x any tensor
     * @return true if they are
     */
    public static boolean holds(Tensor x) {
        return x.elsewhere() instanceof Values values && values.isOnDevice() && isKept();
    }

    /**
     * An operation on rows that are on the device.
     *
     * @param x a tensor that {@link #holds}
     * @param operation computes on the device; may throw a {@link DeviceException}
     * @param otherwise computes the same on the processor; called if the device fails
     * @return a tensor of the shape of x
     */
    public static Tensor result(Tensor x, Function<DeviceRows, DeviceRows> operation, Supplier<Tensor> otherwise) {
        OnDevice scope = current();
        try {
            return tensor(scope, operation.apply(((Values) x.elsewhere()).rows), x.shape(),
                    () -> otherwise.get().data());
        } catch (DeviceException e) {
            scope.fail(e);
            return otherwise.get();
        }
    }

    /**
     * The rows of a second operand.
     *
     * @param x any tensor
     * @param like rows of the device, as many and as long
     * @return the tensor's rows on the device, copied there if need be
     * @throws DeviceException if that fails
     */
    public static DeviceRows rows(Tensor x, DeviceRows like) {
        return current().rows(x, like.rows(), like.columns());
    }

    private DeviceRows rows(Tensor x, int rows, int columns) {
        return x.elsewhere() instanceof Values values && values.isOnDevice() ? values.rows
                : session.upload(x.data(), rows, columns);
    }

    /**
     * The products of ternary layers that quantise each row by itself, on the device of their kernel.
     *
     * @param on the kernel of all weights
     * @param x {@code [..., columns]}; not modified
     * @param weights the packed weights of each layer
     * @param biases for each layer its bias, or null; not modified
     * @param shapes for each layer the shape of its output
     * @param otherwise computes the outputs on the processor; called if the device fails, or finds a value that int8
     *     can't represent
     * @return for each layer its output; null if the device can't compute them
     */
    public static Tensor[] products(DeviceProducts on, Tensor x, List<?> weights, float[][] biases, int[][] shapes,
            Supplier<Tensor[]> otherwise) {
        OnDevice scope = current();
        int columns = x.length(-1);
        int rows = x.size() / columns;
        if (!scope.opens(on)) {
            return null;
        }
        List<DeviceRows> outputs;
        try {
            outputs = on.multiply(rows, () -> scope.rows(x, rows, columns), weights, biases);
        } catch (DeviceException e) {
            scope.fail(e);
            return null;
        }
        if (outputs == null) {
            return null;
        }
        Supplier<Tensor[]> once = once(otherwise);
        Tensor[] tensors = new Tensor[shapes.length];
        for (int i = 0; i < tensors.length; i++) {
            int layer = i;
            tensors[i] = tensor(scope, outputs.get(i), shapes[i], () -> once.get()[layer].data());
        }
        return tensors;
    }

    private static Supplier<Tensor[]> once(Supplier<Tensor[]> computation) {
        List<Tensor> known = new ArrayList<>();
        return () -> {
            if (known.isEmpty()) {
                known.addAll(List.of(computation.get()));
            }
            return known.toArray(Tensor[]::new);
        };
    }

    private boolean opens(DeviceProducts on) {
        if (session == null) {
            session = on.openSession();
            kernel = on;
            ended = session == null;
        }
        return !ended && kernel == on;
    }

    private void fail(DeviceException e) {
        end();
        kernel.failed(e);
    }

    private void end() {
        if (session != null && !ended) {
            session.close();
        }
        ended = true;
    }

    private static Tensor tensor(OnDevice scope, DeviceRows rows, int[] shape, Supplier<float[]> otherwise) {
        return new Tensor(new Values(scope, rows, otherwise), shape, Workspace.current(), null);
    }

    /** Values that are read when they are needed, or computed by the processor. */
    private static final class Values implements ValuesElsewhere {
        private final Workspace workspace = Workspace.current();
        private float[] values; // once they are known; all below is null then
        private OnDevice scope;
        private DeviceRows rows;
        private Supplier<float[]> otherwise;

        Values(OnDevice scope, DeviceRows rows, Supplier<float[]> otherwise) {
            this.scope = scope;
            this.rows = rows;
            this.otherwise = otherwise;
        }

        /** Values that were read may have been changed since. */
        synchronized boolean isOnDevice() {
            return values == null && scope == current() && !scope.ended;
        }

        @Override
        public synchronized float[] values() {
            if (values == null) {
                // Memory of another workspace could be recycled before the tensor is.
                values = workspace == Workspace.current() ? bring() : new Workspace().call(this::bring);
                scope = null;
                rows = null;
                otherwise = null;
            }
            return values;
        }

        private float[] bring() {
            return isOnDevice() ? read() : otherwise.get();
        }

        private float[] read() {
            float[] read = Workspace.floats(rows.rows() * rows.columns());
            try {
                rows.read(read);
            } catch (DeviceException e) {
                scope.fail(e);
                return otherwise.get();
            }
            for (float value : read) {
                if (Float.isNaN(value)) { // the processor computes the same, or finds out why
                    return otherwise.get();
                }
            }
            return read;
        }
    }
}
