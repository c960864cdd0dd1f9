package io.bitlab.core.vector;

import io.bitlab.core.kernel.PreparedActivations;
import io.bitlab.core.kernel.TernaryKernel;
import io.bitlab.core.kernel.schedule.BatchParts;
import io.bitlab.core.parallel.Parallel;
import io.bitlab.core.quant.Activations;
import io.bitlab.core.quant.PatchGrid;

/**
 * Activations of a {@link WideKernel}: divided in bands of rows of positions, whose pixels are widened when the band is
 * multiplied, by the thread that does. The bands of a thread reuse the same memory, much of which a second-level cache
 * keeps, so that memory does not grow with the images.
 */
final class WidePatches implements PreparedActivations, BatchParts<PreparedActivations> {

    /** About this much of an image is widened at a time. */
    private static final int BAND_BYTES = 256 << 10;

    private final WideKernel kernel;
    private final Activations activations;
    private final byte[] values;
    private final float[] scales;
    private final int rowsOfScale; // neighbouring rows that share a scale
    private final PatchGrid grid;
    private final int bandHeight;
    private final int bandsOfImage;
    private final WideBand[] held; // all bands, if they are fewer than the threads
    private final ThreadMemory<WideBand> memory; // else; or null

    WidePatches(WideKernel kernel, Activations activations, byte[] values, float[] scales, PatchGrid given) {
        this.kernel = kernel;
        this.activations = activations;
        this.values = values;
        this.scales = scales;
        this.rowsOfScale = activations.rows() / scales.length;
        this.grid = given.isPixelwise() ? inOneColumn(given) : given;
        int threads = Parallel.current().threads();
        bandHeight = grid.bandHeight(BAND_BYTES / Math.max(1, WideBand.rowPairs(grid) * Integer.BYTES), threads);
        bandsOfImage = Math.ceilDiv(grid.outHeight(), bandHeight);
        held = new WideBand[slices() < threads ? slices() : 0];
        for (int i = 0; i < held.length; i++) {
            held[i] = newBand();
            hold(held[i], i);
        }
        memory = held.length == 0 ? new ThreadMemory<>(this::newBand) : null;
    }

    /** Pixels that are patches need no rows and columns; 4 of any neighbours are multiplied together. */
    private static PatchGrid inOneColumn(PatchGrid grid) {
        return new PatchGrid(1, grid.images() * grid.height() * grid.width(), 1, grid.channels(), grid.firstChannel(),
                grid.patchChannels(), 1, 1, 1, 1, 0, 0, 1, 1);
    }

    private WideBand newBand() {
        return new WideBand(this, grid, bandHeight);
    }

    private void hold(WideBand band, int number) {
        int top = number % bandsOfImage * bandHeight;
        band.hold(values, number / bandsOfImage, top, Math.min(bandHeight, grid.outHeight() - top));
    }

    /** A band, valid until this thread asks for another. */
    WideBand band(int number) {
        if (held.length > 0) {
            return held[number];
        }
        WideBand band = memory.get();
        hold(band, number);
        return band;
    }

    /** The scale of a row of the batch. */
    float scale(int row) {
        return scales[row / rowsOfScale];
    }

    @Override
    public int slices() {
        return grid.images() * bandsOfImage;
    }

    @Override
    public PreparedActivations slice(int thread, int slice) {
        return band(slice);
    }

    @Override
    public PreparedActivations forThread(int thread) {
        return this;
    }

    @Override
    public TernaryKernel kernel() {
        return kernel;
    }

    @Override
    public int rows() {
        return activations.rows();
    }

    @Override
    public int columns() {
        return activations.columns();
    }
}
