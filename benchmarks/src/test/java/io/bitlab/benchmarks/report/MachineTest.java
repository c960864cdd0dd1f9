package io.bitlab.benchmarks.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Files below {@code /proc} as machines write them. */
class MachineTest {

    @Test
    void aProcessorOfX86HasANameAFamilyAndAModel() {
        List<String> cpuinfo = """
                processor\t: 0
                vendor_id\t: AuthenticAMD
                cpu family\t: 26
                model\t\t: 2
                model name\t: AMD EPYC  9755   128-Core Processor
                flags\t\t: fpu vme  avx2 avx512f

                processor\t: 1
                model name\t: another
                """.lines().toList();
        assertEquals("AMD EPYC 9755 128-Core Processor (family 26, model 2), amd64, 2 cores",
                Machine.describe(cpuinfo, "amd64", 2));
    }

    @Test
    void aHiddenNameIsUnknown() {
        assertEquals("unknown (family 6, model 143), amd64, 1 core",
                Machine.describe(List.of("cpu family : 6", "model : 143", "model name :"), "amd64", 1));
    }

    @Test
    void aProcessorOfArmHasNumbersOnly() {
        List<String> cpuinfo = """
                processor\t: 0
                BogoMIPS\t: 243.75
                Features\t: fp asimd evtstrm aes sve
                CPU implementer\t: 0x41
                CPU architecture: 8
                CPU part\t: 0xd40
                """.lines().toList();
        assertEquals("unknown (implementer 0x41, part 0xd40), aarch64, 64 cores",
                Machine.describe(cpuinfo, "aarch64", 64));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "\n\n", ":", "no colon here", "flags : fpu vme"})
    void aFileThatTellsNothingLeavesArchitectureAndCores(String text) {
        assertEquals("riscv64, 4 cores", Machine.describe(text.lines().toList(), "riscv64", 4));
        assertEquals("unknown", Machine.resident(text.lines().toList()));
    }

    @Test
    void residentMemoryIsReadWhateverTheSpaces() {
        assertEquals("VmRSS: 1234 kB", Machine.resident(List.of("Name:\tjava", "VmRSS:\t    1234  kB")));
        assertEquals("VmRSS: 12 kB", Machine.resident(List.of("VmRSS : 12 kB")));
    }

    @Test
    void thisMachineIsDescribed() {
        assertTrue(Machine.describe().endsWith(Runtime.getRuntime().availableProcessors() == 1 ? "1 core" : " cores"),
                Machine.describe());
        assertTrue(Machine.resident().matches("VmRSS: \\d+ kB|unknown"), Machine.resident());
    }
}
