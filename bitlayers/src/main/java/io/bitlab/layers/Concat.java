package io.bitlab.layers;

import io.bitlab.core.tensor.Tensor;
import java.util.Arrays;

/**
 * Branches side by side: each sees the input, and their outputs are joined along axis 1, the channels of images. The
 * children's names are 0, 1, 2...
 *
 * {@snippet class="io.bitlab.layers.snippets.VisionSnippets" region="concat"}
 */
public final class Concat extends Layer {

    /**
     * Creates branches.
     *
     * @param branches at least one, in the order of their channels; an empty {@link Sequential} passes the input on
     * @throws IllegalArgumentException if there are none
     */
    public Concat(Layer... branches) {
        if (branches.length == 0) {
            throw new IllegalArgumentException("Concat: no branches, expected at least 1");
        }
        for (int i = 0; i < branches.length; i++) {
            child(Integer.toString(i), branches[i]);
        }
    }

    /**
     * Joins the outputs of the branches.
     *
     * @param x the input; not modified
     * @return {@code [n, sum of the branches' channels, ...]}
     * @throws IllegalArgumentException if the outputs differ in more than axis 1
     */
    @Override
    public Tensor forward(Tensor x) {
        Tensor[] outputs = children().values().stream().map(branch -> branch.forward(x)).toArray(Tensor[]::new);
        int[] first = outputs[0].shape();
        for (Tensor output : outputs) {
            int[] shape = output.shape();
            if (shape.length > 1 && shape.length == first.length) {
                shape[1] = first[1];
            }
            if (shape.length < 2 || !Arrays.equals(shape, first)) {
                throw new IllegalArgumentException(describeWithPath() + ": branches return "
                        + Arrays.toString(first) + " and " + Arrays.toString(output.shape())
                        + ", expected shapes that differ in axis 1 only");
            }
        }
        return observed(Tensor.concat(1, outputs));
    }
}
