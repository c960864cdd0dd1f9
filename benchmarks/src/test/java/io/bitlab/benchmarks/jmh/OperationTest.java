package io.bitlab.benchmarks.jmh;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;

import io.bitlab.core.memory.Workspace;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class OperationTest {

    /** Else the table of widths would fail after a quarter of an hour. */
    @Tag("long")
    @ParameterizedTest
    @EnumSource(Operation.class)
    void runsTwiceInAWorkspace(Operation operation) {
        Runnable body = operation.prepare();
        Workspace workspace = new Workspace();
        workspace.run(body);
        workspace.reset();
        assertDoesNotThrow(() -> workspace.run(body));
    }
}
