package io.bitlab.core.kernel;

import org.junit.jupiter.api.extension.ConditionEvaluationResult;
import org.junit.jupiter.api.extension.ExecutionCondition;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * Skips a test run that is meant for another width of vectors than this JVM has: {@code -XX:UseAVX} can only narrow
 * what the processor offers, and the same width would be tested twice. Each such run sets {@value #BITS}.
 */
public final class OnlyAtWidth implements ExecutionCondition {

    /** Configuration parameter of JUnit: the width of the run, in bits. */
    static final String BITS = "bitlab.parity.bits";

    @Override
    public ConditionEvaluationResult evaluateExecutionCondition(ExtensionContext context) {
        int here = ExpectedKernel.bits().orElse(0); // unknown on other systems, where every run runs
        return context.getConfigurationParameter(BITS, Integer::valueOf)
                .filter(bits -> here > 0 && bits != here)
                .map(bits -> ConditionEvaluationResult.disabled(
                        "This run is for vectors of " + bits + " bits; here they have " + here))
                .orElseGet(() -> ConditionEvaluationResult.enabled("No other width is asked for"));
    }
}
