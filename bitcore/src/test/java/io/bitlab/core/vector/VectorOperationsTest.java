package io.bitlab.core.vector;

import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.bitlab.core.platform.VectorPlatform;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.TestFactory;

/** Finds a JDK whose compiler gets an operation wrong that the kernels use, as some did. */
@Tag("parity")
class VectorOperationsTest {

    /** Enough for C2 to compile, and many more with what it compiled. */
    private static final int ROUNDS = 5000;

    @TestFactory
    Stream<DynamicTest> everyOperation() {
        VectorPlatform platform = VectorPlatform.current();
        assumeTrue(platform.isUsable(), platform::reason);
        return VectorOperations.all().stream().map(operation -> DynamicTest.dynamicTest(operation.name(), () -> {
            for (int round = 0; round < ROUNDS; round++) {
                assertNull(operation.check().difference(new Random(round)), operation.name() + ", seed " + round);
            }
        }));
    }
}
