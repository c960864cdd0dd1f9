package io.bitlab.models.config;

import io.bitlab.core.ActivationDtype;
import io.bitlab.core.BitQuantConfig;
import io.bitlab.core.Granularity;
import java.util.Locale;

/**
 * The checks in a configuration's constructor, with messages of one form:
 * {@code BitMlpConfig: dropout is 1.5, expected a probability in [0, 1)}.
 *
 * @param config the name of the configuration
 */
public record ConfigChecks(String config) {

    /**
     * Refuses a value.
     *
     * @param valid whether the value is allowed
     * @param field what has the value
     * @param value the value
     * @param expected what is allowed instead
     * @throws IllegalArgumentException unless it is valid
     */
    public void require(boolean valid, String field, Object value, String expected) {
        if (!valid) {
            throw new IllegalArgumentException(config + ": " + field + " is " + value + ", expected " + expected);
        }
    }

    /**
     * Refuses numbers below 1.
     *
     * @param field what has the value
     * @param value the value
     * @throws IllegalArgumentException if it is less than 1
     */
    public void positive(String field, int value) {
        require(value >= 1, field, value, "at least 1");
    }

    /**
     * Refuses numbers outside 1 to a maximum.
     *
     * @param field what has the value
     * @param value the value
     * @param most the largest value that is allowed
     * @throws IllegalArgumentException if it is less than 1 or more than that
     */
    public void positive(String field, int value, int most) {
        positive(field, value);
        require(value <= most, field, value, "at most " + most);
    }

    /**
     * Refuses what is not the probability of a dropout.
     *
     * @param field what has the value
     * @param value the value
     * @throws IllegalArgumentException if it is outside [0, 1) or NaN
     */
    public void dropout(String field, float value) {
        require(value >= 0f && value < 1f, field, value, "a probability in [0, 1)");
    }

    /**
     * Refuses int8 activations of a language model that share a scale with other tokens.
     *
     * @param value how its layers quantise; null for float layers
     * @throws IllegalArgumentException if they do
     */
    public void scaleForEachToken(BitQuantConfig value) {
        if (value != null && value.activationDtype() == ActivationDtype.INT8) {
            Granularity granularity = value.activationGranularity();
            require(granularity == Granularity.PER_CHANNEL, "activation_granularity",
                    granularity.name().toLowerCase(Locale.ROOT),
                    "per_channel: a token must depend neither on those after it nor on other texts");
        }
    }
}
