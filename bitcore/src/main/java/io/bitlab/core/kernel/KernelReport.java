package io.bitlab.core.kernel;

/**
 * What the registry thinks of one kernel for one question; see {@link KernelRegistry#explain}.
 *
 * @param kernel the kernel's name; or a family of kernels that can't run in this JVM; {@code (not loaded)} for one that
 *     failed to load
 * @param accepted whether the kernel could do it
 * @param chosen whether it is the one that will do it
 * @param reason why, in words; for a refusal, with the remedy
 */
public record KernelReport(String kernel, boolean accepted, boolean chosen, String reason) {
    /**
     * One line: name, verdict, reason.
     *
     * @return for example {@code scalar: chosen; the highest priority (0), not vectorized}
     */
    @Override
    public String toString() {
        String verdict = chosen ? "chosen" : accepted ? "accepted" : "refused";
        return kernel + ": " + verdict + "; " + reason;
    }
}
