package io.bitlab.models.diffusion;

import io.bitlab.core.ops.Pointwise;
import io.bitlab.core.ops.Sinusoids;
import io.bitlab.core.tensor.Tensor;
import io.bitlab.layers.Embedding;
import io.bitlab.layers.Initializer;
import io.bitlab.layers.Layer;
import io.bitlab.layers.Linear;

/** What a network is told about each image, as features {@code [n, features]}: the time and the class. */
final class Condition extends Layer {

    /** Standard deviation of initial weights. */
    private static final Initializer NORMAL = Initializer.normal(0.02);

    /** The sinusoids' slowest and fastest waves have periods of 60 and 0.006. */
    private static final float TIME_UNIT = 1000f;
    private static final int WAVES = 64;

    private final Linear timeIn;
    private final Linear timeOut;
    private final Embedding classes;

    /**
     * Creates the layer.
     *
     * @param classes number of classes
     * @param features features of the result
     */
    Condition(int classes, int features) {
        timeIn = child("time_in", new Linear(WAVES, features, true, NORMAL));
        timeOut = child("time_out", new Linear(features, features, true, NORMAL));
        this.classes = child("classes", new Embedding(classes + 1, features));
    }

    /** Embeds times and labels. */
    Tensor forward(float[] times, int[] labels) {
        float[] scaled = new float[times.length];
        for (int i = 0; i < scaled.length; i++) {
            scaled[i] = TIME_UNIT * times[i];
        }
        Tensor waves = Sinusoids.embed(Tensor.of(scaled, scaled.length), WAVES, Sinusoids.Arrangement.COSINES_FIRST,
                "Condition");
        Tensor time = timeOut.forward(Pointwise.silu(timeIn.forward(waves)));
        return Pointwise.silu(time.add(classes.forward(labels)));
    }

    /** The condition at times {@code [n]}, of the first class. */
    @Override
    public Tensor forward(Tensor times) {
        return observed(forward(times.toArray(), new int[times.size()]));
    }
}
