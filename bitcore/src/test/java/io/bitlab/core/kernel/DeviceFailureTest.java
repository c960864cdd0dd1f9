package io.bitlab.core.kernel;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.bitlab.core.BitQuantConfig;
import io.bitlab.core.gpu.FakeOpenCl;
import io.bitlab.core.quant.QuantizedActivations;
import io.bitlab.core.quant.TernaryMatrix;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Whatever fails on a device, results stay right, the reason is known, and nothing stays allocated. */
class DeviceFailureTest {

    private static final BitQuantConfig CONFIG = BitQuantConfig.defaults();
    private static final ScalarKernel ORACLE = new ScalarKernel();
    private static final TernaryKernel SUBSTITUTE = new PlainKernel();

    private static final int INVALID_OPERATION = -59;
    private static final int OUT_OF_MEMORY = -4;
    private static final int OUT_OF_RESOURCES = -5;

    private static final List<String> FUNCTIONS = List.of("getPlatformIDs", "getPlatformInfo", "getDeviceIDs",
            "getDeviceInfo", "createContext", "createCommandQueue", "createProgramWithSource", "buildProgram",
            "createKernel", "createBuffer", "setKernelArg", "enqueueWriteBuffer", "enqueueReadBuffer",
            "enqueueNDRangeKernel", "releaseContext", "releaseCommandQueue", "releaseProgram", "releaseKernel",
            "releaseMemObject", "finish", "getProgramBuildInfo", "enqueueMapBuffer", "enqueueUnmapMemObject");

    /** What can fail without any harm; and so can some of the attempts to compile. */
    private static final Set<String> HARMLESS = Set.of("releaseContext", "releaseCommandQueue", "releaseProgram",
            "releaseKernel", "releaseMemObject", "finish", "getProgramBuildInfo", "enqueueMapBuffer",
            "enqueueUnmapMemObject");

    private final Random random = new Random(5);
    private final TernaryMatrix matrix = matrix(40);
    private final TernaryMatrix blocks = matrix(7);

    private TernaryMatrix matrix(int blockColumns) {
        byte[] trits = new byte[19 * 40];
        for (int i = 0; i < trits.length; i++) {
            trits[i] = (byte) (random.nextInt(3) - 1);
        }
        float[] scales = new float[19 * Math.ceilDiv(40, blockColumns)];
        for (int i = 0; i < scales.length; i++) {
            scales[i] = random.nextFloat() - 0.5f;
        }
        return TernaryMatrix.ofBlocks(trits, 19, 40, scales, blockColumns);
    }

    private QuantizedActivations activations(int rows) {
        byte[] values = new byte[rows * 40];
        for (int i = 0; i < values.length; i++) {
            values[i] = (byte) (random.nextInt(255) - 127);
        }
        return new QuantizedActivations(values, new float[] {0.25f}, rows, 40);
    }

    private static CheckedKernel checked(FakeOpenCl fake) {
        return new CheckedKernel(fake.kernel(), ORACLE, SUBSTITUTE);
    }

    private void assertMultiplies(PackedWeights weights, int rows, String what) {
        QuantizedActivations x = activations(rows);
        float[] expected = new float[rows * 19];
        TernaryMatmul.multiply(ORACLE.pack(weights.unpack()), x, null, expected);
        float[] y = new float[rows * 19];
        TernaryMatmul.multiply(weights, x, null, y);
        assertArrayEquals(expected, y, what);
        float[] parts = new float[rows * 19]; // as threads do it
        PreparedActivations prepared = weights.kernel().prepare(x);
        weights.kernel().multiply(weights, prepared, null, parts, 8, 19);
        weights.kernel().multiply(weights, prepared, null, parts, 0, 8);
        assertArrayEquals(expected, parts, what + ", in parts");
    }

