package io.bitlab.core.tensor;

import io.bitlab.core.memory.Workspace;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Supplier;

/**
 * Reverse-mode automatic differentiation: records which operation computed which tensor, and traverses the record
 * backwards.
 *
 * {@snippet class="io.bitlab.core.snippets.TensorSnippets" region="noGrad"}
 *
 * <p>Each result tensor holds its part of the record, which is garbage collected with the tensors. A
 * {@link Tensor#backward()} uses the record up, so that intermediate results are freed as early as possible.
 *
 * <p><b>Thread safety:</b> recording is per thread; {@link #noGrad} affects the calling thread only.
 */
public final class Autograd {

    private static final ScopedValue<Boolean> RECORDING = ScopedValue.newInstance();

    private Autograd() {
    }

    /**
     * Whether operations on the calling thread are recorded.
     *
     * @return false inside {@link #noGrad}, else true
     */
    public static boolean isRecording() {
        return RECORDING.orElse(true);
    }

    /**
     * Runs a computation without recording gradients, which needs less memory and gives the same results.
     *
     * @param <T> type of the result
     * @param computation runs once, on the calling thread
     * @return the result of the computation
     */
    public static <T> T noGrad(Supplier<T> computation) {
        return ScopedValue.where(RECORDING, false).call(computation::get);
    }

    /**
     * Computes a part of a chain, such as a block of a network, in memory that the next part uses again. So the chain
     * takes the memory of one part and of all results, most of which stays in the processor's caches. Where operations
     * are recorded, or no {@link Workspace} is bound, and within another part, it just computes: gradients need what
     * was computed on the way.
     *
     * {@snippet class="io.bitlab.core.snippets.TensorSnippets" region="recycling"}
     *
     * @param part runs once, on the calling thread; of its tensors only the result may be used afterwards
     * @return the result, a copy that is valid as long as other results of the bound workspace
     */
    public static Tensor recycling(Supplier<Tensor> part) {
        Workspace bound = Workspace.current();
        Workspace inner = bound == null || isRecording() ? null : bound.inner();
        if (inner == null) {
            return part.get();
        }
        try {
            Tensor computed = inner.call(part::get);
            float[] kept = Workspace.floats(computed.size());
            System.arraycopy(computed.data(), 0, kept, 0, kept.length);
            return new Tensor(kept, computed.shape(), bound, null);
        } finally {
            inner.reset();
        }
    }

    /**
     * Wraps the result of an operation and records its gradient. A differentiable operation needs nothing else:
     *
     * {@snippet class="io.bitlab.core.snippets.TensorSnippets" region="operation"}
     *
     * @param operation name of the operation, for messages
     * @param data the result, row-major, in an array from {@link Workspace#floats}; not copied
     * @param shape its shape; the product must be {@code data.length}
     * @param backward adds to the gradients of the inputs; discarded if none of them needs a gradient
     * @param inputs the tensors that the result was computed from
     * @return the result
     */
    public static Tensor result(String operation, float[] data, int[] shape, Backward backward, Tensor... inputs) {
        return new Tensor(data, shape, Workspace.current(), record(operation, backward, inputs));
    }

    /**
     * Wraps the result of an operation that has no gradient, such as a layer in evaluation. A backward that reaches the
     * result fails, instead of silently omitting a gradient.
     *
     * @param operation name of the operation, for messages
     * @param layer describes the layer that computed the result; called only when a message needs it
     * @param data the result, row-major, in an array from {@link Workspace#floats}; not copied
     * @param shape its shape; the product must be {@code data.length}
     * @param inputs the tensors that the result was computed from. If none of them needs a gradient, the result needs
     *     none either; otherwise a {@link Tensor#backward()} that reaches the result throws an
     *     {@link IllegalStateException} before it changes any gradient
     * @return the result
     */
    public static Tensor unrecorded(String operation, Supplier<String> layer, float[] data, int[] shape,
            Tensor... inputs) {
        // The node has no inputs: nothing behind the result can be differentiated, so nothing needs to stay in memory.
        Node node = isRecording() && anyNeedsGrad(inputs) ? new Node(operation, new NoGradient(layer)) : null;
        return new Tensor(data, shape, Workspace.current(), node);
    }

