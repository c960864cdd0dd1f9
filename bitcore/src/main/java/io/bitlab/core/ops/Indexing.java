package io.bitlab.core.ops;

import io.bitlab.core.memory.Workspace;
import io.bitlab.core.tensor.Autograd;
import io.bitlab.core.tensor.ChannelsLast;
import io.bitlab.core.tensor.Shape;
import io.bitlab.core.tensor.Tensor;
import java.util.Arrays;

/**
 * Operations that move elements without changing them: reshape, transpose, slice, gather, concat. The gradient of each
 * result element is added to the element that it was copied from.
 *
 * {@snippet class="io.bitlab.core.snippets.OpsSnippets" region="indexing"}
 */
public final class Indexing {

    /** The axes of images in the shape of pixels. */
    private static final int[] PIXEL_AXES = {0, 3, 1, 2};

    private Indexing() {
    }

    /**
     * The same elements in another shape.
     *
     * @param x any tensor
     * @param shape the new lengths; one of them may be -1 and is then computed
     * @return a view that shares x's values
     * @throws IllegalArgumentException if the new shape has another number of elements
     */
    public static Tensor reshape(Tensor x, int... shape) {
        return Autograd.view("reshape", x, resolve(x, shape), g -> {
            float[] dx = x.gradBuffer();
            for (int i = 0; i < dx.length; i++) {
                dx[i] += g[i];
            }
        });
    }

    private static int[] resolve(Tensor x, int[] shape) {
        int[] resolved = shape.clone();
        int open = 0;
        while (open < shape.length && shape[open] != -1) {
            open++;
        }
        boolean isOpen = open < shape.length;
        if (isOpen) {
            resolved[open] = 1;
        }
        int known = Shape.size("reshape", resolved);
        if (isOpen) {
            resolved[open] = x.size() / known;
            known *= resolved[open];
        }
        if (known != x.size()) {
            throw new IllegalArgumentException("reshape: shape " + Arrays.toString(x.shape()) + " of " + x.size()
                    + " elements can't become " + Arrays.toString(shape));
        }
        return resolved;
    }

    /**
     * Swaps two axes.
     *
     * @param x a tensor
     * @param axis one axis
     * @param other the other axis
     * @return a copy with the two axes swapped; a view if they are the same
     * @throws IllegalArgumentException if there is no such axis
     */
    public static Tensor transpose(Tensor x, int axis, int other) {
        int[] shape = x.shape();
        int first = Math.min(Shape.axis("transpose", axis, shape), Shape.axis("transpose", other, shape));
        int second = Math.max(Shape.axis("transpose", axis, shape), Shape.axis("transpose", other, shape));
        int[] swapped = Shape.with(Shape.with(shape, first, shape[second]), second, shape[first]);
        if (first == second) {
            return reshape(x, shape);
        }
        int[] source = swappedPositions(shape, first, second);
        float[] in = x.data();
        float[] out = Workspace.floats(in.length);
        for (int i = 0; i < out.length; i++) {
            out[i] = in[source[i]];
        }
        return Autograd.result("transpose", out, swapped, g -> {
            float[] dx = x.gradBuffer();
            for (int i = 0; i < g.length; i++) {
                dx[source[i]] += g[i];
            }
        }, x);
    }

    /** For each element of the transposed tensor, its index in the original. */
    private static int[] swappedPositions(int[] shape, int first, int second) {
        int outer = Shape.product(shape, 0, first);
        int middle = Shape.product(shape, first + 1, second);
        int inner = Shape.product(shape, second + 1, shape.length);
        int[] source = Workspace.ints(outer * shape[first] * middle * shape[second] * inner);
        int at = 0;
        for (int o = 0; o < outer; o++) {
            for (int j = 0; j < shape[second]; j++) {
                for (int m = 0; m < middle; m++) {
                    for (int i = 0; i < shape[first]; i++) {
                        int from = (((o * shape[first] + i) * middle + m) * shape[second] + j) * inner;
                        for (int l = 0; l < inner; l++) {
                            source[at++] = from + l;
                        }
                    }
                }
            }
        }
        return source;
    }

    /**
     * A range of an axis.
     *
     * @param x a tensor
     * @param axis the axis
     * @param from first index
     * @param to index after the last
     * @return a copy of that range
     * @throws IllegalArgumentException if the range is empty or outside the axis
     */
    public static Tensor slice(Tensor x, int axis, int from, int to) {
        int[] shape = x.shape();
        int along = Shape.axis("slice", axis, shape);
        if (from < 0 || to > shape[along] || from >= to) {
            throw new IllegalArgumentException(
                    "slice: range [" + from + ", " + to + ") is empty or outside axis " + axis
                            + " of shape " + Arrays.toString(shape));
        }
        return pick("slice", x, along, to - from, from);
    }

