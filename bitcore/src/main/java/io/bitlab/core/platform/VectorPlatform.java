package io.bitlab.core.platform;

import com.sun.management.HotSpotDiagnosticMXBean;
import io.bitlab.core.internal.LastResortLogger;
import java.lang.management.ManagementFactory;
import java.lang.reflect.InvocationTargetException;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.Consumer;
import org.slf4j.Logger;

/**
 * Whether code that uses the Vector API may run in this JVM, how wide its vectors are, and if it may not run, why.
 *
 * {@snippet class="io.bitlab.core.snippets.PlatformSnippets" region="platform"}
 *
 * <p>Vector code needs three things, which are checked once, when this class is first used: the module {@code
 * jdk.incubator.vector}, HotSpot with its C2 compiler (elsewhere every vector is an object and the code runs hundreds
 * of times slower than a plain loop, which the API does not report), and vectors of at least 128 bits.
 *
 * <p><b>Thread safety:</b> immutable.
 */
public final class VectorPlatform {
    /** The module that holds the Vector API. */
    public static final String MODULE = "jdk.incubator.vector";

    /** The remedy where the module is missing; ends a sentence. */
    public static final String REMEDY = "pass '--add-modules " + MODULE + "' to java";

    /** C2 among the tiers of HotSpot's compilers. */
    private static final int C2_TIER = 4;

    /** Launchers that switch C2 off by default, and how to prevent it; ends a sentence. */
    private static final String LAUNCHERS =
            "; spring-boot:run sets it unless the plugin's configuration has <optimizedLaunch>false</optimizedLaunch>"
                    + " (Gradle: bootRun { optimizedLaunch = false }), Quarkus' dev mode unless you add"
                    + " -Djvm.args=-XX:TieredStopAtLevel=4";

    /** The vector counterpart of the interface {@code Name} is the class {@code VectorName} of this package. */
    private static final String COUNTERPARTS = "io.bitlab.core.vector.Vector";

    /** The narrowest vectors that any kernel is written for. */
    private static final int LEAST_BITS = 128;

    private static final Logger LOG = LastResortLogger.of(VectorPlatform.class);
    private static final VectorPlatform CURRENT = detect();

    private final int bits;
    private final String reason;

    private VectorPlatform(int bits, String reason) {
        this.bits = bits;
        this.reason = reason;
    }

    /**
     * The platform of this JVM on this machine.
     *
     * @return always the same object
     */
    public static VectorPlatform current() {
        return CURRENT;
    }

    /**
     * Whether vector code may run here.
     *
     * @return true if vector implementations are used
     */
    public boolean isUsable() {
        return bits > 0;
    }

    /**
     * Width of the widest vectors that every lane type has here.
     *
     * @return bits, at least 128; 0 if vector code may not run
     */
    public int bits() {
        return bits;
    }

    /**
     * Why vector code may or may not run here.
     *
     * @return a phrase without a full stop, such as <i>vectors of 512 bits</i> or <i>needs the Vector API: pass
     *     '--add-modules jdk.incubator.vector' to java</i>
     */
    public String reason() {
        return reason;
    }

    /**
     * The implementation of one of the library's interfaces that uses the Vector API. Nothing links against these
     * classes, since they can't be linked where the API is missing: the implementation of {@code FloatMath} is {@code
     * io.bitlab.core.vector.VectorFloatMath}, and so for every other. If vector code may run here and yet the class
     * does not load, a warning goes to the log.
     *
     * @param <T> the interface
     * @param type the interface
     * @return a new object; empty if vector code may not run here, or the class does not load
     */
    public <T> Optional<T> counterpartOf(Class<T> type) {
        return counterpartOf(type, LOG::warn);
    }

    /**
     * As {@link #counterpartOf(Class)}, but reports a class that does not load to the caller.
     *
     * @param <T> the interface
     * @param type the interface
     * @param problem receives a sentence if vector code may run here and yet the class does not load
     * @return a new object; empty if vector code may not run here, or the class does not load
     */
    public <T> Optional<T> counterpartOf(Class<T> type, Consumer<String> problem) {
        return load(COUNTERPARTS + type.getSimpleName(), type, problem);
    }

    /** Calls the public constructor without parameters of a public class. */
    <T> Optional<T> load(String className, Class<T> type, Consumer<String> problem) {
        if (!isUsable()) {
            return Optional.empty();
        }
        try {
            Class<?> found = Class.forName(className, true, VectorPlatform.class.getClassLoader());
            return Optional.of(type.cast(found.getConstructor().newInstance()));
        } catch (InvocationTargetException e) {
            problem.accept(failure(className, e.getCause()));
        } catch (ReflectiveOperationException | LinkageError | ClassCastException e) {
            problem.accept(failure(className, e));
        }
        return Optional.empty();
    }

