package io.bitlab.core.tensor;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.bitlab.core.memory.Workspace;
import java.util.function.BinaryOperator;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Images with their channels last equal those in the usual order, in values and gradients. */
class ChannelsLastTest {

    /** The same images, stored pixel by pixel. */
    private static Tensor stored(Tensor images) {
        return ChannelsLast.images(ChannelsLast.pixels(images));
    }

    @ParameterizedTest
    @CsvSource({"2, 3, 4, 5", "1, 1, 4, 5", "3, 7, 1, 1", "1, 33, 3, 2", "2, 16, 8, 8", "1, 40, 1, 7"})
    void convertsToPixelsAndBack(int n, int channels, int height, int width) {
        Tensor images = Tensor.randn(1, n, channels, height, width);

        Tensor pixels = ChannelsLast.pixels(images);

        assertArrayEquals(new int[] {n, height, width, channels}, pixels.shape());
        for (int c = 0; c < channels; c++) {
            assertEquals(images.at(n - 1, c, height - 1, width / 2), pixels.at(n - 1, height - 1, width / 2, c));
        }
        assertArrayEquals(images.data(), ChannelsLast.images(pixels).data());
        assertArrayEquals(images.shape(), ChannelsLast.images(pixels).shape());
    }

    @Test
    void pixelsOfStoredImagesAreNotCopied() {
        Tensor pixels = Tensor.randn(2, 2, 3, 4, 5);
        Tensor images = ChannelsLast.images(pixels);

        assertTrue(ChannelsLast.isStored(images));
        assertSame(pixels, ChannelsLast.pixels(images));
        assertSame(images.data(), images.data());
        assertFalse(ChannelsLast.isStored(pixels));
        assertFalse(ChannelsLast.isStored(images.reshape(2, -1)));
    }

    static Stream<Arguments> operations() {
        return Stream.<Arguments>of(
                Arguments.of("relu", (UnaryOperator<Tensor>) Tensor::relu),
                Arguments.of("log", (UnaryOperator<Tensor>) x -> x.mul(x).add(1f).log()),
                Arguments.of("reshape", (UnaryOperator<Tensor>) x -> x.reshape(2, -1).exp()),
                Arguments.of("mean", (UnaryOperator<Tensor>) x -> x.mean(1)),
                Arguments.of("concat", (UnaryOperator<Tensor>) x -> Tensor.concat(1, x, x.relu())),
                Arguments.of("concat along width", (UnaryOperator<Tensor>) x -> Tensor.concat(3, x, x.exp())),
                Arguments.of("concat of both orders",
                        (UnaryOperator<Tensor>) x -> Tensor.concat(1, x, x.reshape(2, 6, 4, 5))));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("operations")
    void operationsAreTheSameInBothOrders(String name, UnaryOperator<Tensor> operation) {
        Tensor x = Tensor.randn(3, 2, 6, 4, 5).requiresGrad(true);
        Tensor y = Tensor.of(x.toArray(), 2, 6, 4, 5).requiresGrad(true);

        Tensor expected = operation.apply(x);
        Tensor found = operation.apply(stored(y));

        assertArrayEquals(expected.shape(), found.shape());
        assertArrayEquals(expected.data(), found.data());
        float[] weights = Tensor.randn(4, expected.size()).data();
        expected.backward(weights);
        found.backward(weights);
        assertArrayEquals(x.grad().data(), y.grad().data());
    }

    static Stream<Arguments> operands() {
        return Stream.of(new int[] {2, 6, 4, 5}, new int[] {}, new int[] {6, 1, 1}, new int[] {2, 1, 1, 1},
                new int[] {2, 6, 1, 1}, new int[] {4, 5}, new int[] {1, 1, 1, 5})
                .flatMap(shape -> Stream.of(
                        Arguments.of("add", shape, (BinaryOperator<Tensor>) Tensor::add),
                        Arguments.of("sub", shape, (BinaryOperator<Tensor>) (a, b) -> b.sub(a)),
                        Arguments.of("mul", shape, (BinaryOperator<Tensor>) Tensor::mul)));
    }

    @ParameterizedTest(name = "{0} {1}")
    @MethodSource("operands")
    void operandsBroadcastAsInTheUsualOrder(String name, int[] shape, BinaryOperator<Tensor> operation) {
        Tensor a = Tensor.randn(5, 2, 6, 4, 5).requiresGrad(true);
        Tensor b = Tensor.randn(6, shape).requiresGrad(true);
        Tensor a2 = Tensor.of(a.toArray(), a.shape()).requiresGrad(true);
        Tensor b2 = Tensor.of(b.toArray(), b.shape()).requiresGrad(true);

        Tensor expected = operation.apply(a, b);
        Tensor found = operation.apply(stored(a2), b2);

        assertTrue(ChannelsLast.isStored(found));
        assertArrayEquals(expected.data(), found.data());
        float[] weights = Tensor.randn(7, expected.size()).data();
        expected.backward(weights);
        found.backward(weights);
        assertArrayEquals(a.grad().data(), a2.grad().data());
        assertArrayEquals(b.grad().data(), b2.grad().data(), 1e-5f); // added up in another order
    }

    @Test
    void messagesShowTheUsualShapes() {
        Tensor x = stored(Tensor.randn(8, 2, 6, 4, 5));

        String message = assertThrows(IllegalArgumentException.class, () -> x.add(Tensor.zeros(2, 5, 4, 5)))
                .getMessage();

        assertTrue(message.contains("[2, 6, 4, 5] and [2, 5, 4, 5]"), message);
        assertThrows(IllegalArgumentException.class, () -> ChannelsLast.pixels(Tensor.zeros(2, 3)));
        assertThrows(IllegalArgumentException.class, () -> ChannelsLast.images(Tensor.zeros(2, 3, 4)));
    }

    @Test
    void valuesReadInAnotherWorkspaceOutliveIt() {
        Tensor images = ChannelsLast.images(Tensor.randn(9, 2, 3, 4, 5));
        float[] expected = Tensor.concat(0, images).toArray();
        Tensor fresh = ChannelsLast.images(ChannelsLast.pixels(Tensor.of(expected, 2, 3, 4, 5)));
        Workspace workspace = new Workspace();

        workspace.run(fresh::data);
        workspace.reset();
        workspace.run(() -> Workspace.zeros(fresh.size()));

        assertArrayEquals(expected, fresh.data());
    }

    @Test
    void recycledPixelsAreNoticed() {
        Workspace workspace = new Workspace();
        Tensor images = workspace.call(() -> stored(Tensor.randn(10, 2, 3, 4, 5)));

        workspace.reset();

        assertThrows(IllegalStateException.class, images::data);
    }
}
