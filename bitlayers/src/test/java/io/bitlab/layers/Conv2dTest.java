package io.bitlab.layers;

import static io.bitlab.layers.testing.ConvolutionCase.assertNear;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.bitlab.core.BitQuantConfig;
import io.bitlab.core.memory.Workspace;
import io.bitlab.core.tensor.Tensor;
import io.bitlab.layers.convert.Ternarizer;
import io.bitlab.layers.testing.ConvolutionCase;
import io.bitlab.layers.testing.DirectConvolution;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class Conv2dTest {

    static List<ConvolutionCase> cases() {
        return ConvolutionCase.all();
    }

    @ParameterizedTest
    @MethodSource("cases")
    void forwardAndGradientsFollowTheDefinition(ConvolutionCase c) {
        DirectConvolution direct = c.direct();
        for (boolean hasBias : new boolean[] {true, false}) {
            Conv2d layer = c.conv(hasBias);
            Tensor x = c.images(3).requiresGrad(true);
            Tensor bias = layer.namedParameters().get("bias");
            float[] w = layer.weight().data();
            Tensor y = layer.forward(x);
            assertArrayEquals(new int[] {c.input()[0], c.out(), direct.outHeight, direct.outWidth}, y.shape());
            assertNear(direct.forward(x.data(), w, bias == null ? null : bias.data()), y.toArray(), c + ": result");
            float[] g = Tensor.randn(4, y.size()).data();
            y.backward(g);
            assertNear(direct.inputGradient(g, w, x.size()), x.grad().data(), c + ": input gradient");
            assertNear(direct.weightGradient(g, x.data(), w.length), layer.weight().grad().data(),
                    c + ": weight gradient");
            if (hasBias) {
                assertNear(direct.biasGradient(g), bias.grad().data(), c + ": bias gradient");
            }
        }
    }

    @ParameterizedTest
    @MethodSource("cases")
    void aWorkspaceChangesNothing(ConvolutionCase c) {
        Conv2d layer = c.conv(true);
        Tensor x = c.images(3);
        float[] expected = layer.forward(x).toArray();
        Workspace workspace = new Workspace();
        for (int round = 0; round < 3; round++) {
            assertArrayEquals(expected, workspace.call(() -> layer.forward(x).toArray()), c + ", round " + round);
            workspace.reset();
        }
    }

    @Test
    void becomesTernaryInPlace() {
        Sequential net = new Sequential(Conv2d.builder(2, 4, 3).groups(2).padding(1).build(), new ReLU(), new Flatten(),
                new Linear(4 * 25, 3));
        Conv2d conv = (Conv2d) net.children().get("0");
        Tensor weight = conv.weight();
        Tensor x = Tensor.randn(5, 2, 2, 5, 5);
        BitConv2d twin = BitConv2d.builder(2, 4, 3).groups(2).padding(1)
                .quantConfig(BitQuantConfig.defaults()).build();
        System.arraycopy(weight.data(), 0, twin.weight().data(), 0, weight.size());

        Ternarizer.convert(net, BitQuantConfig.defaults());
        BitConv2d ternary = assertInstanceOf(BitConv2d.class, net.children().get("0"));
        assertInstanceOf(BitLinear.class, net.children().get("3"));
        assertSame(weight, ternary.weight());
        assertSame(weight, conv.weight());
        assertSame(ternary, conv.toBitConv2d(BitQuantConfig.defaults()));
        assertArrayEquals(twin.forward(x).toArray(), conv.forward(x).toArray());
        assertEquals("BitConv2d(2 -> 4, kernel 3x3, padding 1, groups 2) '0'", ternary.describeWithPath());
        float[] trained = net.forward(x).toArray();
        assertArrayEquals(trained, net.deploy().forward(x).toArray());
        assertThrows(IllegalStateException.class, conv::weight);
    }

    @Test
    void messagesNameLayerShapesAndRemedy() {
        Sequential net = new Sequential(Conv2d.builder(3, 8, 5, 3).stride(2, 1).build());
        String name = "Conv2d(3 -> 8, kernel 5x3, stride 2x1) '0'";
        assertRefused(name + ": input has shape [2, 4, 9, 9], expected [n, 3, height, width]",
                () -> net.forward(Tensor.zeros(2, 4, 9, 9)));
        assertRefused(name + ": input has shape [3, 9, 9], expected [n, 3, height, width]",
                () -> net.forward(Tensor.zeros(3, 9, 9)));
        assertRefused(
                name + ": input of height 4 with a padding of 0 on both sides has a length of 4, expected at least "
                        + "5 for a kernel of 5 with dilation 1, and an int",
                () -> net.forward(Tensor.zeros(2, 3, 4, 9)));
        assertRefused(
                "convolution of 3 -> 8 channels in 2 groups: all must be at least 1, and both numbers of channels "
                        + "multiples of the groups",
                () -> Conv2d.builder(3, 8, 1).groups(2).build());
        assertThrows(IllegalArgumentException.class, () -> Conv2d.builder(0, 8, 1).build());
        assertThrows(IllegalArgumentException.class, () -> Conv2d.builder(8, 0, 1).build());
        assertThrows(IllegalArgumentException.class, () -> Conv2d.builder(8, 8, 1).groups(0).build());
        assertTrue(net.toString().contains("Conv2d(3 -> 8, kernel 5x3, stride 2x1)  368 parameters"), net::toString);
    }

    private static void assertRefused(String message, Runnable action) {
        assertEquals(message, assertThrows(IllegalArgumentException.class, action::run).getMessage());
    }
}
