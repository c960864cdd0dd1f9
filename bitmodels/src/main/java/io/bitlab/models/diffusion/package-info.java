/**
 * Generators of images: {@link io.bitlab.models.diffusion.BitDiT}, how noise becomes a picture, and their training.
 */
package io.bitlab.models.diffusion;
