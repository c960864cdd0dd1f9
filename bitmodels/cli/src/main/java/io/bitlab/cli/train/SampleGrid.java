package io.bitlab.cli.train;

import io.bitlab.layers.Layer;
import io.bitlab.models.diffusion.DiffusionOptions;
import io.bitlab.models.diffusion.ImageGenerator;
import io.bitlab.models.image.BitImage;
import io.bitlab.models.image.ImageGrid;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/** What a generator makes of each class: a row of samples. */
public final class SampleGrid {

    private static final int COLUMNS = 8;
    private static final int MOST_ROWS = 20;
    private static final int SCALE = 2;

    private SampleGrid() {
    }

    /**
     * Generates the samples of the first classes; puts a model in training into evaluation for the time.
     *
     * @param model the generator
     * @param options how to sample
     * @param seed of the noise
     * @return the grid
     */
    public static BitImage of(ImageGenerator model, DiffusionOptions options, long seed) {
        List<String> names = model.config().classNames().toList();
        List<String> rows = names.subList(0, Math.min(MOST_ROWS, names.size()));
        List<String> labels = new ArrayList<>();
        rows.forEach(name -> labels.addAll(Collections.nCopies(COLUMNS, name)));
        boolean training = model.mode() == Layer.Mode.TRAIN;
        if (training) {
            model.eval();
        }
        try {
            List<BitImage> samples = model.generate(labels, seed, options);
            return ImageGrid.of(samples, COLUMNS).withScale(SCALE).withRowCaptions(rows).toImage();
        } finally {
            if (training) {
                model.train();
            }
        }
    }
}
