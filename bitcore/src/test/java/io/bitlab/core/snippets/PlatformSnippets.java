package io.bitlab.core.snippets;

import io.bitlab.core.platform.VectorPlatform;
import java.util.function.Consumer;

/** Code of the documentation of {@code io.bitlab.core.platform}. */
final class PlatformSnippets {

    private PlatformSnippets() {
    }

    static void platform(Consumer<String> log) {
        // @start region="platform"
        VectorPlatform platform = VectorPlatform.current();
        if (!platform.isUsable()) {
            log.accept("no SIMD kernels: " + platform.reason()); // ends with the remedy
        }
        // @end
    }
}
