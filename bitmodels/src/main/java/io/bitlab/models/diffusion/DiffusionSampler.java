package io.bitlab.models.diffusion;

/**
 * How noise becomes an image, in steps.
 *
 * {@snippet class="io.bitlab.models.snippets.DiffusionSnippets" region="options"}
 */
public enum DiffusionSampler {

    /** Straight steps along the flow, a call of the network each. For {@link DiffusionProcess#RECTIFIED_FLOW}. */
    EULER(true),

    /**
     * Steps along the mean of the directions at both ends (second order): two calls of the network each, but for the
     * last. For {@link DiffusionProcess#RECTIFIED_FLOW}.
     */
    HEUN(true),

    /**
     * Steps to the most probable image at the earlier time, with fresh noise (J. Ho et al., <i>Denoising Diffusion
     * Probabilistic Models</i>, 2020). Needs many steps. For the cosine processes.
     */
    DDPM(false),

    /**
     * Steps there without fresh noise, and keeps all of the predicted noise that belongs to the earlier time, of which
     * the mean of DDPM keeps less; so few steps suffice (J. Song et al., <i>Denoising Diffusion Implicit
     * Models</i>, 2021, with eta 0). For the cosine processes.
     */
    DDIM(false);

    private final boolean flow;

    DiffusionSampler(boolean flow) {
        this.flow = flow;
    }

    /**
     * Whether a process can be sampled in this way.
     *
     * @param process the process of a model
     * @return whether the two belong together
     */
    public boolean fits(DiffusionProcess process) {
        return flow == (process == DiffusionProcess.RECTIFIED_FLOW);
    }
}
