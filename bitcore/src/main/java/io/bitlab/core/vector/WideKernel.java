package io.bitlab.core.vector;

import io.bitlab.core.BitQuantConfig;
import io.bitlab.core.kernel.PackedWeights;
import io.bitlab.core.kernel.PreparedActivations;
import io.bitlab.core.kernel.TernaryKernel;
import io.bitlab.core.quant.Activations;
import io.bitlab.core.quant.FloatActivations;
import io.bitlab.core.quant.PatchGrid;
import io.bitlab.core.quant.QuantizedActivations;
import io.bitlab.core.quant.QuantizedPatches;
import io.bitlab.core.quant.TernaryMatrix;
import java.util.Arrays;
import java.util.Optional;

/**
 * {@code wide-512}, {@code wide-256} and {@code wide-128}: int8 activations times weights of 16 bits, in the widest
 * vectors of this machine. For convolutions, whose few weights meet many patches: it reads the values of a patch where
 * the image has them, so that nothing is unfolded, and needs no tables. For a few rows of activations other kernels are
 * faster, since they read an eighth of the memory.
 *
 * <p><b>Thread safety:</b> immutable.
 */
public final class WideKernel implements TernaryKernel {

    /** Rows whose sums are added up elsewhere at a time, for a panel that is wider than the output. */
    private static final int RAGGED_ROWS = 32;

    /** With more output features, tables for a batch of unfolded patches are faster: they are made once for all. */
    private static final int MOST_FEATURES =
            WideTiles.BITS >= 512 ? Integer.MAX_VALUE : WideTiles.BITS >= 256 ? 511 : 255;

    /** Creates the kernel for this machine. */
    public WideKernel() {
    }

    @Override
    public String name() {
        return "wide-" + WideTiles.BITS;
    }

    @Override
    public boolean isVectorized() {
        return true;
    }

    @Override
    public int priority() {
        return 50;
    }

    @Override
    public int patchPriority(int out, int in) {
        return out <= MOST_FEATURES ? 400 : priority();
    }

    @Override
    public boolean readsPatches(PatchGrid grid) {
        return grid.patchChannels() % 2 == 0 || grid.kernelHeight() * grid.kernelWidth() == 1;
    }

    @Override
    public int rowAlignment() {
        return WideWeights.PANEL;
    }

    @Override
    public double nanosPerWeight() {
        return WideTiles.BITS >= 512 ? 1 / 120.0 : WideTiles.BITS >= 256 ? 1 / 70.0 : 1 / 35.0;
    }

    @Override
    public Optional<String> refusal(BitQuantConfig config, int out, int in) {
        return Int8Limits.refusal(config, in);
    }

    @Override
    public PackedWeights pack(TernaryMatrix weights) {
        Int8Limits.requireExact(name(), weights);
        return new WideWeights(this, weights);
    }

    @Override
    public PreparedActivations prepare(Activations activations) {
        return switch (activations) {
            case QuantizedActivations rows -> new WidePatches(this, rows, rows.values(), rows.scales(),
                    PatchGrid.ofPixels(rows.rows(), rows.columns()));
            case QuantizedPatches patches -> new WidePatches(this, patches, patches.pixels(), patches.scales(),
                    patches.grid());
            case FloatActivations floats -> throw new IllegalArgumentException("Kernel '" + name()
                    + "' reads int8 activations, got " + floats + "; quantise them with ActivationQuantizer");
        };
    }

    @Override
    public void compute(
            PackedWeights weights, PreparedActivations activations, float[] bias, float[] y, int fromOut, int toOut) {
        WideWeights w = (WideWeights) weights;
        if (activations instanceof WideBand band) {
            compute(w, band, bias, y, fromOut, toOut);
            return;
        }
        WidePatches patches = (WidePatches) activations;
        for (int i = 0; i < patches.slices(); i++) {
            compute(w, patches.band(i), bias, y, fromOut, toOut);
        }
    }

    private static void compute(WideWeights w, WideBand x, float[] bias, float[] y, int fromOut, int toOut) {
        int out = w.outFeatures();
        int start = x.firstRow() * out;
        if (toOut - fromOut == out) {
            Arrays.fill(y, start, start + x.heldRows() * out, 0f);
        } else {
            for (int row = 0; row < x.heldRows(); row++) {
                Arrays.fill(y, start + row * out + fromOut, start + row * out + toOut, 0f);
            }
        }
        for (int o = fromOut; o < toOut; o += WideWeights.PANEL) {
            if (w.blocks() > 1) {
                addBlocks(w, x, y, o);
            } else {
                addPanel(w, x, y, o);
            }
        }
        for (int row = 0; row < x.heldRows(); row++) {
            if (w.blocks() > 1) {
                ScaleAndBias.scale(y, start + row * out, x.scale(row), bias, fromOut, toOut);
            } else {
                ScaleAndBias.scale(y, start + row * out, w.rowScales(), x.scale(row), bias, fromOut, toOut);
            }
        }
    }

