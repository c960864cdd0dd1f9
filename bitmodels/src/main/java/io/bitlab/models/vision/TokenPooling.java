package io.bitlab.models.vision;

/** What the head of a {@link BitViT} sees of the positions that leave the last block. */
public enum TokenPooling {
    /** The mean of all patches (Beyer et al., <i>Better plain ViT baselines for ImageNet-1k</i>, 2022). */
    MEAN,
    /** A learned token in front of the patches, as in the original (Dosovitskiy et al., 2021). */
    CLASS_TOKEN
}
