/**
 * Ternary arithmetic and how it runs fast: tensors, quantisation, kernels.
 *
 * <p>On the module path this module requires the Vector API, so {@code --add-modules} is not needed. On the class path
 * the descriptor is ignored, and without that flag everything runs on the kernels that need no Vector API.
 */
module io.bitlab.core {
    requires commons.math3;
    requires java.management;
    requires jdk.incubator.vector;
    requires static jdk.jfr;
    requires jdk.management;
    requires org.slf4j;

    exports io.bitlab.core;
    exports io.bitlab.core.embedding;
    exports io.bitlab.core.internal to
            io.bitlab.layers,
            io.bitlab.models;
    exports io.bitlab.core.kernel;
    exports io.bitlab.core.math;
    exports io.bitlab.core.memory;
    exports io.bitlab.core.ops;
    exports io.bitlab.core.parallel;
    exports io.bitlab.core.platform;
    exports io.bitlab.core.quant;
    exports io.bitlab.core.tensor;

    uses io.bitlab.core.kernel.TernaryKernel;
    uses org.slf4j.spi.SLF4JServiceProvider;
}