    /** Layers that the device computes in one launch, where it can. */
    private void assertMultipliesAtOnce(PackedWeights[] weights, int rows, String what) {
        QuantizedActivations x = activations(rows);
        float[] bias = new float[19];
        Arrays.fill(bias, -0.75f);
        float[][] biases = new float[weights.length][];
        biases[1] = bias;
        float[][] ys = new float[weights.length][rows * 19];
        TernaryMatmul.multiplyAll(weights, x, biases, ys);
        for (int i = 0; i < weights.length; i++) {
            float[] expected = new float[rows * 19];
            TernaryMatmul.multiply(ORACLE.pack(weights[i].unpack()), x, biases[i], expected);
            assertArrayEquals(expected, ys[i], what + ", layer " + i + " of several");
        }
    }

    /** Drops the kernels first. Weights are released when the garbage collector finds them, and queues with it. */
    static void assertAllReleased(List<FakeOpenCl> fakes) throws InterruptedException {
        for (int i = 0; i < 200 && fakes.stream().anyMatch(fake -> fake.alive() > 0); i++) {
            System.gc();
            Thread.sleep(10);
        }
        for (FakeOpenCl fake : fakes) {
            assertEquals(0, fake.alive());
        }
    }

    @Test
    void eachFunctionMayFailAtAnyCall() throws InterruptedException {
        List<FakeOpenCl> fakes = new ArrayList<>();
        for (String function : FUNCTIONS) {
            for (int call : new int[] {1, 2, 3, 4, 6, 9, 14, 20, 40, 100}) {
                FakeOpenCl fake = new FakeOpenCl().fail(function, INVALID_OPERATION, call, Integer.MAX_VALUE);
                fakes.add(fake);
                use(fake, function, call);
            }
        }
        assertAllReleased(fakes);
    }

    private void use(FakeOpenCl fake, String function, int call) {
        String what = "call " + call + " of " + function;
        CheckedKernel kernel = checked(fake);
        kernel.refusal(CONFIG, 19, 40);
        PackedWeights first = kernel.pack(matrix);
        PackedWeights second = kernel.pack(blocks);
        for (int rows : new int[] {1, 5, 2, 40, 1}) {
            assertMultiplies(first, rows, what);
            assertMultiplies(second, rows, what);
            assertMultipliesAtOnce(new PackedWeights[] {first, first, second, second, second}, rows, what);
        }
        assertMultiplies(kernel.pack(matrix), 3, what);
        boolean failed = fake.calls(function) >= call && !HARMLESS.contains(function)
                && (!function.equals("buildProgram") || call == 1);
        Optional<String> refusal = kernel.refusal(CONFIG, 19, 40);
        assertEquals(failed, refusal.isPresent(), () -> what + ": " + refusal);
        String name = "OpenCL's cl" + Character.toUpperCase(function.charAt(0)) + function.substring(1)
                + " failed with CL_INVALID_OPERATION (-59)";
        refusal.ifPresent(reason -> assertTrue(reason.contains(name), reason));
    }

    @Test
    void aWorkingDeviceIsUsedAndReleased() throws InterruptedException {
        FakeOpenCl fake = new FakeOpenCl();
        use(fake, "none", 1);
        assertTrue(fake.calls("enqueueNDRangeKernel") > 24);
        assertAllReleased(List.of(fake));
    }

    @Test
    void aDeviceThatLiesIsFound() {
        FakeOpenCl fake = new FakeOpenCl().lyingBy(0.5f);
        CheckedKernel kernel = checked(fake);
        PackedWeights weights = kernel.pack(matrix);
        assertMultiplies(weights, 1, "lying");
        assertTrue(kernel.refusal(CONFIG, 19, 40).orElseThrow()
                .startsWith("disabled in this process: it computes wrong results"));
        assertEquals(SUBSTITUTE.nanosPerWeight(), kernel.nanosPerWeight());
    }

    @Test
    void aDeviceThatLiesAboutSeveralLayersIsFound() {
        CheckedKernel kernel = checked(new FakeOpenCl().lyingAboutLaterLayersBy(0.5f));
        PackedWeights weights = kernel.pack(matrix);
        assertMultipliesAtOnce(new PackedWeights[] {weights, weights}, 1, "lying about the second layer");
        String refusal = kernel.refusal(CONFIG, 19, 40).orElseThrow();
        assertTrue(refusal.startsWith("disabled in this process: it computes wrong results: layer 2 of several: "),
                refusal);
    }

