package io.bitlab.models.diffusion;

import io.bitlab.layers.BatchNorm2d;
import io.bitlab.layers.GroupNorm;
import io.bitlab.layers.Layer;

/** What follows the convolutions of a {@link BitUNet}. */
public enum ImageNorm {

    /**
     * Each channel over the images of a batch; becomes a part of the convolution in evaluation. Its statistics are
     * those of all times together.
     */
    BATCH {
        @Override
        Layer layer(int channels) {
            return new BatchNorm2d(channels);
        }
    },

    /** Groups of channels of each image, 8 groups or fewer (Y. Wu and K. He, <i>Group Normalization</i>, 2018). */
    GROUP {
        @Override
        Layer layer(int channels) {
            int groups = MOST_GROUPS;
            while (channels % groups != 0) {
                groups--;
            }
            return new GroupNorm(groups, channels);
        }
    };

    private static final int MOST_GROUPS = 8;

    abstract Layer layer(int channels);
}
