/**
 * Generators of images: {@link io.bitlab.models.diffusion.BitDiT} and {@link io.bitlab.models.diffusion.BitUNet}, how
 * noise becomes a picture, and their training.
 */
package io.bitlab.models.diffusion;
