package io.bitlab.core.kernel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.bitlab.core.ActivationDtype;
import io.bitlab.core.BitQuantConfig;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class KernelSelectionTest {

    private static final BitQuantConfig CONFIG = BitQuantConfig.defaults();
    private static final FakeKernel SLOW = FakeKernel.named("slow");
    private static final FakeKernel WIDE = FakeKernel.named("wide").vectorized().withPriority(20);
    private static final FakeKernel NARROW = FakeKernel.named("narrow").vectorized().withPriority(10);
    private static final FakeKernel PICKY = FakeKernel.named("picky").vectorized().withPriority(30)
            .refusing("needs 512-bit vectors: run it on another machine");
    private static final KernelReport BROKEN = new KernelReport("(not loaded)", false, false, "no such class");

    private static final KernelReport MISSING = new KernelReport("lookup", false, false, "needs a flag: pass it");

    /** Kernels, without or with one that did not load and one that can't run here. */
    private static DiscoveredKernels found(TernaryKernel... kernels) {
        return new DiscoveredKernels(List.of(kernels), List.of(), List.of());
    }

    private static DiscoveredKernels lacking(TernaryKernel... kernels) {
        return new DiscoveredKernels(List.of(kernels), List.of(BROKEN), List.of(MISSING));
    }

    private static KernelSelection free(TernaryKernel... kernels) {
        return new KernelSelection(found(kernels), null, false);
    }

    private static KernelSelection forced(String name, TernaryKernel... kernels) {
        return new KernelSelection(found(kernels), name, false);
    }

    private static KernelSelection strict(TernaryKernel... kernels) {
        return new KernelSelection(found(kernels), null, true);
    }

    private static String failure(Executable choosing) {
        return assertThrows(IllegalStateException.class, choosing).getMessage();
    }

    private static List<String> lines(KernelSelection selection) {
        return selection.explain(CONFIG, 64, 32).stream().map(KernelReport::toString).toList();
    }

    // ---------------------------------------------------------------- order

    @Test
    void theHighestPriorityIsChosen() {
        KernelSelection selection = free(SLOW, WIDE, NARROW);
        assertSame(WIDE, selection.choose(CONFIG, 64, 32));
        assertEquals(List.of(WIDE, NARROW, SLOW), selection.kernels());
        assertEquals(List.of(
                "wide: chosen; the highest priority (20), vectorized",
                "narrow: accepted; 'wide' comes first, with priority 20 against 10",
                "slow: accepted; 'wide' comes first, with priority 20 against 0"),
                lines(selection));
    }

    /** Also where another kernel is forced, or a kernel that refuses would come first. */
    @Test
    void convolutionsHaveTheirOwnOrder() {
        FakeKernel patches = NARROW.withPatchPriority(50);
        KernelSelection selection = free(SLOW, WIDE, patches, PICKY.withPatchPriority(90));
        assertSame(WIDE, selection.choose(CONFIG, 64, 32));
        assertSame(patches, selection.chooseForPatches(CONFIG, 64, 32));
        assertEquals(List.of(
                "narrow: chosen; the highest priority (50), vectorized",
                "wide: accepted; 'narrow' comes first, with priority 50 against 20",
                "slow: accepted; 'narrow' comes first, with priority 50 against 0",
                "picky: refused; needs 512-bit vectors: run it on another machine"),
                selection.explainForPatches(CONFIG, 64, 32).stream().map(KernelReport::toString).toList());
        assertEquals(List.of("wide: chosen; forced by bitlab.kernel, vectorized",
                "narrow: accepted; bitlab.kernel=wide forces another"),
                forced("wide", patches, WIDE).explainForPatches(CONFIG, 64, 32).stream().map(KernelReport::toString)
                        .toList());
        assertEquals("bitlab.kernel=picky forces a kernel that refuses int8 activations, 32 -> 64: needs 512-bit"
                + " vectors: run it on another machine",
                failure(() -> forced("picky", PICKY, patches).chooseForPatches(CONFIG, 64, 32)));
    }

    @Test
    void equalPrioritiesGoByName() {
        FakeKernel a = FakeKernel.named("a");
        FakeKernel b = FakeKernel.named("b");
        assertSame(a, free(b, a).choose(CONFIG, 64, 32));
        assertEquals(List.of(
                "a: chosen; the highest priority (0), not vectorized",
                "b: accepted; 'a' comes first, with priority 0 against 0"), lines(free(b, a)));
    }

    @Test
    void aRefusedKernelIsPassedOver() {
        KernelSelection selection = new KernelSelection(lacking(PICKY, SLOW, NARROW), null, false);
        assertSame(NARROW, selection.choose(CONFIG, 64, 32));
        assertEquals(List.of(
                "narrow: chosen; the highest priority (10), vectorized",
                "slow: accepted; 'narrow' comes first, with priority 10 against 0",
                "picky: refused; needs 512-bit vectors: run it on another machine",
                "lookup: refused; needs a flag: pass it",
                "(not loaded): refused; no such class"),
                lines(selection));
        assertEquals(List.of(
                new KernelReport("narrow", true, true, "the highest priority (10), vectorized"),
                new KernelReport("slow", true, false, "'narrow' comes first, with priority 10 against 0"),
                new KernelReport("picky", false, false, "needs 512-bit vectors: run it on another machine"),
                MISSING,
                BROKEN),
                selection.explain(CONFIG, 64, 32));
    }

    @Test
    void kernelsAreAskedAboutTheConfigurationAndShape() {
        FakeKernel kernel = SLOW.refusing("%s %d %d");
        BitQuantConfig config = CONFIG.withActivationDtype(ActivationDtype.FLOAT32);
        assertEquals("FLOAT32 64 32", free(kernel).explain(config, 64, 32).getFirst().reason());
        assertEquals("no kernel accepts float32 activations, 32 -> 64. Refused: slow: FLOAT32 64 32",
                failure(() -> free(kernel).choose(config, 64, 32)));
    }

    @Test
    void kernelsAreFoundByName() {
        assertEquals(Optional.of(WIDE), free(SLOW, WIDE).find("wide"));
        assertEquals(Optional.empty(), free(SLOW, WIDE).find("Wide"));
    }

    // ---------------------------------------------------------------- names

    @Test
    void namesMustDiffer() {
        FakeKernel other = WIDE.withPriority(3);
        String type = FakeKernel.class.getName();
        assertEquals("two kernels are named 'wide': " + type + " and " + type
                + "; rename one, or remove its service provider", failure(() -> free(WIDE, SLOW, other)));
    }

    @Test
    void namesMustExist() {
        String message = "kernel " + FakeKernel.class.getName() + " has no name";
        assertEquals(message, failure(() -> free(FakeKernel.named(" "))));
        assertEquals(message, failure(() -> free(FakeKernel.named(null))));
    }

    // ---------------------------------------------------------------- forced

    @Test
    void aForcedKernelIsChosen() {
        KernelSelection selection = forced("slow", SLOW, WIDE, PICKY);
        assertSame(SLOW, selection.choose(CONFIG, 64, 32));
        assertEquals(List.of(
                "slow: chosen; forced by bitlab.kernel, not vectorized",
                "wide: accepted; bitlab.kernel=slow forces another",
                "picky: refused; needs 512-bit vectors: run it on another machine"), lines(selection));
    }

    @Test
    void aForcedKernelThatRefusesIsAnError() {
        KernelSelection selection = forced("picky", SLOW, PICKY);
        assertEquals("bitlab.kernel=picky forces a kernel that refuses int8 activations, 32 -> 64: needs 512-bit "
                + "vectors: run it on another machine", failure(() -> selection.choose(CONFIG, 64, 32)));
        assertEquals(List.of(
                "slow: accepted; bitlab.kernel=picky forces another",
                "picky: refused; needs 512-bit vectors: run it on another machine"), lines(selection));
    }

    @Test
    void anUnknownForcedKernelIsAnError() {
        assertEquals("bitlab.kernel=fast names no kernel; there are wide, slow, gpu",
                failure(() -> forced("fast", SLOW, WIDE)));
        assertEquals("bitlab.kernel=fast names no kernel; there are slow, gpu. Refused: (not loaded): no such class",
                failure(() -> new KernelSelection(lacking(SLOW), "fast", false)));
    }

    // ---------------------------------------------------------------- strict

    @Test
    void strictTakesAVectorizedKernel() {
        assertSame(NARROW, strict(SLOW, NARROW).choose(CONFIG, 64, 32));
    }

    @Test
    void strictRefusesToBeSlow() {
        KernelSelection selection = new KernelSelection(lacking(SLOW, PICKY), null, true);
        assertEquals("bitlab.kernel.strict=true, but the kernel for int8 activations, 32 -> 64 would be 'slow', which "
                + "is not vectorized; a faster one needs a flag: pass it, or remove the property. "
                + "Refused: picky: needs 512-bit vectors: run it on another machine; (not loaded): no such class",
                failure(() -> selection.choose(CONFIG, 64, 32)));
        assertEquals(List.of(
                "slow: accepted; not vectorized, which bitlab.kernel.strict=true does not allow",
                "picky: refused; needs 512-bit vectors: run it on another machine",
                "lookup: refused; needs a flag: pass it",
                "(not loaded): refused; no such class"), lines(selection));
    }

    @Test
    void strictHoldsForAForcedKernelToo() {
        KernelSelection selection = new KernelSelection(found(SLOW, WIDE), "slow", true);
        assertEquals("bitlab.kernel.strict=true, but the kernel for int8 activations, 32 -> 64 would be 'slow', which "
                + "is not vectorized; remove the property",
                failure(() -> selection.choose(CONFIG, 64, 32)));
        assertEquals("slow: accepted; not vectorized, which bitlab.kernel.strict=true does not allow",
                lines(selection).getLast());
    }

    // ---------------------------------------------------------------- properties and log

    private static KernelSelection configured(Map<String, String> properties) {
        return KernelSelection.of(found(SLOW, WIDE), properties::get);
    }

    @Test
    void propertiesSetTheRules() {
        assertSame(WIDE, configured(Map.of()).choose(CONFIG, 64, 32));
        assertSame(SLOW, configured(Map.of("bitlab.kernel", "slow")).choose(CONFIG, 64, 32));
        assertSame(SLOW, configured(Map.of("bitlab.kernel", "slow", "bitlab.kernel.strict", "false"))
                .choose(CONFIG, 64, 32));
        KernelSelection both = configured(Map.of("bitlab.kernel", "slow", "bitlab.kernel.strict", "true"));
        assertThrows(IllegalStateException.class, () -> both.choose(CONFIG, 64, 32));
        assertSame(WIDE, configured(Map.of("bitlab.kernel", "", "bitlab.kernel.strict", " ")).choose(CONFIG, 64, 32));
        assertEquals("bitlab.kernel.strict=yes, expected true or false",
                failure(() -> configured(Map.of("bitlab.kernel.strict", "yes"))));
    }

    @Test
    void theLogSaysWhatIsLost() {
        String lost = "Ternary layers run on kernel 'slow', without SIMD kernels: the results are the same, but "
                + "slower. ";
        assertEquals(Optional.of(lost + "No vectorized kernel accepts here"), free(SLOW).notice(CONFIG, 64, 32));
        assertEquals(Optional.of(lost + "No vectorized kernel accepts here. Refused: picky: needs 512-bit vectors: run "
                + "it on another machine"), free(SLOW, PICKY).notice(CONFIG, 64, 32));
        assertEquals(Optional.of(lost + "A faster one needs a flag: pass it. Refused: (not loaded): no such class"),
                new KernelSelection(lacking(SLOW), null, false).notice(CONFIG, 64, 32));
    }

    @Test
    void theReportSaysWhereFmaIsMissing() {
        assertEquals("", KernelSelection.fmaNote(true));
        assertTrue(KernelSelection.fmaNote(false).startsWith("; this JVM has no hardware FMA"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"25", "25+36", "25.0.1+8-LTS", "25.0.2", "25.0.2.0.1"})
    void updatesOfTheJdkThatDamageArraysAreNamed(String version) {
        String fault = KernelSelection.jdkFault(Runtime.Version.parse(version)).orElseThrow();
        assertTrue(fault.matches("JDK 25\\.0\\.[012] can move an array .*JDK-8377811.* update to 25\\.0\\.3 or later"),
                fault);
    }

    @ParameterizedTest
    @ValueSource(strings = {"25.0.3+9-LTS", "25.0.4", "25.0.10", "26", "27.0.1"})
    void laterUpdatesAreFine(String version) {
        assertEquals(Optional.empty(), KernelSelection.jdkFault(Runtime.Version.parse(version)));
    }

    @Test
    void theLogSaysNothingWhereNothingIsLostOrItWasAskedFor() {
        assertEquals(Optional.empty(), free(SLOW, WIDE).notice(CONFIG, 64, 32));
        assertEquals(Optional.empty(), forced("slow", SLOW, WIDE).notice(CONFIG, 64, 32));
        assertEquals(Optional.empty(), strict(SLOW).notice(CONFIG, 64, 32));
        assertEquals(Optional.empty(), free(PICKY).notice(CONFIG, 64, 32));
    }
}
