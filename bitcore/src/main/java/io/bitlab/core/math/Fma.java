package io.bitlab.core.math;

import java.lang.management.ManagementFactory;

/**
 * The multiply-add of every float chain in the library.
 *
 * <p>With hardware support it is the fused {@code a * b + c} of IEEE 754, with a single rounding. Without it,
 * {@link Math#fma} would be emulated at about a hundred times the cost, so the product is rounded first: results are
 * then reproducible among machines without FMA, but differ in the last bits from those of a machine with FMA.
 */
public final class Fma {

    private static final boolean HARDWARE = detect();

    private Fma() {
    }

    /**
     * Whether this JVM fuses the multiply-add in hardware.
     *
     * @return true unless HotSpot reports {@code UseFMA=false}
     */
    public static boolean isHardware() {
        return HARDWARE;
    }

    /**
     * {@code a * b + c}, fused where the hardware can.
     *
     * @param a a factor
     * @param b a factor
     * @param c the addend
     * @return the sum
     */
    public static float fma(float a, float b, float c) {
        return HARDWARE ? Math.fma(a, b, c) : a * b + c;
    }

    private static boolean detect() {
        try {
            var hotspot = ManagementFactory.getPlatformMXBean(com.sun.management.HotSpotDiagnosticMXBean.class);
            return hotspot == null || Boolean.parseBoolean(hotspot.getVMOption("UseFMA").getValue());
        } catch (IllegalArgumentException | LinkageError e) {
            return true; // another VM, or one without jdk.management: nearly every machine has FMA
        }
    }
}
