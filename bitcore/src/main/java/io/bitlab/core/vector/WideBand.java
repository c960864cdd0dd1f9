package io.bitlab.core.vector;

import io.bitlab.core.kernel.PreparedActivations;
import io.bitlab.core.kernel.TernaryKernel;
import io.bitlab.core.memory.Workspace;
import io.bitlab.core.quant.PatchGrid;
import java.util.Arrays;
import jdk.incubator.vector.ByteVector;
import jdk.incubator.vector.ShortVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorShape;
import jdk.incubator.vector.VectorSpecies;

/**
 * Some rows of positions of an image, with the zeros around it: two values of a pixel in an int, the pixels of a row
 * side by side. The part of a patch that lies in one row of pixels is a run of ints; with dilated columns, each pixel
 * is a run.
 */
final class WideBand implements PreparedActivations {

    private static final VectorSpecies<Short> S = ShortVector.SPECIES_PREFERRED;
    private static final VectorSpecies<Byte> B =
            VectorSpecies.of(byte.class, VectorShape.forBitSize(S.vectorBitSize() / 2));

    private final WidePatches patches;
    private final PatchGrid grid;
    private final int pixelPairs;
    private final int rowPairs;
    private final int runsOfRow; // of one row of the kernel
    private final int outHeight;
    private final int outWidth;
    private final int[] pairs;
    private final int[] bases;
    private int firstRow;
    private int heldRows;

    /** Takes memory for a number of rows of positions. */
    WideBand(WidePatches patches, PatchGrid grid, int positionRows) {
        this.patches = patches;
        this.grid = grid;
        pixelPairs = pixelPairs(grid);
        rowPairs = rowPairs(grid);
        runsOfRow = grid.dilationWidth() == 1 ? 1 : grid.kernelWidth();
        outHeight = grid.outHeight();
        outWidth = grid.outWidth();
        pairs = Workspace.ints(Math.multiplyExact(grid.pixelRows(positionRows), rowPairs));
        bases = Workspace.ints(positionRows * outWidth);
    }

    private static int pixelPairs(PatchGrid grid) {
        return Math.ceilDiv(grid.patchChannels(), 2);
    }

    /** Ints in a row of pixels. */
    static int rowPairs(PatchGrid grid) {
        return Math.multiplyExact(grid.paddedWidth(), pixelPairs(grid));
    }

    /** Widens the pixels under some rows of positions; they replace those held before. */
    void hold(byte[] values, int image, int top, int positionRows) {
        firstRow = (image * outHeight + top) * outWidth;
        heldRows = positionRows * outWidth;
        for (int i = 0; i < heldRows; i++) {
            bases[i] = i / outWidth * grid.strideHeight() * rowPairs + i % outWidth * grid.strideWidth() * pixelPairs;
        }
        int side = grid.paddingWidth() * pixelPairs;
        for (int row = 0; row < grid.pixelRows(positionRows); row++) {
            int y = top * grid.strideHeight() - grid.paddingHeight() + row;
            int at = row * rowPairs;
            if (y < 0 || y >= grid.height()) {
                Arrays.fill(pairs, at, at + rowPairs, 0);
                continue;
            }
            Arrays.fill(pairs, at, at + side, 0);
            Arrays.fill(pairs, at + rowPairs - side, at + rowPairs, 0);
            int from = (image * grid.height() + y) * grid.width() * grid.channels() + grid.firstChannel();
            if (grid.patchChannels() == grid.channels() && grid.channels() % 2 == 0) {
                widen(values, from, grid.width() * grid.channels(), at + side);
            } else {
                for (int x = 0; x < grid.width(); x++) {
                    widen(values, from + x * grid.channels(), grid.patchChannels(), at + side + x * pixelPairs);
                }
            }
        }
    }

    /** Writes values as pairs; an odd last one is paired with 0. */
    private void widen(byte[] values, int from, int count, int at) {
        int i = 0;
        for (; i + B.length() <= count; i += B.length()) {
            ((ShortVector) ByteVector.fromArray(B, values, from + i).convertShape(VectorOperators.B2S, S, 0))
                    .reinterpretAsInts().intoArray(pairs, at + i / 2);
        }
        for (; i < count; i += 2) {
            int second = i + 1 < count ? values[from + i + 1] : 0;
            pairs[at + i / 2] = values[from + i] & 0xffff | second << 16;
        }
    }

    int[] pairs() {
        return pairs;
    }

    /** Index of the first pair of each held position's first run. */
    int[] bases() {
        return bases;
    }

    /** Runs of a patch. */
    int runs() {
        return grid.kernelHeight() * runsOfRow;
    }

    /** Pairs of a run. */
    int runPairs() {
        return pixelPairs * (runsOfRow == 1 ? grid.kernelWidth() : 1);
    }

    /** The number of runs, from one on, that lie at equal distances and have no more pairs than this; at least 1. */
    int runsTogether(int run, int mostPairs) {
        int ofRow = runsOfRow == 1 ? grid.kernelHeight() : runsOfRow;
        return Math.clamp(mostPairs / runPairs(), 1, ofRow - run % ofRow);
    }

    /** Distance of neighbouring runs: those of one row of the kernel, if it has several. */
    int runDistance() {
        return runsOfRow == 1 ? grid.dilationHeight() * rowPairs : grid.dilationWidth() * pixelPairs;
    }

    /** Distance of a run from the first run of its patch. */
    int runStart(int run) {
        return run / runsOfRow * grid.dilationHeight() * rowPairs
                + run % runsOfRow * grid.dilationWidth() * pixelPairs;
    }

    /** Copies a patch, with the pairs divided as the weights have them: each block of columns begins a pair. */
    void copyRow(int position, WideWeights w, int[] row) {
        Arrays.fill(row, 0);
        for (int column = 0; column < w.inFeatures(); column++) {
            int run = column / (2 * runPairs());
            int inRun = column - run * 2 * runPairs();
            int pair = pairs[bases[position] + runStart(run) + inRun / 2];
            int value = inRun % 2 == 0 ? (short) pair : pair >> 16;
            int block = column / w.blockColumns();
            int inBlock = column - block * w.blockColumns();
            row[w.firstPair(block) + inBlock / 2] |= inBlock % 2 == 0 ? value & 0xffff : value << 16;
        }
    }

    /** The index in the batch of the first held position. */
    int firstRow() {
        return firstRow;
    }

    int heldRows() {
        return heldRows;
    }

    /** The scale of a held position. */
    float scale(int row) {
        return patches.scale(firstRow + row);
    }

    @Override
    public TernaryKernel kernel() {
        return patches.kernel();
    }

    @Override
    public int rows() {
        return patches.rows();
    }

    @Override
    public int columns() {
        return patches.columns();
    }
}
