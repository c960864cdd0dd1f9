package io.bitlab.core.vector;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.bitlab.core.ActivationDtype;
import io.bitlab.core.BitQuantConfig;
import io.bitlab.core.embedding.loops.EmbeddingLoops;
import io.bitlab.core.kernel.KernelProvider;
import io.bitlab.core.kernel.KernelRegistry;
import io.bitlab.core.kernel.TernaryKernel;
import io.bitlab.core.math.FloatMath;
import io.bitlab.core.math.Fma;
import io.bitlab.core.platform.VectorPlatform;
import io.bitlab.core.quant.loops.QuantizerLoops;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * At each width of vectors, every operation takes a vector loop: the calls that reach the scalar loops are counted. A
 * scalar loop is 10 to 40 times slower, whatever the width.
 */
@Tag("parity")
class ChosenLoopsTest {

    private static final int COLUMNS = 70;

    @BeforeEach
    void vectorsAreThere() {
        VectorPlatform platform = VectorPlatform.current();
        assumeTrue(platform.isUsable(), platform::reason);
        assumeTrue(Fma.isHardware(), "without FMA in hardware, float loops are scalar");
    }

    /** Notes the methods that are called and the length of what they are called for. */
    private static <T> T noting(Class<T> type, T scalar, List<String> calls, int lengthFrom) {
        InvocationHandler handler = (Object _, Method method, Object[] arguments) -> {
            calls.add(lengthFrom < 0 ? method.getName()
                    : method.getName() + " of " + ((int) arguments[lengthFrom + 1] - (int) arguments[lengthFrom]));
            return method.invoke(scalar, arguments);
        };
        return type.cast(Proxy.newProxyInstance(type.getClassLoader(), new Class<?>[] {type}, handler));
    }

    @Test
    void tablesOfEveryFormatAreMultipliedInVectors() {
        List<String> calls = new ArrayList<>();
        EmbeddingLoops loops =
                new VectorEmbeddingLoops(noting(EmbeddingLoops.class, new EmbeddingLoops.Scalar(), calls, -1));
        float[] x = new float[COLUMNS];
        float[] sums = new float[EmbeddingLoops.ROWS];
        loops.int8(new byte[COLUMNS * EmbeddingLoops.ROWS + EmbeddingLoops.PADDING_BYTES], 0, COLUMNS, x, 0, sums);
        loops.bfloat16(new short[COLUMNS * EmbeddingLoops.ROWS], 0, COLUMNS, x, 0, sums);
        short[] products = new short[EmbeddingLoops.GROUP * EmbeddingLoops.PRODUCTS];
        loops.nf4Products(new float[16], x, 0, EmbeddingLoops.GROUP, 1f, products, 0);
        loops.nf4(new short[EmbeddingLoops.GROUP / EmbeddingLoops.CODES_PER_SHORT * EmbeddingLoops.ROWS], 0,
                EmbeddingLoops.GROUP / EmbeddingLoops.CODES_PER_SHORT, products, 0, new float[EmbeddingLoops.ROWS], 0,
                1f,
                sums, 0);
        calls.remove("nf4Place"); // returns the place of a code and computes nothing
        assertEquals(List.of(), calls);
    }

    @Test
    void activationsAreRoundedInVectorsButForTheLastOnes() {
        List<String> calls = new ArrayList<>();
        QuantizerLoops rounding =
                new VectorQuantizerLoops(noting(QuantizerLoops.class, new QuantizerLoops.Scalar(), calls, 1));
        int length = 10_000 + 3; // whole vectors at each width, and three
        float[] x = new float[length];
        rounding.absMax(x, 0, length);
        rounding.absSum(x, 0, length);
        rounding.round(x, 0, length, 1f, new byte[length]);
        rounding.ternarize(x, 0, length, 1f, new byte[length]);
        assertEquals(3, calls.size(), calls::toString);
        for (String call : calls) {
            int scalar = Integer.parseInt(call.substring(call.lastIndexOf(' ') + 1));
            assertTrue(scalar < 64, call);
        }
    }

    @ParameterizedTest
    @ValueSource(classes = {EmbeddingLoops.class, FloatMath.class, KernelProvider.class, QuantizerLoops.class})
    void everyInterfaceHasItsCounterpart(Class<?> type) {
        String name = VectorPlatform.current().counterpartOf(type).orElseThrow().getClass().getName();
        assertEquals("io.bitlab.core.vector.Vector" + type.getSimpleName(), name);
    }

    @Test
    void floatMathIsThatOfVectors() {
        assertInstanceOf(VectorFloatMath.class, FloatMath.get());
    }

    @ParameterizedTest
    @EnumSource
    void layersTakeAVectorKernel(ActivationDtype dtype) {
        BitQuantConfig config = BitQuantConfig.defaults().withActivationDtype(dtype);
        TernaryKernel kernel = KernelRegistry.kernelFor(config, 2560, 2560);
        assertTrue(kernel.isVectorized(), kernel.name());
    }

    @ParameterizedTest
    @EnumSource
    void smallLayersTakeAVectorKernelToo(ActivationDtype dtype) {
        BitQuantConfig config = BitQuantConfig.defaults().withActivationDtype(dtype);
        TernaryKernel kernel = KernelRegistry.kernelFor(config, 64, 64);
        assertTrue(kernel.isVectorized(), kernel.name());
    }

    @Test
    void batchesOfFloatsShareUnpackedWeightsOrLookUp() {
        FloatKernel kernel = VectorPlatform.current().bits() >= 512 ? new FloatLookup512()
                : VectorPlatform.current().bits() >= 256 ? new FloatLookup256() : new FloatMultiply128();
        boolean lookedUp = kernel.sumTokens(new int[0], 0, 0, new int[0], 0, 0, new float[16 * 64], 0);
        int unpacked = kernel instanceof UnpackingFloatKernel ? UnpackingFloatKernel.unpackedRows(67) : 0;
        assertEquals(lookedUp ? 0 : 64, unpacked);
        assertEquals(lookedUp, kernel.readsTables(67));
    }
}