    /** Tried once: after a failure, the layers are computed one by one. */
    @Test
    void severalLayersThatDoNotFitTogetherAreComputedOneByOne() {
        FakeOpenCl fake = new FakeOpenCl();
        CheckedKernel kernel = checked(fake);
        PackedWeights[] layers = {kernel.pack(matrix), kernel.pack(matrix)};
        assertMultipliesAtOnce(layers, 1, "before");
        fake.fail("enqueueReadBuffer", OUT_OF_MEMORY, 1, 1);
        assertMultipliesAtOnce(layers, 1, "during");
        int launches = fake.calls("enqueueNDRangeKernel");
        assertMultipliesAtOnce(layers, 1, "after");
        assertEquals(launches + 2, fake.calls("enqueueNDRangeKernel"));
        assertNotEquals(SUBSTITUTE.pack(matrix).bytes(), layers[0].bytes());
        assertEquals(Optional.empty(), kernel.refusal(CONFIG, 19, 40));
    }

    /** Which checks itself, divides batches in its own way, and asks for whole tiles. */
    @Test
    void theBestKernelOfThisMachineTakesOver() {
        TernaryKernel best = KernelRegistry.kernelFor(CONFIG);
        CheckedKernel kernel = new CheckedKernel(
                new FakeOpenCl().fail("enqueueNDRangeKernel", INVALID_OPERATION, 1, Integer.MAX_VALUE).kernel(), ORACLE,
                best);
        byte[] trits = new byte[260 * 90];
        byte[] values = new byte[40 * 90];
        for (int i = 0; i < trits.length; i++) {
            trits[i] = (byte) (random.nextInt(3) - 1);
            values[i % values.length] = (byte) (random.nextInt(255) - 127);
        }
        TernaryMatrix large = TernaryMatrix.of(trits, 260, 90, new float[] {0.5f});
        QuantizedActivations x = new QuantizedActivations(values, new float[] {0.25f}, 40, 90);
        float[] expected = new float[40 * 260];
        TernaryMatmul.multiply(ORACLE.pack(large), x, null, expected);
        PackedWeights weights = kernel.pack(large);
        for (int repeat = 0; repeat < 2; repeat++) { // the first repeats what failed
            float[] y = new float[expected.length];
            TernaryMatmul.multiply(weights, x, null, y);
            assertArrayEquals(expected, y);
            assertTrue(kernel.refusal(CONFIG, 260, 90).isPresent());
        }
        assertEquals(best.rowAlignment(), kernel.rowAlignment());
        assertEquals(best.pack(large).bytes(), weights.bytes());
    }

    // ---------------------------------------------------------------- memory

    @Test
    void weightsThatDoNotFitStayOnTheProcessor() {
        FakeOpenCl fake = new FakeOpenCl();
        CheckedKernel kernel = checked(fake);
        PackedWeights first = kernel.pack(matrix);
        assertMultiplies(first, 1, "before");
        fake.withMemory(0);
        PackedWeights second = kernel.pack(matrix);
        fake.withMemory(Long.MAX_VALUE);
        assertEquals(SUBSTITUTE.pack(matrix).bytes(), second.bytes());
        assertEquals(matrix, second.unpack());
        int launches = fake.calls("enqueueNDRangeKernel");
        assertMultiplies(second, 6, "on the processor");
        assertEquals(launches, fake.calls("enqueueNDRangeKernel"));
        assertMultiplies(first, 6, "on the device");
        assertNotEquals(launches, fake.calls("enqueueNDRangeKernel"));
        assertEquals(Optional.empty(), kernel.refusal(CONFIG, 19, 40));
    }

    @Test
    void layersThatReadOneInputTakeOneLaunchAndOneWait() {
        FakeOpenCl fake = new FakeOpenCl();
        CheckedKernel kernel = checked(fake);
        PackedWeights[] layers = {kernel.pack(matrix(40)), kernel.pack(matrix(40)), kernel.pack(matrix(40))};
        assertMultipliesAtOnce(layers, 1, "with the check before the first product");
        int launches = fake.calls("enqueueNDRangeKernel");
        int waits = fake.calls("enqueueReadBuffer");
        assertMultipliesAtOnce(layers, 1, "in one launch");
        assertEquals(launches + 1, fake.calls("enqueueNDRangeKernel"));
        assertEquals(waits + 1, fake.calls("enqueueReadBuffer"));
    }

