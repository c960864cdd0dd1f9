package io.bitlab.layers;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.bitlab.core.BitQuantConfig;
import io.bitlab.core.ops.Sinusoids;
import io.bitlab.core.tensor.ChannelsLast;
import io.bitlab.core.tensor.Tensor;
import io.bitlab.layers.convert.Ternarizer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Layers that networks branch with, and those that change the resolution or embed times. */
class BranchesTest {

    private static final Tensor X = Tensor.of(new float[] {1, -2, 3, -4}, 2, 2);

    private static void refused(String message, Executable action) {
        assertEquals(message, assertThrows(IllegalArgumentException.class, action).getMessage());
    }

    @Test
    void aResidualAddsItsBodyToItsShortcut() {
        assertArrayEquals(new float[] {2, -2, 6, -4}, new Residual(new ReLU()).forward(X).toArray());
        assertArrayEquals(new float[] {2, 0, 12, 0}, new Residual(new ReLU(), new SquaredReLU()).forward(X).toArray());
        assertArrayEquals(new float[] {2, 0, 6, 0},
                new Residual(new ReLU(), new Sequential(), new ReLU()).forward(X).toArray());
        Layer block = new Residual(new Linear(2, 3), new Linear(2, 3, false, Initializer.ONES), new ReLU());
        assertEquals(List.of("body.weight", "body.bias", "shortcut.weight"), List.copyOf(block.stateDict().names()));
        assertEquals(List.of("body", "shortcut", "activation"), List.copyOf(block.children().keySet()));
    }

    @Test
    void aResidualDoesNotBroadcast() {
        refused("Residual: the body returns [2, 1], the shortcut [2, 2]; pass a shortcut that changes the shape as the "
                + "body does", () -> new Residual(new Linear(2, 1)).forward(X));
    }

    @Test
    void branchesAreJoinedAlongChannels() {
        Layer concat = new Concat(new Sequential(), new ReLU());
        assertArrayEquals(new float[] {1, -2, 1, 0, 3, -4, 3, 0}, concat.forward(X).toArray());
        Tensor images = Tensor.randn(1, 2, 3, 4, 5);
        Tensor pixels = ChannelsLast.images(ChannelsLast.pixels(images));
        assertTrue(ChannelsLast.isStored(concat.forward(pixels)));
        assertArrayEquals(concat.forward(images).toArray(), concat.forward(pixels).toArray());
        assertArrayEquals(new int[] {2, 6, 4, 5}, concat.forward(images).shape());
        Layer net = new Concat(new Linear(2, 3), new Sequential(new Linear(2, 1)));
        assertEquals(List.of("0.weight", "0.bias", "1.0.weight", "1.0.bias"), List.copyOf(net.stateDict().names()));
        refused("Concat: no branches, expected at least 1", () -> new Concat());
        refused("Concat: branches return [2, 3, 4, 5] and [2, 3, 2, 2], expected shapes that differ in axis 1 only",
                () -> new Concat(new Sequential(), new MaxPool2d(2)).forward(images));
        refused("Concat: branches return [3] and [3], expected shapes that differ in axis 1 only",
                () -> new Concat(new ReLU()).forward(Tensor.zeros(3)));
    }

    @Test
    void outputsAreObserved() {
        Layer net = new Residual(new Concat(new ReLU()), new Sequential(), new ReLU());
        List<String> seen = new ArrayList<>();
        net.observe((path, output) -> seen.add(path));
        net.forward(X);
        assertEquals(List.of("shortcut", "body.0", "body", "activation", ""), seen);
    }

    @Test
    void replacedBranchesAreUsed() {
        Layer net = new Residual(new Concat(new Linear(2, 1), new Linear(2, 1)), new Linear(2, 2));
        float[] before = net.forward(X).toArray();
        Ternarizer.convert(net, BitQuantConfig.defaults());
        assertEquals(BitLinear.class, net.children().get("shortcut").getClass());
        assertFalse(Arrays.equals(before, net.forward(X).toArray()));
    }

