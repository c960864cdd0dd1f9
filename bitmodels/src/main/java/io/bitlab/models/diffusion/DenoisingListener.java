package io.bitlab.models.diffusion;

import io.bitlab.models.image.BitImage;
import java.util.List;
import java.util.function.Supplier;

/**
 * Is told how far the generation of images is.
 *
 * {@snippet class="io.bitlab.models.snippets.DiffusionSnippets" region="listener"}
 */
@FunctionalInterface
public interface DenoisingListener {

    /**
     * Called after each step, in the thread that generates; an exception ends the generation.
     *
     * @param step the number of the step, from 1
     * @param steps the number of all steps
     * @param images makes pictures of the current state, from noise to the finished images; valid during this call
     */
    void onStep(int step, int steps, Supplier<List<BitImage>> images);
}