    /** The others stay there. */
    @Test
    void oneOfSeveralLayersMayBeOnTheProcessor() {
        FakeOpenCl fake = new FakeOpenCl();
        CheckedKernel kernel = checked(fake);
        PackedWeights[] layers = {kernel.pack(matrix), kernel.pack(matrix), null};
        fake.withMemory(0);
        layers[2] = kernel.pack(matrix);
        fake.withMemory(Long.MAX_VALUE);
        assertMultipliesAtOnce(layers, 1, "with the check before the first product");
        int launches = fake.calls("enqueueNDRangeKernel");
        assertMultipliesAtOnce(layers, 6, "two on the device");
        assertEquals(launches + 2, fake.calls("enqueueNDRangeKernel"));
        assertEquals(Optional.empty(), kernel.refusal(CONFIG, 19, 40));
    }

    @Test
    void severalLayersAreCheckedToo() {
        CheckedKernel kernel = checked(new FakeOpenCl());
        PackedWeights[] layers = {kernel.pack(matrix), kernel.pack(matrix)};
        assertEquals("Kernel 'gpu' (40 -> 19): the output array has 18 values, expected 1 rows x 19 = 19",
                assertThrows(IllegalArgumentException.class, () -> TernaryMatmul.multiplyAll(layers, activations(1),
                        new float[2][], new float[][] {new float[19], new float[18]})).getMessage());
    }

    @Test
    void memoryThatCanNotBePinnedIsTakenFromJava() throws InterruptedException {
        FakeOpenCl fake = new FakeOpenCl().fail("enqueueMapBuffer", OUT_OF_RESOURCES, 1, Integer.MAX_VALUE);
        use(fake, "none", 1);
        assertTrue(fake.calls("enqueueMapBuffer") > 0);
        assertAllReleased(List.of(fake));
    }

    @Test
    void weightsWhoseProductDoesNotFitLeaveTheDevice() {
        FakeOpenCl fake = new FakeOpenCl();
        CheckedKernel kernel = checked(fake);
        PackedWeights first = kernel.pack(matrix);
        PackedWeights second = kernel.pack(matrix);
        assertMultiplies(first, 1, "before");
        fake.fail("enqueueReadBuffer", OUT_OF_MEMORY, 1, 1);
        assertMultiplies(first, 1, "during");
        assertEquals(SUBSTITUTE.pack(matrix).bytes(), first.bytes());
        assertMultiplies(second, 1, "after");
        assertNotEquals(SUBSTITUTE.pack(matrix).bytes(), second.bytes());
        assertEquals(Optional.empty(), kernel.refusal(CONFIG, 19, 40));
    }

    /** As some drivers report a kernel that crashed or took too long. */
    @Test
    void aKernelThatFailsForLackOfResourcesDisablesTheDevice() {
        FakeOpenCl fake = new FakeOpenCl();
        CheckedKernel kernel = checked(fake);
        PackedWeights weights = kernel.pack(matrix);
        assertMultiplies(weights, 1, "before");
        fake.fail("enqueueReadBuffer", OUT_OF_RESOURCES, 1, 1);
        assertMultiplies(weights, 1, "during");
        assertTrue(kernel.refusal(CONFIG, 19, 40).orElseThrow().contains("CL_OUT_OF_RESOURCES (-5)"));
    }

    /** Until a check has passed, the processor computes. */
    @Test
    void aCheckThatHadNoMemoryIsRepeated() {
        FakeOpenCl fake = new FakeOpenCl().lyingBy(0.5f);
        CheckedKernel kernel = checked(fake);
        PackedWeights weights = kernel.pack(matrix);
        fake.fail("enqueueReadBuffer", OUT_OF_MEMORY, 1, 1);
        QuantizedActivations x = activations(1);
        float[] expected = new float[19];
        TernaryMatmul.multiply(ORACLE.pack(matrix), x, null, expected);
        float[] y = new float[19];
        TernaryMatmul.multiply(weights, x, null, y);
        assertArrayEquals(expected, y, "not checked yet");
        assertEquals(Optional.empty(), kernel.refusal(CONFIG, 19, 40));
        assertMultiplies(weights, 1, "checked");
        assertTrue(kernel.refusal(CONFIG, 19, 40).isPresent());
    }