    @Test
    void depthIsStochasticInTrainingOnly() {
        Tensor x = Tensor.full(1f, 1000, 3);
        StochasticDepth depth = new StochasticDepth(0.2f);
        float[] y = depth.forward(x).toArray();
        int dropped = 0;
        for (int i = 0; i < 1000; i++) {
            assertTrue(y[3 * i] == 0f || y[3 * i] == 1 / (1 - 0.2f), "sample " + i);
            assertEquals(y[3 * i], y[3 * i + 2]);
            dropped += y[3 * i] == 0f ? 1 : 0;
        }
        assertEquals(200, dropped, 60);
        depth.eval();
        assertSame(x, depth.forward(x));
        assertSame(x, new StochasticDepth(0f).forward(x));
        Tensor z = new Residual(new Sequential(new SquaredReLU(), new StochasticDepth(0.5f))).forward(x);
        for (float value : z.toArray()) {
            assertTrue(value == 1f || value == 3f, "the input, or with twice its square");
        }
    }

    @Test
    void depthFollowsFromSeedPathAndStep() {
        Tensor x = Tensor.full(1f, 200, 1);
        Sequential net = new Sequential(new StochasticDepth(0.5f), new StochasticDepth(0.5f));
        Layer first = net.children().get("0");
        net.initialize(3);
        float[] atStart = first.forward(x).toArray();
        assertFalse(Arrays.equals(atStart, first.forward(x).toArray()), "the position moves on");
        assertFalse(Arrays.equals(atStart, net.children().get("1").forward(x).toArray()), "each path has its stream");
        net.beginStep(7);
        float[] atStep = first.forward(x).toArray();
        net.initialize(3);
        assertArrayEquals(atStart, first.forward(x).toArray());
        net.beginStep(7);
        assertArrayEquals(atStep, first.forward(x).toArray(), "a resumed training continues");
        net.initialize(4).beginStep(7);
        assertFalse(Arrays.equals(atStep, first.forward(x).toArray()));
    }

    @ParameterizedTest
    @ValueSource(floats = {-0.1f, 1f, Float.NaN})
    void depthRefusesWhatIsNoProbability(float probability) {
        refused("StochasticDepth: probability " + probability + " is not in [0, 1)",
                () -> new StochasticDepth(probability));
    }

    @Test
    void resolutions() {
        Tensor x = Tensor.randn(1, 1, 4, 2, 6);
        assertArrayEquals(new int[] {1, 4, 6, 18}, new ResizeBilinear(3).forward(x).shape());
        assertArrayEquals(new int[] {1, 4, 5, 1}, new ResizeBilinear(5, 1).forward(x).shape());
        assertArrayEquals(new int[] {1, 1, 4, 12}, new PixelShuffle(2).forward(x).shape());
        assertArrayEquals(new int[] {1, 16, 1, 3}, new PixelUnshuffle(2).forward(x).shape());
        assertEquals("ResizeBilinear(2) ResizeBilinear(5 x 1) PixelShuffle(2) PixelUnshuffle(3)",
                new ResizeBilinear(2) + " " + new ResizeBilinear(5, 1) + " " + new PixelShuffle(2) + " "
                        + new PixelUnshuffle(3));
        refused("ResizeBilinear: factor is 0, expected at least 1", () -> new ResizeBilinear(0));
        refused("ResizeBilinear: output of 0 x 3 pixels, expected at least 1 x 1", () -> new ResizeBilinear(0, 3));
        refused("ResizeBilinear(2): input has shape [2], expected [n, channels, height, width]",
                () -> new ResizeBilinear(2).forward(Tensor.zeros(2)));
        refused("PixelShuffle: factor is 0, expected at least 1", () -> new PixelShuffle(0));
        refused("PixelUnshuffle: factor is 0, expected at least 1", () -> new PixelUnshuffle(0));
        refused("PixelShuffle(3): input [1, 4, 2, 6] has 4 channels, expected a multiple of 9",
                () -> new PixelShuffle(3).forward(x));
        refused("PixelUnshuffle(4): input [1, 4, 2, 6] has 2 x 6 pixels, expected multiples of 4",
                () -> new PixelUnshuffle(4).forward(x));
    }

    @Test
    void embeddedTimes() {
        assertArrayEquals(new int[] {2, 2, 6}, new SinusoidalEmbedding(6).forward(X).shape());
        assertEquals("SinusoidalEmbedding(6)", new SinusoidalEmbedding(6).toString());
        refused("SinusoidalEmbedding: 3 features, expected an even number",
                () -> new SinusoidalEmbedding(3, Sinusoids.Arrangement.COSINES_FIRST));
    }
}
