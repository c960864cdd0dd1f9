package io.bitlab.models.transformer;

import io.bitlab.core.math.ActivationFunction;
import java.util.Arrays;
import java.util.Locale;

/** The function in a transformer's feed-forward part, with its name in published configurations. */
public enum HiddenAct {
    /** The square of ReLU (So et al., <i>Primer</i>, 2021): BitNet b1.58 2B4T. Many of its results are 0. */
    RELU2(ActivationFunction.SQUARED_RELU),
    /** SiLU; with a gate it is SwiGLU: Llama. */
    SILU(ActivationFunction.SILU),
    /** GELU: nanoGPT, BERT. */
    GELU(ActivationFunction.GELU),
    /** GPT-2's approximation of GELU. */
    GELU_NEW(ActivationFunction.GELU_TANH),
    /** ReLU. */
    RELU(ActivationFunction.RELU);

    private final ActivationFunction function;

    HiddenAct(ActivationFunction function) {
        this.function = function;
    }

    ActivationFunction function() {
        return function;
    }

    /**
     * The name in configurations.
     *
     * @return such as {@code relu2}
     */
    public String jsonName() {
        return name().toLowerCase(Locale.ROOT);
    }

    /**
     * Finds a function by its name.
     *
     * @param name a name as in published configurations
     * @return the function
     * @throws IllegalArgumentException if there is none of that name
     */
    public static HiddenAct parse(Object name) {
        for (HiddenAct act : values()) {
            if (act.jsonName().equals(name)) {
                return act;
            }
        }
        throw new IllegalArgumentException("hidden_act is " + name + ", expected one of "
                + Arrays.stream(values()).map(HiddenAct::jsonName).toList());
    }
}
