package io.bitlab.models.transformer;

import io.bitlab.core.math.ActivationFunction;
import java.util.Arrays;
import java.util.Locale;

/**
 * The activation function of a transformer's feed-forward part, {@code hidden_act} in Hugging Face's configurations.
 */
public enum HiddenAct {
    /** Squared ReLU (So et al., <i>Primer</i>, 2021), in BitNet b1.58 2B4T. Many of its outputs are 0. */
    RELU2(ActivationFunction.SQUARED_RELU),
    /** SiLU, in Llama; with a gate this is SwiGLU. */
    SILU(ActivationFunction.SILU),
    /** GELU, in nanoGPT and BERT. */
    GELU(ActivationFunction.GELU),
    /** The tanh approximation of GELU, in GPT-2. */
    GELU_NEW(ActivationFunction.GELU_TANH),
    /** ReLU. */
    RELU(ActivationFunction.RELU);

    private final ActivationFunction function;

    HiddenAct(ActivationFunction function) {
        this.function = function;
    }

    /**
     * What it computes.
     *
     * @return the function
     */
    public ActivationFunction function() {
        return function;
    }

    /**
     * The name in configurations.
     *
     * @return for instance {@code relu2}
     */
    public String jsonName() {
        return name().toLowerCase(Locale.ROOT);
    }

    /**
     * Finds a function by its name in configurations.
     *
     * @param name the value of {@code hidden_act}; anything but a known name is refused
     * @return the function
     * @throws IllegalArgumentException if no function has that name
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
