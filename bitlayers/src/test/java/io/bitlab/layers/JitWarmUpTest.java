package io.bitlab.layers;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTimeout;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.bitlab.core.tensor.Tensor;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class JitWarmUpTest {

    @Test
    void runsTheForwardManyTimesAndChangesNothing() {
        AtomicInteger calls = new AtomicInteger();
        Layer network = new Sequential(BitLinear.builder(16, 8).build(), new Layer() {
            @Override
            public Tensor forward(Tensor x) {
                calls.incrementAndGet();
                return x;
            }
        });
        network.eval();
        Tensor x = Tensor.randn(1, 2, 16);
        float[] before = network.forward(x).toArray();
        assertSame(network, assertTimeout(Duration.ofSeconds(20), () -> network.warmUp(x)));
        assertTrue(calls.get() > 100, calls + " calls");
        assertArrayEquals(before, network.forward(x).toArray());
    }

    @Test
    void trainingIsAnotherForward() {
        Layer layer = BitLinear.builder(4, 4).build();
        assertEquals("warmUp(): BitLinear(4 -> 4) is in training; call eval() first",
                assertThrows(IllegalStateException.class, () -> layer.warmUp(Tensor.zeros(1, 4))).getMessage());
    }
}
