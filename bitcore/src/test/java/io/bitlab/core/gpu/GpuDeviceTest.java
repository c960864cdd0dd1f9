package io.bitlab.core.gpu;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.bitlab.core.ActivationDtype;
import io.bitlab.core.BitQuantConfig;
import io.bitlab.core.internal.DeviceException;
import io.bitlab.core.kernel.KernelParity;
import io.bitlab.core.kernel.TernaryKernel;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Which device is chosen, how the kernels are compiled for it, and what the kernel sends there; without a driver. */
class GpuDeviceTest {

    private static final String EXACT = "-cl-fp32-correctly-rounded-divide-sqrt ";
    private static final BitQuantConfig CONFIG = BitQuantConfig.defaults();

    private static Map<Integer, Object> device(String name, Object... answers) {
        Map<Integer, Object> device = new HashMap<>(FakeOpenCl.GPU);
        device.put(0x102B, name);
        for (int i = 0; i < answers.length; i += 2) {
            device.put((int) answers[i], answers[i + 1]);
        }
        return device;
    }

    private static String chosen(List<Map<Integer, Object>> devices) {
        return GpuDevice.bestFirst(new FakeOpenCl(devices).library()).getFirst().name();
    }

    @Test
    void gpusComeFirstThenThoseWithTheirOwnAndTheMostMemory() {
        Map<Integer, Object> processor = device("processor", 0x1000, 2L, 0x101F, 1L << 40);
        Map<Integer, Object> integrated = device("integrated", 0x1035, 1L, 0x101F, 1L << 35);
        Map<Integer, Object> small = device("small");
        Map<Integer, Object> large = device("large", 0x101F, 1L << 34);
        assertEquals("large", chosen(List.of(processor, integrated, small, large)));
        assertEquals("integrated", chosen(List.of(processor, integrated)));
        assertEquals("processor", chosen(List.of(processor)));
    }

    @ParameterizedTest
    @CsvSource({"0x1027, 0, is not available", "0x1028, 0, has no compiler", "0x1026, 0, is not little-endian",
        "0x1004, 64, runs fewer than 128 items together", "0x101B, 6, does not compute floats as IEEE 754 says"})
    void devicesThatCannotRunTheKernelsAreLeftOut(String property, long answer, String reason) {
        Map<Integer, Object> unfit = device("unfit", Integer.decode(property), answer, 0x101F, 1L << 40);
        assertEquals("fit", chosen(List.of(unfit, device("fit"))));
        assertEquals("no device can be used: unfit of Fake, driver 1.2.3 " + reason
                + ": look at the list of clinfo, and install or update the driver",
                new FakeOpenCl(List.of(unfit)).kernel().refusal(CONFIG, 1, 1).orElseThrow());
    }

    @Test
    void noDeviceIsARefusal() {
        assertEquals("OpenCL knows no device: look at the list of clinfo, and install or update the driver",
                new FakeOpenCl(List.of()).kernel().refusal(CONFIG, 1, 1).orElseThrow());
    }

    @Test
    void noLibraryIsARefusal() {
        String message = assertThrows(DeviceException.class,
                () -> OpenClLibraries.load(List.of("libNoSuchCL.so"), List.of("libNoSuchDriver.so.1"))).getMessage();
        assertTrue(message.startsWith("found no OpenCL library (libNoSuchCL.so, libNoSuchDriver.so.1): install"),
                message);
    }

    @Test
    void theNextOptionsAreTriedWhereTheCompilerFails() {
        FakeOpenCl fake = new FakeOpenCl().fail("buildProgram", OpenClErrors.BUILD_PROGRAM_FAILURE, 1, 4);
        assertTrue(fake.kernel().refusal(CONFIG, 1, 1).isEmpty());
        assertEquals(List.of(EXACT + "-D PLAIN"), fake.buildOptions);
    }

    /** Then nothing stays on the device, where division and square root would be inexact. */
    @Test
    void aDeviceThatDoesNotDivideExactlyMultiplies() {
        FakeOpenCl refusing = new FakeOpenCl().fail("buildProgram", OpenClErrors.BUILD_PROGRAM_FAILURE, 1, 1);
        FakeOpenCl unable = new FakeOpenCl(List.of(device("inexact", 0x101B, 7L)));
        for (FakeOpenCl fake : List.of(refusing, unable)) {
            GpuKernel kernel = (GpuKernel) fake.kernel();
            assertTrue(kernel.refusal(CONFIG, 1, 1).isEmpty());
            assertEquals(List.of("-cl-std=CL3.0"), fake.buildOptions);
            assertNull(kernel.openSession());
        }
    }

