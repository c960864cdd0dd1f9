package io.bitlab.core.kernel;

import static io.bitlab.core.kernel.DeviceFailureTest.assertAllReleased;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.bitlab.core.BitQuantConfig;
import io.bitlab.core.gpu.FakeOpenCl;
import io.bitlab.core.internal.DeviceProducts;
import io.bitlab.core.internal.DeviceSession;
import io.bitlab.core.math.ActivationFunction;
import io.bitlab.core.memory.Workspace;
import io.bitlab.core.ops.Arithmetic;
import io.bitlab.core.ops.Norms;
import io.bitlab.core.ops.Pointwise;
import io.bitlab.core.quant.NonFiniteException;
import io.bitlab.core.quant.TernaryMatrix;
import io.bitlab.core.tensor.Autograd;
import io.bitlab.core.tensor.OnDevice;
import io.bitlab.core.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Results that stay on a device are those of the processor, whatever fails. */
class DeviceRowsTest {

    private static final BitQuantConfig CONFIG = BitQuantConfig.defaults();
    private static final TernaryKernel ORACLE = new ScalarKernel();
    private static final TernaryKernel SUBSTITUTE = new PlainKernel();
    private static final int WIDTH = 40;
    private static final int INNER = 70;
    private static final int INVALID_OPERATION = -59;
    private static final int OUT_OF_MEMORY = -4;

    private static final List<String> FUNCTIONS = List.of("createCommandQueue", "createKernel", "createBuffer",
            "setKernelArg", "enqueueWriteBuffer", "enqueueReadBuffer", "enqueueNDRangeKernel");

    private final Random random = new Random(8);
    private final Tensor norm = values(WIDTH);
    private final Tensor innerNorm = values(INNER);
    private final List<TernaryMatrix> matrices =
            List.of(matrix(WIDTH, WIDTH), matrix(INNER, WIDTH), matrix(INNER, WIDTH), matrix(WIDTH, INNER));

    private Tensor values(int... shape) {
        return Tensor.randn(random.nextLong(), shape);
    }

    private TernaryMatrix matrix(int out, int in) {
        byte[] trits = new byte[out * in];
        for (int i = 0; i < trits.length; i++) {
            trits[i] = (byte) (random.nextInt(3) - 1);
        }
        return TernaryMatrix.of(trits, out, in, new float[] {0.3f});
    }

    /** The part of a transformer's block that follows the attention. */
    private final class Block {
        private final CheckedKernel kernel;
        private final List<PackedWeights> packed;

        Block(FakeOpenCl fake) {
            kernel = new CheckedKernel(fake.kernel(), ORACLE, SUBSTITUTE);
            packed = matrices.stream().map(kernel::pack).toList();
        }

        Tensor forward(Tensor x) {
            Tensor h = Arithmetic.add(x, products(x, packed.get(0))[0]);
            Tensor[] both = products(Norms.rmsNorm(h, norm, 1e-5f, "norm"), packed.get(1), packed.get(2));
            Tensor inner = Pointwise.gated(ActivationFunction.SQUARED_RELU, both[0], both[1]);
            return Arithmetic.add(h, products(Norms.rmsNorm(inner, innerNorm, 1e-5f, "norm"), packed.get(3))[0]);
        }

        /** As the layers do it. */
        private Tensor[] products(Tensor x, PackedWeights... weights) {
            int rows = x.length(0);
            int[][] shapes = Arrays.stream(weights).map(w -> new int[] {rows, w.outFeatures()}).toArray(int[][]::new);
            Supplier<Tensor[]> otherwise = () -> {
                float[][] ys = Arrays.stream(weights).map(w -> new float[rows * w.outFeatures()])
                        .toArray(float[][]::new);
                TernaryMatmul.multiplyAll(weights, TernaryMatmul.quantize(x.data(), rows, x.length(1), CONFIG, "layer"),
                        new float[weights.length][], ys);
                Tensor[] tensors = new Tensor[ys.length];
                Arrays.setAll(tensors, i -> Tensor.of(ys[i], shapes[i]));
                return tensors;
            };
            Tensor[] kept = OnDevice.isKept() ? OnDevice.products(kernel, x, List.of(weights),
                    new float[weights.length][], shapes, otherwise) : null;
            return kept != null ? kept : otherwise.get();
        }

        Tensor kept(Tensor x) {
            return OnDevice.keeping(() -> forward(x));
        }

        boolean isDisabled() {
            return kernel.refusal(CONFIG, WIDTH, WIDTH).isPresent();
        }
    }

