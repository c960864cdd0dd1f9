package io.bitlab.models;

import static com.tngtech.archunit.core.domain.JavaAccess.Predicates.target;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.fields;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.GeneralCodingRules.NO_CLASSES_SHOULD_ACCESS_STANDARD_STREAMS;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.AccessTarget;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.library.dependencies.SliceAssignment;
import com.tngtech.archunit.library.dependencies.SliceIdentifier;
import java.lang.foreign.Linker;
import java.lang.foreign.SymbolLookup;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/**
 * Checks the architecture of the main code of all three library modules. It is here because only bitmodels
 * sees all of them. A rule that finds no class to look at fails, so a renamed package does not switch its rule off.
 */
class ArchitectureTest {
    private static final String CORE = "io.bitlab.core..";
    private static final String QUANT = "io.bitlab.core.quant..";
    private static final String KERNEL = "io.bitlab.core.kernel..";
    private static final String VECTOR = "io.bitlab.core.vector..";
    private static final String GPU = "io.bitlab.core.gpu..";
    private static final String TENSOR = "io.bitlab.core.tensor..";
    private static final String OPS = "io.bitlab.core.ops..";
    private static final String LAYERS = "io.bitlab.layers..";
    private static final String MODELS = "io.bitlab.models..";
    private static final String FRONT_DOOR = "io.bitlab.models.AutoBitModel";

    /** What the JDK may compute differently from one machine, JDK or compiler tier to the next. */
    private static final Set<String> INEXACT = Set.of("exp", "expm1", "log", "log10", "log1p", "pow",
            "sin", "cos", "tan", "asin", "acos", "atan", "atan2", "sinh", "cosh", "tanh", "cbrt", "hypot");

    private static final JavaClasses LIBRARY = new ClassFileImporter()
            .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
            .importPackages("io.bitlab.core", "io.bitlab.layers", "io.bitlab.models");

    @Test
    void coreKnowsNeitherLayersNorModels() {
        check(noClasses().that().resideInAPackage(CORE)
                .should().dependOnClassesThat().resideInAnyPackage(LAYERS, MODELS));
    }

    @Test
    void layersDoNotKnowModels() {
        check(noClasses().that().resideInAPackage(LAYERS)
                .should().dependOnClassesThat().resideInAPackage(MODELS));
    }

    @Test
    void onlyTheVectorPackageTouchesTheVectorApi() {
        check(noClasses().that().resideOutsideOfPackage(VECTOR)
                .should().dependOnClassesThat().resideInAPackage("jdk.incubator.vector..")
                .because("everything else must load and run without --add-modules jdk.incubator.vector"));
    }

    @Test
    void onlyTheGpuPackageCallsNativeFunctions() {
        check(noClasses().that().resideOutsideOfPackage(GPU)
                .should().dependOnClassesThat().belongToAnyOf(Linker.class, SymbolLookup.class)
                .because("nothing else may be able to crash the JVM"));
    }

    @Test
    void nothingDependsOnTheGpuPackage() {
        check(noClasses().that().resideOutsideOfPackage(GPU).should().dependOnClassesThat().resideInAPackage(GPU)
                .because("it is loaded only where it was asked for"));
    }

    @Test
    void quantisationKnowsNoKernelsAndNoTensors() {
        check(noClasses().that().resideInAPackage(QUANT)
                .should().dependOnClassesThat().resideInAnyPackage(KERNEL, TENSOR, OPS));
    }

    @Test
    void kernelsKnowNoTensors() {
        check(noClasses().that().resideInAPackage(KERNEL)
                .should().dependOnClassesThat().resideInAnyPackage(TENSOR, OPS));
    }

    @Test
    void packagesFormNoCycles() {
        check(slices().assignedFrom(packages()).should().beFreeOfCycles());
    }

    @Test
    void nothingDependsOnTheFrontDoor() {
        check(noClasses().that().doNotHaveFullyQualifiedName(FRONT_DOOR)
                .should().dependOnClassesThat().haveFullyQualifiedName(FRONT_DOOR)
                .because("it sees all of bitmodels: what it needs from below has a name of its own"));
    }

    @Test
    void nothingInexactIsComputedWithMath() {
        check(noClasses().should().accessTargetWhere(target(methodOf(Math.class, INEXACT)))
                .because("its last bit may differ from JDK to JDK: use FloatMath, or StrictMath in set-up code"));
    }

    @Test
    void staticFieldsAreFinal() {
        check(fields().that().areStatic().should().beFinal().because("no state is global"));
    }

    @Test
    void systemPropertiesAreNotChanged() {
        check(noClasses().should().accessTargetWhere(
                target(methodOf(System.class, Set.of("setProperty", "setProperties", "clearProperty"))))
                .because("they belong to the application"));
    }

    @Test
    void nothingIsPrinted() {
        check(NO_CLASSES_SHOULD_ACCESS_STANDARD_STREAMS.because("a library logs"));
    }

    private static void check(ArchRule rule) {
        rule.check(LIBRARY);
    }

    /** A method of that name, called or referred to as {@code Owner::name}. */
    private static DescribedPredicate<AccessTarget> methodOf(Class<?> owner, Set<String> names) {
        return DescribedPredicate.describe("is one of " + owner.getSimpleName() + "'s " + new TreeSet<>(names),
                target -> target.getOwner().isEquivalentTo(owner) && names.contains(target.getName()));
    }

    /**
     * One slice a package, with two exceptions: tensor and ops share one, since a tensor has operations as methods and
     * they make tensors; and AutoBitModel, which users import from the package of BitModel, is the top floor.
     */
    private static SliceAssignment packages() {
        return new SliceAssignment() {
            @Override
            public SliceIdentifier getIdentifierOf(JavaClass javaClass) {
                String name = javaClass.getPackageName();
                if (!name.startsWith("io.bitlab.")) {
                    return SliceIdentifier.ignore();
                }
                boolean tensorOrOps = name.equals("io.bitlab.core.tensor") || name.equals("io.bitlab.core.ops");
                boolean frontDoor = javaClass.getName().equals(FRONT_DOOR);
                return SliceIdentifier.of(
                        frontDoor ? FRONT_DOOR : tensorOrOps ? "io.bitlab.core.tensor and ops" : name);
            }

            @Override
            public String getDescription() {
                return "the packages of bitcore, bitlayers and bitmodels";
            }
        };
    }
}