    @ParameterizedTest
    @CsvSource({"6, 0, 0, '-D PLAIN', 'kernels with plain multiplications'",
        "6, 1, 0, '-D NV_DP4A', 'kernels with dp4a'",
        "9, 0, 0, '-D NV_DP4A', 'kernels with dp4a'", "9, 0, 2, '-D PLAIN', 'kernels with plain multiplications'"})
    void theInstructionOfNvidiaIsUsedWhereItIs(long major, long minor, int failures, String options, String kernels) {
        Map<Integer, Object> gpu = new HashMap<>(FakeOpenCl.GPU);
        gpu.put(0x4000, major);
        gpu.put(0x4001, minor);
        FakeOpenCl fake = new FakeOpenCl(List.of(gpu)).withPlatform("NVIDIA CUDA")
                .fail("buildProgram", OpenClErrors.BUILD_PROGRAM_FAILURE, 1, failures);
        TernaryKernel kernel = fake.kernel();
        assertTrue(kernel.refusal(CONFIG, 1, 1).isEmpty());
        assertEquals(List.of(EXACT + options), fake.buildOptions);
        assertEquals("Fake GPU of NVIDIA CUDA, driver 1.2.3, " + kernels, ((GpuKernel) kernel).device());
    }

    @Test
    void theCompilerHasTheStackOfACProgram() {
        List<Integer> depths = new ArrayList<>();
        FakeOpenCl fake = new FakeOpenCl().compiling(() -> depths.add(depth(200_000)));
        Thread.currentThread().interrupt(); // which must not disturb it
        assertTrue(fake.kernel().refusal(CONFIG, 1, 1).isEmpty());
        assertTrue(Thread.interrupted());
        assertEquals(List.of(200_000), depths);
    }

    private static int depth(int calls) {
        return calls == 0 ? 0 : 1 + depth(calls - 1);
    }

    @ParameterizedTest
    @CsvSource({"512, 512, 512", "512, 485, 256", "100, 30, 16", "100, 60, 48", "100, 16, 16", "100, 3, 3",
        "33, 32, 32", "700, 500, 352"})
    void partsOfABatchAreWholeTilesOfAboutEqualSize(int rows, int most, int part) {
        assertEquals(part, GpuKernel.evenPart(rows, most));
    }

    @Test
    void theNextDeviceIsUsedWhereOneFails() {
        FakeOpenCl fake = new FakeOpenCl(List.of(device("small"), device("large", 0x101F, 1L << 34)));
        fake.fail("createContext", OpenClErrors.OUT_OF_RESOURCES, 1, 1);
        TernaryKernel kernel = fake.kernel();
        assertTrue(kernel.refusal(CONFIG, 1, 1).isEmpty());
        assertEquals("small of Fake, driver 1.2.3, kernels in OpenCL C 3", ((GpuKernel) kernel).device());
    }

    @Test
    void theCompilersMessagesAreShown() {
        FakeOpenCl fake = new FakeOpenCl().fail("buildProgram", OpenClErrors.BUILD_PROGRAM_FAILURE, 1, 6);
        assertEquals("Fake GPU of Fake, driver 1.2.3: OpenCL's clBuildProgram failed with CL_BUILD_PROGRAM_FAILURE "
                + "(-11): line 1: a mistake", fake.kernel().refusal(CONFIG, 1, 1).orElseThrow());
        assertEquals(0, fake.alive());
    }

    @Test
    void everyErrorHasANameOrANumber() {
        assertEquals("CL_OUT_OF_RESOURCES (-5)", OpenClErrors.name(OpenClErrors.OUT_OF_RESOURCES));
        assertEquals("error (-9998)", OpenClErrors.name(-9998));
    }

    @Test
    void theDeviceIsLookedForOnceAndOnlyWhenItIsNeeded() {
        FakeOpenCl fake = new FakeOpenCl(List.of());
        GpuKernel kernel = (GpuKernel) fake.kernel();
        assertEquals("", kernel.device());
        assertTrue(kernel.refusal(CONFIG.withActivationDtype(ActivationDtype.FLOAT32), 1, 1).isPresent());
        assertEquals(0, fake.calls("getPlatformIDs"));
        kernel.refusal(CONFIG, 1, 1);
        int calls = fake.calls("getPlatformIDs");
        assertTrue(calls > 0);
        kernel.refusal(CONFIG, 1, 1);
        assertEquals(calls, fake.calls("getPlatformIDs"));
        assertEquals("", kernel.device());
    }

    private static Stream<KernelParity.Size> sizes() {
        return KernelParity.sizes().filter(size -> size.in() < 600 && size.seed() % 4 == 0);
    }

    /** The layouts of weights and activations, on machines without OpenCL, too. */
    @ParameterizedTest
    @MethodSource("sizes")
    void theDeviceGetsWhatItNeeds(KernelParity.Size size) {
        KernelParity.check(new FakeOpenCl().kernel(), ActivationDtype.INT8, size);
    }
}
