package io.bitlab.benchmarks.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.reflect.Field;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;

/** JMH finds what the sections name: else it would measure nothing, or all values of a parameter. */
class BenchmarkCaseTest {

    @ParameterizedTest
    @EnumSource
    void everyCaseIsABenchmarkWithAllItsParameters(ReportSection section) {
        for (BenchmarkCase each : section.cases(new ChosenKernels(512, "lookup-512", "float-lookup-512"))) {
            assertTrue(Arrays.stream(each.type().getMethods()).anyMatch(method -> method.getName().equals(each.method())
                    && method.isAnnotationPresent(Benchmark.class)), each.toString());
            Set<String> parameters = Arrays.stream(each.type().getFields())
                    .filter(field -> field.isAnnotationPresent(Param.class)).map(Field::getName)
                    .collect(Collectors.toSet());
            assertEquals(parameters, each.params().keySet(), each.toString());
            assertTrue(Pattern.matches(each.pattern(), each.type().getName() + "." + each.method()), each.toString());
        }
    }

    /** A laptop measures the kernel that it runs, and none that it can't. */
    @ParameterizedTest
    @ValueSource(ints = {256, 128, 0})
    void theChosenKernelIsMeasuredAtEveryWidth(int bits) {
        ChosenKernels chosen = new ChosenKernels(bits, "chosen-" + bits, "chosen-float-" + bits);
        for (ReportSection section : List.of(ReportSection.GEMV, ReportSection.BATCHES, ReportSection.MEMORY)) {
            List<BenchmarkCase> cases = section.casesOn(chosen);
            assertTrue(cases.stream().anyMatch(each -> chosen.int8().equals(each.params().get("kernel"))),
                    section.toString());
        }
        for (ReportSection section : ReportSection.values()) {
            assertTrue(section.casesOn(chosen).stream().allMatch(each -> each.bits() <= bits), section.toString());
        }
        assertEquals(bits >= 256, ReportSection.WIDTHS.casesOn(chosen).stream()
                .anyMatch(each -> "multiply-256".equals(each.params().get("kernel"))));
    }
}
