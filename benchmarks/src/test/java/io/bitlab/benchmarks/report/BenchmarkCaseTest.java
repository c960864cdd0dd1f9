package io.bitlab.benchmarks.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.reflect.Field;
import java.util.Arrays;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;

/** JMH finds what the sections name: else it would measure nothing, or all values of a parameter. */
class BenchmarkCaseTest {

    @ParameterizedTest
    @EnumSource
    void everyCaseIsABenchmarkWithAllItsParameters(ReportSection section) {
        for (BenchmarkCase each : section.cases()) {
            assertTrue(Arrays.stream(each.type().getMethods()).anyMatch(method -> method.getName().equals(each.method())
                    && method.isAnnotationPresent(Benchmark.class)), each.toString());
            Set<String> parameters = Arrays.stream(each.type().getFields())
                    .filter(field -> field.isAnnotationPresent(Param.class)).map(Field::getName)
                    .collect(Collectors.toSet());
            assertEquals(parameters, each.params().keySet(), each.toString());
            assertTrue(Pattern.matches(each.pattern(), each.type().getName() + "." + each.method()), each.toString());
        }
    }
}
