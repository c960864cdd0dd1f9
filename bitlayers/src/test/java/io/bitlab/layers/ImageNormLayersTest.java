package io.bitlab.layers;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.bitlab.core.tensor.Autograd;
import io.bitlab.core.tensor.ChannelsLast;
import io.bitlab.core.tensor.Tensor;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;

/** What the norms of images do beside computing, which VisionGoldenTest checks. */
class ImageNormLayersTest {

    private static void refused(String message, Executable action) {
        assertEquals(message, assertThrows(IllegalArgumentException.class, action).getMessage());
    }

    private static float[] runningMean(Layer net) {
        return net.namedBuffers().get("0.running_mean").toArray();
    }

    @Test
    void everyForwardInTrainingMovesTheRunningStatistics() {
        Layer net = new Sequential(new BatchNorm2d(3));
        Tensor x = Tensor.randn(1, 2, 3, 4, 5);
        net.forward(x);
        float[] once = runningMean(net);
        assertNotEquals(0f, once[0]);
        Autograd.noGrad(() -> net.forward(x));
        assertEquals(1.9f * once[0], runningMean(net)[0], 1e-6f, "also one that is not recorded");
        float[] twice = runningMean(net);
        net.eval();
        net.forward(x);
        assertArrayEquals(twice, runningMean(net), "but none in evaluation");
        assertEquals(2, net.namedBuffers().get("0.num_batches_tracked").item());
        assertEquals(6, net.parameterCount());
        net.train();
        net.initialize(3);
        assertArrayEquals(new float[3], runningMean(net));
    }

    @Test
    void anEvaluatedImageDoesNotDependOnItsBatch() {
        BatchNorm2d norm = new BatchNorm2d(3);
        Tensor x = Tensor.randn(1, 4, 3, 5, 2);
        norm.forward(x);
        norm.deploy();
        assertArrayEquals(norm.forward(x).slice(0, 2, 3).toArray(), norm.forward(x.slice(0, 2, 3)).toArray());
        assertTrue(ChannelsLast.isStored(norm.forward(x)));
        float[] scale = norm.affine().scale();
        float[] shift = norm.affine().shift();
        assertEquals(x.at(1, 2, 3, 1) * scale[2] + shift[2], norm.forward(x).at(1, 2, 3, 1));
    }

    @Test
    void aStateMayLackTheNumberOfBatches() {
        Layer net = new Sequential(new BatchNorm2d(2));
        net.forward(Tensor.randn(1, 2, 2, 3, 3));
        assertEquals(List.of("0.weight", "0.bias", "0.running_mean", "0.running_var", "0.num_batches_tracked"),
                List.copyOf(net.stateDict().names()));
        StateDict old = new StateDict();
        net.stateDict().names().stream().filter(name -> !name.contains("batches"))
                .forEach(name -> old.put(name, net.stateDict().tensor(name)));
        Layer copy = new Sequential(new BatchNorm2d(2));
        copy.forward(Tensor.randn(2, 2, 2, 3, 3));
        copy.loadStateDict(old);
        assertArrayEquals(runningMean(net), runningMean(copy));
        assertEquals(0, copy.namedBuffers().get("0.num_batches_tracked").item());
        assertEquals(4, old.names().size(), "the state was not modified");
        StateDict none = new StateDict().put("0.weight", Tensor.zeros(2)).put("0.bias", Tensor.zeros(2));
        assertTrue(assertThrows(IllegalArgumentException.class, () -> copy.loadStateDict(none)).getMessage()
                .contains("0.running_mean"));
    }

    @Test
    void refuseWhatDoesNotFit() {
        BatchNorm2d norm = new BatchNorm2d(3);
        refused("BatchNorm2d(3): input [1, 3, 1, 1] has one pixel a channel, whose variance is 0; train with larger "
                + "images or batches, or call eval()", () -> norm.forward(Tensor.zeros(1, 3, 1, 1)));
        assertArrayEquals(new float[3], norm.namedBuffers().get("running_mean").data(), "nothing changed");
        norm.eval();
        assertEquals(0f, norm.forward(Tensor.zeros(1, 3, 1, 1)).at(0, 2, 0, 0));
        refused("BatchNorm2d(3): input has shape [1, 2, 4, 4], expected [n, 3, height, width]",
                () -> norm.forward(Tensor.zeros(1, 2, 4, 4)));
        refused("GroupNorm(2 groups, 4): input has shape [4], expected [n, 4, height, width]",
                () -> new GroupNorm(2, 4).forward(Tensor.zeros(4)));
        refused("GroupNorm(3 groups, 4 channels, eps 1.0E-5): the groups must divide the channels, and eps must be "
                + "positive", () -> new GroupNorm(3, 4));
        assertThrows(IllegalArgumentException.class, () -> new GroupNorm(0, 4));
        assertThrows(IllegalArgumentException.class, () -> new GroupNorm(2, 0));
        assertThrows(IllegalArgumentException.class, () -> new GroupNorm(2, 4, 0f));
        refused("BatchNorm2d(0, eps 1.0E-5, momentum 0.1): at least 1 channel, a positive eps and a momentum in (0, 1] "
                + "are needed", () -> new BatchNorm2d(0));
        for (float bad : new float[] {0f, -1f, Float.NaN}) {
            assertThrows(IllegalArgumentException.class, () -> new BatchNorm2d(3, bad, 0.1f));
            assertThrows(IllegalArgumentException.class, () -> new BatchNorm2d(3, 1e-5f, bad));
        }
        assertThrows(IllegalArgumentException.class, () -> new BatchNorm2d(3, 1e-5f, 1.1f));
    }
}
