package io.bitlab.core.platform;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@Tag("fallback")
class VectorPlatformTest {

    private static final String TEMURIN = "OpenJDK 64-Bit Server VM";
    private static final OptionalInt C2 = OptionalInt.of(4);
    private static final VectorPlatform USABLE =
            VectorPlatform.decide(true, TEMURIN, "mixed mode", C2, OptionalInt.of(256));

    private static void assertRefused(String reason, VectorPlatform platform) {
        assertEquals(reason, platform.reason());
        assertFalse(platform.isUsable());
        assertEquals(0, platform.bits());
        assertEquals(Optional.empty(), platform.load(Loadable.class.getName(), Loadable.class, problem -> {
            throw new AssertionError(problem);
        }));
    }

    @ParameterizedTest
    @CsvSource({"128", "256", "512"})
    void hotspotWithC2AndTheModuleIsUsable(int bits) {
        for (String name : List.of(TEMURIN, "Java HotSpot(TM) 64-Bit Server VM")) {
            VectorPlatform platform =
                    VectorPlatform.decide(true, name, "mixed mode, sharing", C2, OptionalInt.of(bits));
            assertTrue(platform.isUsable());
            assertEquals(bits, platform.bits());
            assertEquals("vectors of " + bits + " bits", platform.reason());
        }
    }

    @Test
    void withoutTheModuleTheRemedyIsTheFlag() {
        assertRefused("needs the Vector API: pass '--add-modules jdk.incubator.vector' to java",
                VectorPlatform.decide(false, TEMURIN, "mixed mode", C2, OptionalInt.empty()));
    }

    @ParameterizedTest
    @ValueSource(strings = {"Eclipse OpenJ9 VM", "Substrate VM", "Zing 64-Bit Tiered VM", "OpenJDK 64-Bit Zero VM"})
    void otherMachinesAreRefused(String name) {
        assertRefused("needs the HotSpot Server VM, the only one known to compile the Vector API well, and this is '"
                + name + "': run it on an OpenJDK build such as Temurin",
                VectorPlatform.decide(true, name, "mixed mode", C2, OptionalInt.of(512)));
    }

    @ParameterizedTest
    @ValueSource(strings = {"interpreted mode, sharing", "compiled mode", ""})
    void withoutTheInterpreterOrC2ItIsRefused(String info) {
        assertRefused("needs the C2 compiler beside the interpreter, and this JVM runs in '" + info
                + "': remove -Xint and -Xcomp", VectorPlatform.decide(true, TEMURIN, info, C2, OptionalInt.of(512)));
    }

    /** Tier 1 shows in {@code java.vm.info}, the others don't. */
    @ParameterizedTest
    @CsvSource(delimiter = ';', value = {"0; mixed mode, sharing", "1; mixed mode, emulated-client, sharing",
        "2; mixed mode", "3; mixed mode, sharing"})
    void aLauncherThatSwitchesC2OffIsNamedWithItsRemedy(int tier, String info) {
        assertRefused("needs the C2 compiler, and this JVM was started with -XX:TieredStopAtLevel=" + tier
                + ", which switches it off: remove that flag; spring-boot:run sets it unless the plugin's "
                + "configuration has <optimizedLaunch>false</optimizedLaunch> (Gradle: bootRun { optimizedLaunch = "
                + "false }), Quarkus' dev mode unless you add -Djvm.args=-XX:TieredStopAtLevel=4",
                VectorPlatform.decide(true, TEMURIN, info, OptionalInt.of(tier), OptionalInt.of(512)));
    }

    @Test
    void anEmulatedClientIsRefusedWhereItsFlagIsUnknown() {
        for (OptionalInt tier : List.of(C2, OptionalInt.empty())) {
            String reason = VectorPlatform.decide(true, TEMURIN, "mixed mode, emulated-client, sharing", tier,
                    OptionalInt.of(512)).reason();
            assertTrue(reason.startsWith("needs the C2 compiler, and this JVM runs in 'mixed mode, emulated-client, "
                    + "sharing': remove -XX:TieredStopAtLevel, -XX:CompilationMode and "), reason);
        }
    }

    @Test
    void aTierThatCannotBeAskedCountsAsC2() {
        assertTrue(VectorPlatform.decide(true, TEMURIN, "mixed mode", OptionalInt.empty(), OptionalInt.of(256))
                .isUsable());
    }

    @Test
    void narrowAndUnknownWidthsAreRefused() {
        assertRefused("needs vectors of 128 bits, and this JVM has 64: remove -XX:UseAVX, -XX:UseSSE and "
                + "-XX:MaxVectorSize, or run it on another machine",
                VectorPlatform.decide(true, TEMURIN, "mixed mode", C2, OptionalInt.of(64)));
        assertRefused("needs the Vector API as JDK 25 has it, and this JVM's did not say how wide its vectors are: run "
                + "it on JDK 25", VectorPlatform.decide(true, TEMURIN, "mixed mode", C2, OptionalInt.empty()));
    }

    @Test
    void thisJvmIsJudgedByItsModules() {
        VectorPlatform current = VectorPlatform.current();
        assertSame(current, VectorPlatform.current());
        boolean module = ModuleLayer.boot().findModule("jdk.incubator.vector").isPresent();
        assertEquals(!module, current.reason().contains("--add-modules"), current.reason());
        assertTrue(module || !current.isUsable());
    }

    // ---------------------------------------------------------------- loading

    /** A class that loads. */
    public static final class Loadable {
        /** As loading needs it. */
        public Loadable() {
        }
    }

    /** A class whose constructor fails. */
    public static final class Failing {
        /** Fails. */
        public Failing() {
            throw new IllegalStateException("no such unit", new ArithmeticException("zero"));
        }
    }

    /** A class that can't be initialised. */
    public static final class Uninitializable {
        private static final int LENGTH = Integer.parseInt("none");

        /** Never gets here. */
        public Uninitializable() {
            assertEquals(0, LENGTH);
        }
    }

    private static String problem(String className, Class<?> type) {
        List<String> problems = new ArrayList<>();
        assertEquals(Optional.empty(), USABLE.load(className, type, problems::add));
        assertEquals(1, problems.size());
        return problems.getFirst();
    }

    @Test
    void classesAreLoadedByName() {
        assertNotNull(USABLE.load(Loadable.class.getName(), Loadable.class, Assertions::fail).orElseThrow());
        assertNotNull(USABLE.load(Loadable.class.getName(), Object.class, Assertions::fail).orElseThrow());
    }

    @Test
    void classesThatDoNotLoadAreReported() {
        assertEquals("io.missing.Kernel failed to load: java.lang.ClassNotFoundException: io.missing.Kernel",
                problem("io.missing.Kernel", Object.class));
        assertEquals(Failing.class.getName() + " failed to load: java.lang.IllegalStateException: no such unit, caused "
                + "by java.lang.ArithmeticException: zero", problem(Failing.class.getName(), Failing.class));
        assertEquals(Uninitializable.class.getName() + " failed to load: java.lang.ExceptionInInitializerError, caused "
                + "by java.lang.NumberFormatException: For input string: \"none\"",
                problem(Uninitializable.class.getName(), Uninitializable.class));
        assertTrue(problem(Loadable.class.getName(), List.class).contains("ClassCastException"));
        assertEquals(Optional.empty(), USABLE.counterpartOf(Runnable.class), "with a warning in the log");
    }
}
