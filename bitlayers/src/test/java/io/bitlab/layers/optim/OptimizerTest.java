package io.bitlab.layers.optim;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.bitlab.core.tensor.Tensor;
import io.bitlab.layers.BitLinear;
import io.bitlab.layers.Layer;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class OptimizerTest {

    @Test
    void needsParameters() {
        Layer deployed = BitLinear.builder(2, 2).bias(false).build().deploy();
        List<Tensor> none = deployed.parameters();
        Exception e = assertThrows(IllegalArgumentException.class, () -> new AdamW(none, 0.1f));
        assertEquals("AdamW: no parameters to optimise; is the model deployed?", e.getMessage());
    }

    @ParameterizedTest
    @ValueSource(floats = {-1e-9f, Float.NaN, Float.POSITIVE_INFINITY})
    void refusesLearningRatesThatAreNone(float rate) {
        String message = "AdamW: learning rate " + rate + " is not a number of 0 or more";
        List<Tensor> parameters = List.of(Tensor.zeros(1));
        assertEquals(message,
                assertThrows(IllegalArgumentException.class, () -> new AdamW(parameters, rate)).getMessage());
        AdamW optimizer = new AdamW(parameters, 0.5f);
        assertEquals(message,
                assertThrows(IllegalArgumentException.class, () -> optimizer.learningRate(rate)).getMessage());
        assertEquals(0.5f, optimizer.learningRate());
    }

    @ParameterizedTest
    @ValueSource(floats = {Float.NaN, Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY, 1.8446745e19f, -3e38f})
    void aGradientThatWouldSpoilWeightsIsRefusedBeforeAnythingChanges(float bad) {
        for (int kind = 0; kind < 3; kind++) {
            Tensor first = Tensor.full(1f, 2, 3).requiresGrad(true);
            Tensor second = Tensor.full(2f, 4, 25_000).requiresGrad(true); // large enough to be shared among threads
            List<Tensor> parameters = List.of(first, second);
            Optimizer optimizer = kind == 0 ? new AdamW(parameters, 0.1f)
                    : SGD.builder().parameters(parameters).learningRate(0.1f).weightDecay(0.1f)
                            .momentum(kind == 1 ? 0.9f : 0f).build();
            parameters.forEach(parameter -> Arrays.fill(parameter.gradBuffer(), 0.5f));
            optimizer.step();
            float[] firstBefore = first.toArray();
            float[] secondBefore = second.toArray();
            OptimizerState state = optimizer.state();
            second.gradBuffer()[71_234] = bad;
            second.gradBuffer()[99_999] = Float.NaN;
            GradientException e = assertThrows(GradientException.class, optimizer::step);
            assertTrue(e.getMessage().startsWith(optimizer.getClass().getSimpleName() + ".step: the gradient of "
                    + "parameter 1 of shape [4, 25000] is " + bad + " at element 71234, expected a number of at most "
                    + "1.8446743E19; nothing was changed. "), e.getMessage());
            assertSame(second, e.parameter());
            assertEquals(71_234, e.element());
            assertEquals(bad, e.value());
            assertArrayEquals(firstBefore, first.toArray());
            assertArrayEquals(secondBefore, second.toArray());
            assertEquals(state, optimizer.state());
            assertEquals(0.5f, first.grad().data()[0], "the gradients are still there to be looked at");
            optimizer.zeroGrad();
            parameters.forEach(parameter -> Arrays.fill(parameter.gradBuffer(), 0.5f));
            optimizer.step();
            assertTrue(first.data()[0] < firstBefore[0], "and training can go on");
        }
    }

    @Test
    void theLargestGradientIsTakenHoweverOftenItStands() {
        float largest = Optimizer.LARGEST_GRADIENT;
        assertTrue(largest * largest < Float.POSITIVE_INFINITY);
        float next = Math.nextUp(largest);
        assertEquals(Float.POSITIVE_INFINITY, next * next);
        Tensor parameter = Tensor.zeros(100).requiresGrad(true);
        Arrays.fill(parameter.gradBuffer(), largest);
        new AdamW(List.of(parameter), 0.5f).step();
        assertEquals(-0.5f, parameter.data()[99], 1e-6f);
    }

    @Test
    void aFrozenParametersGradientIsNotLookedAt() {
        Tensor frozen = Tensor.full(1f, 1).requiresGrad(true);
        Tensor trained = Tensor.full(1f, 1).requiresGrad(true);
        frozen.gradBuffer()[0] = Float.NaN;
        frozen.requiresGrad(false);
        trained.gradBuffer()[0] = 1e19f;
        new SGD(List.of(frozen, trained), 1e-19f).step();
        assertEquals(1f, frozen.item());
        assertEquals(0f, trained.item(), 1e-6f);
    }

    @Test
    void theListOfParametersIsACopy() {
        AdamW optimizer = new AdamW(List.of(Tensor.zeros(1)), 0f);
        assertEquals(0f, optimizer.learningRate());
        assertThrows(UnsupportedOperationException.class, () -> optimizer.parameters().clear());
    }

    @Test
    void constantScheduleIsConstant() {
        assertEquals(1f, Schedule.CONSTANT.factor(0, 10));
        assertEquals(1f, Schedule.CONSTANT.factor(9, 10));
    }

    @Test
    void cosineWarmsUpAndFallsToAlmostNothing() {
        Schedule cosine = Schedule.cosine().withWarmUp(4);
        assertEquals(0.2f, cosine.factor(0, 104), 1e-7f);
        assertEquals(0.8f, cosine.factor(3, 104), 1e-7f);
        assertEquals(1f, cosine.factor(4, 104));
        assertEquals(0.5f, cosine.factor(54, 104), 1e-7f);
        assertEquals(0.5 * (1 + Math.cos(Math.PI * 0.99)), cosine.factor(103, 104), 1e-7);
        for (int step = 5; step < 104; step++) {
            assertEquals(-1, Float.compare(cosine.factor(step, 104), cosine.factor(step - 1, 104)), "step " + step);
        }
    }

    @Test
    void cosineWithoutWarmUpBeginsAtOne() {
        assertEquals(1f, Schedule.cosine().factor(0, 10));
        assertEquals(0.5f, Schedule.cosine().factor(5, 10), 1e-7f);
    }

    @Test
    void warmUpAsLongAsTrainingStaysInRange() {
        for (long step = 0; step <= 5; step++) {
            float factor = Schedule.cosine().withWarmUp(5).factor(step, 5);
            assertTrue(factor > 0f && factor <= 1f, "step " + step + ": " + factor);
        }
    }
}