    /**
     * Creates a view: a tensor of another shape over the values of {@code source}.
     *
     * @param operation name of the operation, for messages
     * @param source the tensor that owns the values
     * @param shape the new shape, with the same number of elements
     * @param backward adds to the gradient of the source; discarded if that needs none
     * @return the view; it is recycled together with {@code source}
     */
    public static Tensor view(String operation, Tensor source, int[] shape, Backward backward) {
        return new Tensor(source.data(), shape, source.workspace(), record(operation, backward, source));
    }

    /** Images over the values of their pixels, see {@link ChannelsLast}. */
    static Tensor images(Tensor pixels, int[] shape, Backward backward) {
        pixels.requireLive();
        return new Tensor(new ChannelsLast.Order(pixels), shape, pixels.workspace(),
                record("images", backward, pixels));
    }

    private static Node record(String operation, Backward backward, Tensor... inputs) {
        return isRecording() && anyNeedsGrad(inputs) ? new Node(operation, backward, inputs.clone()) : null;
    }

    private static boolean anyNeedsGrad(Tensor[] inputs) {
        for (Tensor input : inputs) {
            if (input.needsGrad()) {
                return true;
            }
        }
        return false;
    }

    /** One recorded operation. Its {@code backward} is null once it has been used. */
    static final class Node {
        private final String operation;
        private Backward backward;
        private Tensor[] inputs;

        private Node(String operation, Backward backward, Tensor... inputs) {
            this.operation = operation;
            this.backward = backward;
            this.inputs = inputs;
        }

        String operation() {
            return operation;
        }

        private void requireUsable() {
            if (backward instanceof NoGradient refusal) {
                throw refusal.exception();
            }
            if (backward == null) {
                throw new IllegalStateException("backward: the record of '" + operation
                        + "' was used up by an earlier backward(); compute the result again before the next "
                        + "backward()");
            }
        }

        private void useUp(float[] gradient) {
            backward.accept(gradient);
            backward = null;
            inputs = new Tensor[0];
        }
    }

    /** Takes the place of the gradient of an {@linkplain #unrecorded unrecorded} operation. */
    private record NoGradient(Supplier<String> layer) implements Backward {

        @Override
        public void accept(float[] gradient) {
            throw exception();
        }

        IllegalStateException exception() {
            return new IllegalStateException("backward: " + layer.get() + " is in evaluation and records no "
                    + "gradients; call train() on the model and run forward again");
        }
    }

    /** Adds a gradient to {@code root} and propagates it to everything that {@code root} was computed from. */
    static void backward(Tensor root, float[] gradient) {
        List<Tensor> order = inputsFirst(root);
        for (Tensor tensor : order) { // check all before changing any, so that a refusal leaves no partial gradients
            tensor.node().requireUsable();
            tensor.requireLive();
            for (Tensor input : tensor.node().inputs) { // the gradient may need its values
                input.requireLive();
            }
        }
        float[] own = root.gradBuffer();
        for (int i = 0; i < own.length; i++) {
            own[i] += gradient[i];
        }
        while (!order.isEmpty()) {
            Tensor tensor = order.removeLast();
            tensor.node().useUp(tensor.gradBuffer());
            tensor.dropGrad();
        }
    }

    /** The recorded results that lead to {@code root}, inputs first. Not recursive, because chains can be long. */
    private static List<Tensor> inputsFirst(Tensor root) {
        List<Tensor> order = new ArrayList<>();
        Set<Tensor> seen = new HashSet<>();
        Deque<Visit> open = new ArrayDeque<>();
        if (root.node() != null) {
            seen.add(root);
            open.push(new Visit(root));
        }
        while (!open.isEmpty()) {
            Visit visit = open.peek();
            Tensor[] inputs = visit.tensor.node().inputs;
            if (visit.next == inputs.length) {
                order.add(visit.tensor);
                open.pop();
                continue;
            }
            Tensor input = inputs[visit.next++];
            if (input.node() != null && seen.add(input)) {
                open.push(new Visit(input));
            }
        }
        return order;
    }

    private static final class Visit {
        private final Tensor tensor;
        private int next;

        private Visit(Tensor tensor) {
            this.tensor = tensor;
        }
    }
}
