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
 * Reverse-mode automatic differentiation: records which operation made which tensor, and walks that record backwards.
 *
 * <p>The record is made of the result tensors themselves; it ends when they do. One {@link Tensor#backward()} uses it
 * up, so that the memory of intermediate results is free as early as possible.
 */
public final class Autograd {

    private static final ScopedValue<Boolean> RECORDING = ScopedValue.newInstance();

    private Autograd() {
    }

    /**
     * Whether operations of the calling code are recorded.
     *
     * @return false inside {@link #noGrad}
     */
    public static boolean isRecording() {
        return RECORDING.orElse(true);
    }

    /**
     * Runs a computation without recording gradients: less memory, same results.
     *
     * @param <T> type of its result
     * @param computation what to run
     * @return its result
     */
    public static <T> T noGrad(Supplier<T> computation) {
        return ScopedValue.where(RECORDING, false).call(computation::get);
    }

    /**
     * Makes the result of an operation. This is all that a differentiable operation needs.
     *
     * @param operation its name, for messages
     * @param data the result, row-major, in an array from {@link Workspace#floats}; taken over, not copied
     * @param shape its shape; the product must be {@code data.length}
     * @param backward what to do with the gradient of the result; not kept if no input needs a gradient
     * @param inputs the tensors that the result was computed from
     * @return the result
     */
    public static Tensor result(String operation, float[] data, int[] shape, Backward backward, Tensor... inputs) {
        return new Tensor(data, shape, Workspace.current(), record(operation, backward, inputs));
    }

    /**
     * Makes the result of an operation that has no gradient, such as that of a layer in evaluation. Differentiating it
     * fails instead of leaving a gradient out silently.
     *
     * @param operation its name, for messages
     * @param layer describes what computed the result; called only for the message of the refusal
     * @param data the result, row-major, in an array from {@link Workspace#floats}; taken over, not copied
     * @param shape its shape; the product must be {@code data.length}
     * @param inputs the tensors that the result was computed from. If none of them needs a gradient, the result needs
     *     none either; otherwise a {@link Tensor#backward()} that reaches the result throws an
     *     {@link IllegalStateException} before it changes any gradient
     * @return the result
     */
    public static Tensor unrecorded(String operation, Supplier<String> layer, float[] data, int[] shape,
            Tensor... inputs) {
        // Without inputs: nothing behind the result will be differentiated, so the record need not keep it alive.
        Node node = isRecording() && anyNeedsGrad(inputs) ? new Node(operation, new NoGradient(layer)) : null;
        return new Tensor(data, shape, Workspace.current(), node);
    }

    /**
     * Makes another tensor over the values of {@code source}, for operations that only change the shape.
     *
     * @param operation its name, for messages
     * @param source the tensor whose array is shared
     * @param shape the new shape, of as many elements
     * @param backward what to do with the gradient of the result
     * @return the view; it is recycled when {@code source} is
     */
    public static Tensor view(String operation, Tensor source, int[] shape, Backward backward) {
        return new Tensor(source.data(), shape, source.workspace(), record(operation, backward, source));
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

    /** One recorded operation. After its backward, {@code backward} is null: the record is used up. */
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
                        + "' was used up by an earlier backward(); compute the result again before the next backward()");
            }
        }

        private void useUp(float[] gradient) {
            backward.accept(gradient);
            backward = null;
            inputs = new Tensor[0];
        }
    }

    /** Stands in the record for the gradient that an {@linkplain #unrecorded unrecorded} operation does not have. */
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

    /** Adds a gradient to {@code root} and distributes it to everything that it was computed from. */
    static void backward(Tensor root, float[] gradient) {
        List<Tensor> order = inputsFirst(root);
        for (Tensor tensor : order) { // before anything is changed, so that a refusal leaves the leaves' gradients alone
            tensor.node().requireUsable();
            tensor.data(); // throws if it was recycled
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

    /** The recorded results that lead to {@code root}, each after its inputs; a loop, since chains can be long. */
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
