package io.bitlab.core.kernel;

/**
 * The verdict on one kernel for one layer, see {@link KernelRegistry#explain}.
 *
 * @param kernel the kernel's name; or the name of a family of kernels that can't run in this JVM; or {@code (not
 *     loaded)} for one that failed to load
 * @param accepted whether the kernel can run the layer
 * @param chosen whether the kernel runs the layer; at most one of a list is chosen
 * @param reason why, in words; a refusal ends with the remedy
 */
public record KernelReport(String kernel, boolean accepted, boolean chosen, String reason) {
    /**
     * Name, verdict and reason in one line.
     *
     * @return for example {@code scalar: chosen; the highest priority (0), not vectorized}
     */
    @Override
    public String toString() {
        String verdict = chosen ? "chosen" : accepted ? "accepted" : "refused";
        return kernel + ": " + verdict + "; " + reason;
    }
}
