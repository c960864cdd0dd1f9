package io.bitlab.cli;

import io.bitlab.core.ActivationDtype;
import io.bitlab.core.BitQuantConfig;
import io.bitlab.core.kernel.KernelRegistry;
import io.bitlab.core.kernel.KernelReport;
import io.bitlab.core.kernel.TernaryKernel;
import io.bitlab.models.io.Json;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Says which kernels run on this machine, and why the others don't. */
@Command(name = "kernels", mixinStandardHelpOptions = true,
        description = "Says which kernels run on this machine, and why the others don't.")
final class KernelsCommand implements Callable<Integer> {

    @Option(names = "--activations", defaultValue = "INT8", description = "${COMPLETION-CANDIDATES}; ${DEFAULT-VALUE}")
    private ActivationDtype activations;

    @Option(names = "--in", defaultValue = "2560", description = "input features; ${DEFAULT-VALUE} unless given")
    private int inFeatures;

    @Option(names = "--out", defaultValue = "2560", description = "output features; ${DEFAULT-VALUE} unless given")
    private int outFeatures;

    @Option(names = "--convolution", description = "for a convolution, whose patches have --in values")
    private boolean convolution;

    @Option(names = "--json", description = "print JSON")
    private boolean json;

    @Override
    public Integer call() {
        BitQuantConfig config = BitQuantConfig.builder().activationDtype(activations).build();
        List<KernelReport> reports = convolution ? KernelRegistry.explainPatches(config, outFeatures, inFeatures)
                : KernelRegistry.explain(config, outFeatures, inFeatures);
        TernaryKernel kernel = convolution ? KernelRegistry.patchKernelFor(config, outFeatures, inFeatures)
                : KernelRegistry.kernelFor(config, outFeatures, inFeatures);
        boolean vectorized = kernel.isVectorized();
        if (json) {
            List<Map<String, Object>> kernels = new ArrayList<>();
            for (KernelReport report : reports) {
                Map<String, Object> row = new LinkedHashMap<>();
                row.put("kernel", report.kernel());
                row.put("accepted", report.accepted());
                row.put("chosen", report.chosen());
                row.put("reason", report.reason());
                kernels.add(row);
            }
            Map<String, Object> all = new LinkedHashMap<>();
            all.put("vectorized", vectorized);
            all.put("kernels", kernels);
            System.out.println(Json.compact(all));
            return 0;
        }
        int width = reports.stream().mapToInt(report -> report.kernel().length()).max().orElse(0);
        for (KernelReport report : reports) {
            System.out.printf(Locale.ROOT, "%s %-" + width + "s  %s%n", report.chosen() ? "*" : " ", report.kernel(),
                    report.reason());
        }
        if (!vectorized) {
            System.out.println(VectorHint.TEXT);
        }
        return 0;
    }
}
