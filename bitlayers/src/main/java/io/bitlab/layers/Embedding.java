package io.bitlab.layers;

import io.bitlab.core.tensor.Shape;
import io.bitlab.core.tensor.Tensor;
import java.util.Arrays;

/**
 * A table with a row of features for each id, such as a token: ids {@code [...]} to {@code [..., features]}. The
 * gradient of a row is the sum over the places where its id stood, ascending. The table stays float when a network is
 * deployed.
 */
public final class Embedding extends Layer {

    private final int ids;
    private final int features;
    private final Parameter weight;

    /**
     * A table of standard normal values, as PyTorch's.
     *
     * @param ids how many ids there are, from 0
     * @param features how many features each has
     */
    public Embedding(int ids, int features) {
        this(ids, features, Initializer.normal(1));
    }

    /**
     * A table.
     *
     * @param ids how many ids there are, from 0
     * @param features how many features each has
     * @param initializer draws {@code [ids, features]}; normal with 0.02 is usual in language models
     */
    public Embedding(int ids, int features, Initializer initializer) {
        if (ids < 1 || features < 1) {
            throw new IllegalArgumentException("Embedding(" + ids + " x " + features
                    + "): at least 1 id and 1 feature are needed");
        }
        this.ids = ids;
        this.features = features;
        this.weight = parameter("weight", initializer, ids, features);
    }

    /**
     * The rows of some ids.
     *
     * @param chosen the ids, row-major
     * @param shape shape of the ids; none for one axis
     * @return {@code [shape..., features]}
     * @throws IllegalArgumentException if there are no ids, they don't have that shape, or one is not in the table
     */
    public Tensor forward(int[] chosen, int... shape) {
        int[] axes = shape.length == 0 ? new int[] {chosen.length} : shape;
        if (chosen.length == 0 || Shape.size(described(), axes) != chosen.length) {
            throw new IllegalArgumentException(described() + ": " + chosen.length + " ids for shape "
                    + Arrays.toString(axes));
        }
        for (int i = 0; i < chosen.length; i++) {
            if (chosen[i] < 0 || chosen[i] >= ids) {
                throw notInTable(Integer.toString(chosen[i]), i);
            }
        }
        int[] result = Arrays.copyOf(axes, axes.length + 1);
        result[axes.length] = features;
        return observed(weight.tensor().gather(0, chosen).reshape(result));
    }

    private IllegalArgumentException notInTable(String id, int position) {
        return new IllegalArgumentException(described() + ": id " + id + " at position " + position
                + " is not one of 0 to " + (ids - 1));
    }

    /**
     * The rows of ids that come as floats, so that an embedding can be the first layer of a chain.
     *
     * @param x whole numbers from 0, of any shape
     * @return {@code [..., features]}
     * @throws IllegalArgumentException if a value is not a whole number in the table
     */
    @Override
    public Tensor forward(Tensor x) {
        float[] values = x.data();
        int[] chosen = new int[values.length];
        for (int i = 0; i < chosen.length; i++) {
            chosen[i] = (int) values[i];
            if (chosen[i] != values[i]) {
                throw notInTable(Float.toString(values[i]), i);
            }
        }
        return x.rank() == 0 ? forward(chosen, 1).reshape(features) : forward(chosen, x.shape());
    }

    /**
     * The output head of a language model that shares this table (weight tying: Press and Wolf, 2017):
     * {@code y = x·Wᵀ}. Both learn it together; a network that holds both counts and saves it once.
     *
     * @return a new layer {@code [..., features]} to {@code [..., ids]}, without bias
     */
    public Linear tiedLinear() {
        return new Linear(weight);
    }

    /**
     * The table.
     *
     * @return the live tensor {@code [ids, features]}
     */
    public Tensor weight() {
        return weight.tensor();
    }

    @Override
    protected String describe() {
        return "Embedding(" + ids + " x " + features + ")";
    }
}