    private float[] expected(Tensor x) {
        Block block = new Block(new FakeOpenCl().fail("getPlatformIDs", INVALID_OPERATION, 1, Integer.MAX_VALUE));
        float[] y = block.forward(x).data();
        assertTrue(block.isDisabled());
        return y;
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 20})
    void aBlockWaitsOnce(int rows) throws InterruptedException {
        FakeOpenCl fake = new FakeOpenCl();
        Tensor x = values(rows, WIDTH);
        float[] expected = expected(x);
        Block block = new Block(fake);
        block.kept(x); // with the checks
        block.kept(x); // with all the memory that it needs
        int waits = fake.calls("enqueueReadBuffer");
        int ends = fake.calls("finish");
        for (int repeat = 1; repeat < 4; repeat++) {
            assertArrayEquals(expected, block.kept(x).data());
            assertEquals(waits + repeat, fake.calls("enqueueReadBuffer"));
            assertEquals(ends + repeat, fake.calls("finish"), "at the end only, when nothing is running");
        }
        assertArrayEquals(expected, block.forward(x).data(), "outside");
        assertFalse(block.isDisabled());
        block = null;
        assertAllReleased(List.of(fake));
    }

    @Test
    void eachFunctionMayFailAtAnyCall() throws InterruptedException {
        Tensor x = values(3, WIDTH);
        float[] expected = expected(x);
        List<FakeOpenCl> fakes = new ArrayList<>();
        for (String function : FUNCTIONS) {
            for (int call : new int[] {1, 2, 3, 4, 6, 8, 11, 15, 30}) {
                FakeOpenCl fake = new FakeOpenCl();
                Block block = new Block(fake);
                block.kept(x); // with the checks
                fake.fail(function, INVALID_OPERATION, call, Integer.MAX_VALUE);
                fakes.add(fake);
                for (int repeat = 0; repeat < 3; repeat++) {
                    assertArrayEquals(expected, block.kept(x).data(), () -> "call " + call + " of " + function);
                }
                assertEquals(fake.calls(function) >= call, block.isDisabled(),
                        () -> "call " + call + " of " + function);
            }
        }
        assertAllReleased(fakes);
    }

    /** Tried once: afterwards the device multiplies only. */
    @Test
    void whatDoesNotFitIsLeftToTheProcessor() {
        FakeOpenCl fake = new FakeOpenCl();
        Block block = new Block(fake);
        Tensor small = values(1, WIDTH);
        block.kept(small); // with the checks
        Tensor x = values(9, WIDTH);
        float[] expected = expected(x);
        fake.fail("createBuffer", OUT_OF_MEMORY, 2, 2);
        assertArrayEquals(expected, block.kept(x).data());
        assertFalse(block.isDisabled());
        int waits = fake.calls("enqueueReadBuffer");
        assertArrayEquals(expected, block.kept(x).data());
        assertEquals(waits + 3, fake.calls("enqueueReadBuffer"), "one for each input of products");
    }

    @Test
    void whatIsTooLargeIsMultipliedInParts() {
        Block block = new Block(new FakeOpenCl());
        block.kept(values(1, WIDTH)); // with the checks
        Tensor x = values(8000, WIDTH); // more than the fake's kernel holds at once
        OnDevice.keeping(() -> {
            assertTrue(OnDevice.holds(block.products(values(1, WIDTH), block.packed.getFirst())[0]));
            Tensor y = block.products(x, block.packed.getFirst())[0];
            assertFalse(OnDevice.holds(y));
            return y;
        });
        assertArrayEquals(expected(x), block.kept(x).data());
        assertFalse(block.isDisabled());
    }

    /** Until a session can be had for the check, the device multiplies only. */
    @Test
    void uncheckedRowsAreNotKept() {
        FakeOpenCl fake = new FakeOpenCl().skipping("rms_norm");
        DeviceProducts device = (DeviceProducts) fake.kernel();
        CheckedRows rows = new CheckedRows((TernaryKernel) device, device, ORACLE);
        List<DeviceSession> others = new ArrayList<>();
        for (DeviceSession next = device.openSession(); next != null; next = device.openSession()) {
            others.add(next);
        }
        assertNull(rows.openSession());
        others.getFirst().close();
        assertNull(rows.openSession(), "found to be wrong");
        others.forEach(DeviceSession::close);
        assertNull(rows.openSession());
    }

    /** Neither weights nor anything else of the device. */
    @Test
    void aResultKeepsNothingOnTheDevice() throws InterruptedException {
        FakeOpenCl fake = new FakeOpenCl();
        Tensor x = values(2, WIDTH);
        Tensor y = new Block(fake).kept(x);
        assertAllReleased(List.of(fake));
        assertArrayEquals(expected(x), y.data());
    }

    @ParameterizedTest
    @ValueSource(strings = {"finish", "plus", "squared_relu_times", "rms_norm", "quantize"})
    void aDeviceThatIsWrongAboutRowsMultipliesOnly(String wrong) {
        FakeOpenCl fake = new FakeOpenCl().skipping(wrong);
        Block block = new Block(fake);
        Tensor x = values(2, WIDTH);
        float[] expected = expected(x);
        block.kept(x); // with the checks
        int waits = fake.calls("enqueueReadBuffer");
        assertArrayEquals(expected, block.kept(x).data());
        assertEquals(waits + 3, fake.calls("enqueueReadBuffer"), "one for each input of products");
        assertFalse(block.isDisabled());
    }

    @ParameterizedTest
    @CsvSource({"NaN", "Infinity"})
    void valuesThatInt8CanNotRepresentAreFound(float value) {
        FakeOpenCl fake = new FakeOpenCl();
        Block block = new Block(fake);
        Tensor x = values(3, WIDTH);
        block.kept(x);
        x.data()[WIDTH + 4] = value;
        assertEquals("layer: the input in row 1, column 4 is " + value,
                assertThrows(NonFiniteException.class, () -> block.kept(x)).getMessage().split(",(?= which)")[0]);
        norm.data()[7] = value; // between the products
        x.data()[WIDTH + 4] = 1;
        assertTrue(assertThrows(NonFiniteException.class, () -> block.kept(x)).getMessage()
                .startsWith("layer: the input in row 0, column 7 is "));
        assertFalse(block.isDisabled());
    }

    /** Such as by an observer, which may even write to it. */
    @Test
    void whatWasReadIsTakenFromThere() {
        Block block = new Block(new FakeOpenCl());
        Tensor x = values(2, WIDTH);
        block.kept(x);
        Tensor y = OnDevice.keeping(() -> {
            Tensor h = block.products(x, block.packed.getFirst())[0];
            assertTrue(OnDevice.holds(h));
            h.data()[5] = 100;
            assertFalse(OnDevice.holds(h));
            Tensor more = block.products(x, block.packed.getFirst())[0];
            return Arithmetic.add(h, more);
        });
        float[] product = block.products(x, block.packed.getFirst())[0].data();
        assertEquals(100 + product[5], y.data()[5]);
        assertEquals(product[6] + product[6], y.data()[6]);
    }

    @Test
    void whatIsReadTooLateIsComputedByTheProcessor() {
        Block block = new Block(new FakeOpenCl());
        Tensor x = values(2, WIDTH);
        List<Tensor> late = new ArrayList<>();
        OnDevice.keeping(() -> {
            late.add(block.products(x, block.packed.getFirst())[0]);
            late.add(Norms.rmsNorm(late.getFirst(), norm, 1e-5f, "norm"));
            return x;
        });
        Tensor product = block.products(x, block.packed.getFirst())[0];
        assertArrayEquals(Norms.rmsNorm(product, norm, 1e-5f, "norm").data(), late.get(1).data());
        assertArrayEquals(product.data(), late.get(0).data());
    }

    @Test
    void nothingIsRecordedOrKeptForOtherThreads() {
        Block block = new Block(new FakeOpenCl());
        Tensor x = values(2, WIDTH);
        OnDevice.keeping(() -> {
            assertTrue(OnDevice.isKept());
            assertFalse(Autograd.isRecording());
            assertFalse(CompletableFuture.supplyAsync(OnDevice::isKept).join());
            Tensor inner = OnDevice.keeping(() -> block.products(x, block.packed.getFirst())[0]);
            assertTrue(OnDevice.holds(inner), "an inner part is one of the outer");
            return inner;
        });
        assertFalse(OnDevice.isKept());
    }

    /** Here by the processor, since a weight is NaN; an inner workspace is recycled first. */
    @Test
    void valuesThatAreReadInAnotherWorkspaceOutliveIt() {
        Block block = new Block(new FakeOpenCl());
        Tensor x = values(2, WIDTH);
        block.kept(x);
        norm.data()[3] = Float.NaN;
        Tensor product = block.products(x, block.packed.getFirst())[0];
        float[] expected = Norms.rmsNorm(product, norm, 1e-5f, "norm").data();
        new Workspace().run(() -> OnDevice.keeping(() -> {
            Tensor y = Norms.rmsNorm(block.products(x, block.packed.getFirst())[0], norm, 1e-5f, "norm");
            Autograd.recycling(() -> Arithmetic.mul(y, y));
            Autograd.recycling(() -> Arithmetic.mul(x, x));
            assertArrayEquals(expected, y.data());
            return x;
        }));
    }

    /** Read in a workspace, it is recycled with it. */
    @Test
    void valuesAreOfTheWorkspaceInWhichTheyWereComputed() {
        Block block = new Block(new FakeOpenCl());
        Tensor x = values(2, WIDTH);
        float[] expected = expected(x);
        Workspace workspace = new Workspace();
        Tensor y = workspace.call(() -> block.kept(x));
        assertArrayEquals(expected, y.data());
        workspace.reset();
        assertThrows(IllegalStateException.class, y::data);
    }
}