    /**
     * Selects positions along an axis; the gradient of a position selected several times is the sum.
     *
     * @param x a tensor
     * @param axis the axis
     * @param indices the positions, in the order of the result; at least one
     * @return a tensor with {@code indices.length} positions along the axis
     * @throws IllegalArgumentException if there are no indices or one is outside the axis
     */
    public static Tensor gather(Tensor x, int axis, int... indices) {
        int[] shape = x.shape();
        int along = Shape.axis("gather", axis, shape);
        if (indices.length == 0) {
            throw new IllegalArgumentException("gather: no indices");
        }
        for (int i = 0; i < indices.length; i++) {
            if (indices[i] < 0 || indices[i] >= shape[along]) {
                throw new IllegalArgumentException("gather: index " + indices[i] + " at position " + i
                        + " is outside axis " + axis + " of shape " + Arrays.toString(shape));
            }
        }
        return pick("gather", x, along, 1, indices.clone());
    }

    /** Selects runs of positions along an axis, each from its start. */
    private static Tensor pick(String operation, Tensor x, int axis, int run, int... starts) {
        int[] shape = x.shape();
        int outer = Shape.product(shape, 0, axis);
        int inner = Shape.product(shape, axis + 1, shape.length);
        int values = run * inner;
        int[] picked = Shape.with(shape, axis, starts.length * run);
        float[] in = x.data();
        float[] out = Workspace.floats(Shape.size(operation, picked));
        for (int o = 0; o < outer; o++) {
            for (int i = 0; i < starts.length; i++) {
                System.arraycopy(in, (o * shape[axis] + starts[i]) * inner, out, (o * starts.length + i) * values,
                        values);
            }
        }
        return Autograd.result(operation, out, picked, g -> {
            float[] dx = x.gradBuffer();
            for (int o = 0; o < outer; o++) {
                for (int i = 0; i < starts.length; i++) {
                    addRange(g, (o * starts.length + i) * values, dx, (o * shape[axis] + starts[i]) * inner, values);
                }
            }
        }, x);
    }

    /**
     * Joins tensors along an axis.
     *
     * @param axis the axis along which the lengths add up
     * @param parts at least one tensor; all other lengths must agree
     * @return the joined copy
     * @throws IllegalArgumentException if there are no parts or their shapes don't agree
     */
    public static Tensor concat(int axis, Tensor... parts) {
        if (parts.length == 0) {
            throw new IllegalArgumentException("concat: no tensors");
        }
        int[] first = parts[0].shape();
        int along = Shape.axis("concat", axis, first);
        int length = 0;
        for (Tensor part : parts) {
            int[] shape = part.shape();
            if (shape.length != first.length
                    || !Arrays.equals(Shape.without(shape, along), Shape.without(first, along))) {
                throw new IllegalArgumentException("concat: shapes " + Arrays.toString(first) + " and "
                        + Arrays.toString(shape) + " differ in more than axis " + axis);
            }
            length += shape[along];
        }
        if (Arrays.stream(parts).allMatch(ChannelsLast::isStored)) {
            Tensor[] pixels = Arrays.stream(parts).map(ChannelsLast::pixels).toArray(Tensor[]::new);
            return ChannelsLast.images(concat(PIXEL_AXES[along], pixels));
        }
        int[] joined = Shape.with(first, along, length);
        int outer = Shape.product(joined, 0, along);
        int row = Shape.product(joined, along, joined.length);
        float[] out = Workspace.floats(Shape.size("concat", joined));
        int at = 0;
        for (Tensor part : parts) {
            int partRow = part.size() / outer;
            for (int o = 0; o < outer; o++) {
                System.arraycopy(part.data(), o * partRow, out, o * row + at, partRow);
            }
            at += partRow;
        }
        Tensor[] inputs = parts.clone();
        return Autograd.result("concat", out, joined, g -> {
            int from = 0;
            for (Tensor part : inputs) {
                int partRow = part.size() / outer;
                if (part.needsGrad()) {
                    for (int o = 0; o < outer; o++) {
                        addRange(g, o * row + from, part.gradBuffer(), o * partRow, partRow);
                    }
                }
                from += partRow;
            }
        }, inputs);
    }

    private static void addRange(float[] from, int fromOffset, float[] to, int toOffset, int length) {
        for (int i = 0; i < length; i++) {
            to[toOffset + i] += from[fromOffset + i];
        }
    }
}
