package io.bitlab.core.kernel;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Samples of {@code /proc/cpuinfo} as machines write it. */
class ExpectedKernelTest {

    @Test
    void flagsMayHaveSeveralSpacesBetweenThemAndMayRepeat() {
        assertEquals(Set.of("fpu", "pti", "vmmcall", "avx2"), ExpectedKernel.flags(List.of("processor\t: 0",
                "model name\t: AMD EPYC", "flags\t\t: fpu pti        vmmcall\tavx2 fpu ",
                "bugs\t\t: sysret_ss_attrs")));
    }

    @Test
    void theFirstProcessorCounts() {
        assertEquals(Set.of("avx"), ExpectedKernel.flags(List.of("flags : avx", "", "flags : avx avx2")));
    }

    @Test
    void armNamesFeatures() {
        assertEquals(Set.of("fp", "asimd", "sve"), ExpectedKernel.flags(
                List.of("processor\t: 0", "BogoMIPS\t: 243.75", "Features\t: fp asimd sve", "CPU part\t: 0xd0c")));
    }

    @Test
    void aFileWithoutFlagsHasNone() {
        assertEquals(Set.of(), ExpectedKernel.flags(List.of()));
        assertEquals(Set.of(), ExpectedKernel.flags(List.of("processor : 0", "flags without a colon", "")));
        assertEquals(Set.of(), ExpectedKernel.flags(List.of("flags\t\t:")));
        assertEquals(Set.of(), ExpectedKernel.flags(List.of("vmx flags\t: vnmi")));
    }
}