    // ---------------------------------------------------------------- one scale a feature

    /** Leaves the sums of a panel in {@code y}. */
    private static void addPanel(WideWeights w, WideBand x, float[] y, int o) {
        int out = w.outFeatures();
        int features = w.panelVectors(o) * WideTiles.FEATURES;
        int start = x.firstRow() * out + o;
        if (o + features <= out) {
            addRows(w, x, o, 0, x.heldRows(), y, start, out);
            return;
        }
        // Not memory of the band: several threads may be multiplying it.
        float[] sums = new float[Math.min(x.heldRows(), RAGGED_ROWS) * features];
        for (int from = 0; from < x.heldRows(); from += RAGGED_ROWS) {
            int to = Math.min(x.heldRows(), from + RAGGED_ROWS);
            Arrays.fill(sums, 0f);
            addRows(w, x, o, from, to, sums, 0, features);
            for (int row = from; row < to; row++) {
                System.arraycopy(sums, (row - from) * features, y, start + row * out, out - o);
            }
        }
    }

    /** Adds the products of some rows and a panel. */
    private static void addRows(WideWeights w, WideBand x, int o, int fromRow, int toRow, float[] sums, int at,
            int stride) {
        int vectors = w.panelVectors(o);
        for (int run = 0, runs; run < x.runs(); run += runs) {
            runs = x.runsTogether(run, WideTiles.MOST_PAIRS);
            for (int from = 0; from < x.runPairs(); from += WideTiles.MOST_PAIRS) {
                int pairs = Math.min(WideTiles.MOST_PAIRS, x.runPairs() - from);
                int weights = w.panel(o) + (run * x.runPairs() + from) * vectors * WideTiles.LANES;
                add(w.packed(), weights, vectors * WideTiles.FEATURES, x, fromRow, toRow, x.runStart(run) + from, runs,
                        pairs, sums, at - fromRow * stride, stride);
            }
        }
    }

    /** Adds the products of some runs of some patches; the sums of row 0 would begin at {@code at}. */
    private static void add(short[] w, int weights, int features, WideBand x, int fromRow, int toRow, int offset,
            int runs, int pairs, float[] sums, int at, int stride) {
        int[] values = x.pairs();
        int[] bases = x.bases();
        int next = x.runDistance();
        int row = fromRow;
        for (; row + 4 <= toRow; row += 4) {
            int p0 = bases[row] + offset;
            int p1 = bases[row + 1] + offset;
            int p2 = bases[row + 2] + offset;
            int p3 = bases[row + 3] + offset;
            if (features == WideWeights.PANEL) {
                WideTiles.twoByFour(w, weights, values, p0, p1, p2, p3, runs, pairs, next, sums, at + row * stride,
                        stride);
            } else {
                WideTiles.oneByFour(w, weights, values, p0, p1, p2, p3, runs, pairs, next, sums, at + row * stride,
                        stride);
            }
        }
        for (; row < toRow; row++) {
            addOne(w, weights, features, values, bases[row] + offset, runs, pairs, next, sums, at + row * stride);
        }
    }

    private static void addOne(short[] w, int weights, int features, int[] values, int first, int runs, int pairs,
            int next, float[] sums, int at) {
        if (features == WideWeights.PANEL) {
            WideTiles.twoByOne(w, weights, values, first, runs, pairs, next, sums, at);
        } else {
            WideTiles.oneByOne(w, weights, values, first, runs, pairs, next, sums, at);
        }
    }

    // ---------------------------------------------------------------- several blocks

    /** Leaves the sums of a panel times their weight scales in {@code y}. */
    private static void addBlocks(WideWeights w, WideBand x, float[] y, int o) {
        int out = w.outFeatures();
        int features = w.panelVectors(o) * WideTiles.FEATURES;
        int count = Math.min(features, out - o);
        int[] row = new int[w.pairs()];
        float[] sums = new float[features];
        for (int r = 0; r < x.heldRows(); r++) {
            x.copyRow(r, w, row);
            int at = (x.firstRow() + r) * out + o;
            for (int block = 0; block < w.blocks(); block++) {
                Arrays.fill(sums, 0f);
                int end = block + 1 < w.blocks() ? w.firstPair(block + 1) : w.pairs();
                for (int from = w.firstPair(block); from < end; from += WideTiles.MOST_PAIRS) {
                    int weights = w.panel(o) + from * (features / WideTiles.FEATURES) * WideTiles.LANES;
                    addOne(w.packed(), weights, features, row, from, 1, Math.min(WideTiles.MOST_PAIRS, end - from), 0,
                            sums, 0);
                }
                if (block == 0) {
                    ScaleAndBias.weigh(sums, 0, w.rowScales(), o, y, at, count);
                } else {
                    ScaleAndBias.addWeighed(sums, 0, w.rowScales(), block * out + o, y, at, count);
                }
            }
        }
    }
}