    private static String failure(String className, Throwable e) {
        StringBuilder failure = new StringBuilder(className).append(" failed to load: ").append(e);
        for (Throwable cause = e.getCause(); cause != null; cause = cause.getCause()) {
            failure.append(", caused by ").append(cause);
        }
        return failure.toString();
    }

    // ---------------------------------------------------------------- detection

    private static VectorPlatform detect() {
        return decide(vectorModule().isPresent(), System.getProperty("java.vm.name", ""),
                System.getProperty("java.vm.info", ""), highestTier(), preferredBits());
    }

    /**
     * The decision from the facts.
     *
     * @param readable whether the module is present and readable from this one
     * @param vmName the system property {@code java.vm.name}
     * @param vmInfo the system property {@code java.vm.info}
     * @param highestTier the tier at which HotSpot's compilation stops; empty if unknown
     * @param preferredBits the preferred vector width by the Vector API; empty if unknown
     */
    static VectorPlatform decide(boolean readable, String vmName, String vmInfo, OptionalInt highestTier,
            OptionalInt preferredBits) {
        if (!readable) {
            return refusal("needs the Vector API: " + REMEDY);
        }
        boolean hotspot = vmName.contains("HotSpot") || vmName.contains("OpenJDK");
        if (!hotspot || !vmName.contains("Server")) {
            return refusal(
                    "needs the HotSpot Server VM, the only one known to compile the Vector API well, and this is "
                            + "'" + vmName + "': run it on an OpenJDK build such as Temurin");
        }
        if (!vmInfo.contains("mixed mode")) {
            return refusal("needs the C2 compiler beside the interpreter, and this JVM runs in '" + vmInfo
                    + "': remove -Xint and -Xcomp");
        }
        if (highestTier.orElse(C2_TIER) < C2_TIER) {
            return refusal("needs the C2 compiler, and this JVM was started with -XX:TieredStopAtLevel="
                    + highestTier.getAsInt() + ", which switches it off: remove that flag" + LAUNCHERS);
        }
        if (vmInfo.contains("emulated-client")) {
            return refusal("needs the C2 compiler, and this JVM runs in '" + vmInfo
                    + "': remove -XX:TieredStopAtLevel, -XX:CompilationMode and -XX:+NeverActAsServerClassMachine"
                    + LAUNCHERS);
        }
        if (preferredBits.isEmpty()) {
            return refusal("needs the Vector API as JDK 25 has it, and this JVM's did not say how wide its vectors "
                    + "are: run it on JDK 25");
        }
        int bits = preferredBits.getAsInt();
        if (bits < LEAST_BITS) {
            return refusal("needs vectors of " + LEAST_BITS + " bits, and this JVM has " + bits
                    + ": remove -XX:UseAVX, -XX:UseSSE and -XX:MaxVectorSize, or run it on another machine");
        }
        return new VectorPlatform(bits, "vectors of " + bits + " bits");
    }

    private static VectorPlatform refusal(String reason) {
        return new VectorPlatform(0, reason);
    }

    private static Optional<Module> vectorModule() {
        return ModuleLayer.boot().findModule(MODULE).filter(VectorPlatform.class.getModule()::canRead);
    }

    /** HotSpot's flag {@code TieredStopAtLevel}; {@code java.vm.info} shows only tier 1. */
    private static OptionalInt highestTier() {
        try {
            var hotspot = ManagementFactory.getPlatformMXBean(HotSpotDiagnosticMXBean.class);
            return hotspot == null ? OptionalInt.empty()
                    : OptionalInt.of(Integer.parseInt(hotspot.getVMOption("TieredStopAtLevel").getValue()));
        } catch (IllegalArgumentException | LinkageError e) {
            return OptionalInt.empty(); // another VM, or one without jdk.management
        }
    }

    /** {@code VectorShape.preferredShape().vectorBitSize()}, by reflection: this class must load without the module. */
    private static OptionalInt preferredBits() {
        if (vectorModule().isEmpty()) {
            return OptionalInt.empty();
        }
        try {
            Class<?> shape = Class.forName(MODULE + ".VectorShape");
            Object preferred = shape.getMethod("preferredShape").invoke(null);
            return OptionalInt.of((int) shape.getMethod("vectorBitSize").invoke(preferred));
        } catch (ReflectiveOperationException | LinkageError e) {
            LOG.warn("The Vector API did not say how wide its vectors are", e);
            return OptionalInt.empty();
        }
    }
}