    /** As in training, where each step packs new weights. */
    @Test
    void garbageDoesNotFillTheDevice() {
        FakeOpenCl fake = new FakeOpenCl().withMemory(40_000);
        CheckedKernel kernel = checked(fake);
        for (int step = 0; step < 300; step++) {
            assertNotEquals(SUBSTITUTE.pack(matrix).bytes(), kernel.pack(matrix).bytes(), "step " + step);
        }
    }

    // ---------------------------------------------------------------- the choice

    private static KernelSelection selection(TernaryKernel device, boolean strict) {
        return new KernelSelection(new DiscoveredKernels(List.of(device, ORACLE, SUBSTITUTE), List.of(), List.of()),
                "gpu", strict);
    }

    @Test
    void aDeviceThatWasAskedForIsChosenAndNamed() {
        KernelSelection selection = selection(checked(new FakeOpenCl()), false);
        assertEquals("gpu", selection.choose(CONFIG, 19, 40).name());
        assertEquals(
                "gpu: chosen; forced by bitlab.kernel, on Fake GPU of Fake, driver 1.2.3, "
                        + "kernels in OpenCL C 3, vectorized",
                selection.explain(CONFIG, 19, 40).getFirst().toString());
        assertEquals("plain: accepted; bitlab.kernel=gpu forces another",
                selection.explain(CONFIG, 19, 40).get(1).toString());
        assertEquals(Optional.empty(), selection.notice(CONFIG, 19, 40));
        assertEquals("gpu", selection(checked(new FakeOpenCl()), true).choose(CONFIG, 19, 40).name());
    }

    @Test
    void whereThereIsNoneAnotherIsChosenAndTheLogSaysWhy() {
        FakeOpenCl fake = new FakeOpenCl().fail("createContext", INVALID_OPERATION, 1, Integer.MAX_VALUE);
        String why = "Fake GPU of Fake, driver 1.2.3: OpenCL's clCreateContext failed with CL_INVALID_OPERATION (-59)";
        KernelSelection selection = selection(checked(fake), false);
        assertEquals(SUBSTITUTE, selection.choose(CONFIG, 19, 40));
        assertEquals(List.of("plain: chosen; the highest priority (10), not vectorized",
                "scalar: accepted; 'plain' comes first, with priority 10 against 0", "gpu: refused; " + why),
                selection.explain(CONFIG, 19, 40).stream().map(KernelReport::toString).toList());
        assertEquals(Optional.of("bitlab.kernel=gpu can't be obeyed, and ternary layers run on kernel 'plain': the "
                + "results are the same. Refused: gpu: " + why), selection.notice(CONFIG, 19, 40));
    }

    @Test
    void strictInsistsOnTheDevice() {
        FakeOpenCl fake = new FakeOpenCl().fail("createContext", INVALID_OPERATION, 1, Integer.MAX_VALUE);
        KernelSelection selection = selection(checked(fake), true);
        String message = assertThrows(IllegalStateException.class,
                () -> selection.choose(CONFIG, 19, 40)).getMessage();
        assertTrue(message.startsWith("bitlab.kernel=gpu forces a kernel that refuses int8 activations, 40 -> 19: "
                + "Fake GPU of Fake"), message);
    }

    /** The class is found by its name, which nothing else checks. */
    @Test
    void theKernelIsFoundByItsName() {
        DiscoveredKernels found = new DiscoveredKernels(List.of(ORACLE, SUBSTITUTE), List.of(), List.of()).withDevice();
        assertEquals("gpu", found.kernels().getLast().name());
        assertEquals(List.of(), found.failed());
        assertEquals("gpu", KernelRegistry.kernel("gpu").name());
    }
}
