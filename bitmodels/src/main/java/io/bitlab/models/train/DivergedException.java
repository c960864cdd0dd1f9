package io.bitlab.models.train;

/**
 * A training diverged: a loss or a gradient is NaN or infinite. The message names the step and where it arose.
 *
 * {@snippet class="io.bitlab.models.snippets.TrainSnippets" region="diverged"}
 */
public final class DivergedException extends ArithmeticException {

    private static final long serialVersionUID = 1;

    DivergedException(String message) {
        super(message);
    }

    DivergedException(String message, Exception cause) {
        super(message);
        initCause(cause);
    }
}
