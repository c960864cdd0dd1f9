package io.bitlab.cli;

import io.bitlab.core.ActivationDtype;
import io.bitlab.core.BitQuantConfig;
import io.bitlab.core.kernel.KernelRegistry;
import io.bitlab.core.kernel.KernelReport;
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

    @Option(names = "--json", description = "print JSON")
    private boolean json;

    @Override
    public Integer call() {
        BitQuantConfig config = BitQuantConfig.builder().activationDtype(activations).build();
        List<KernelReport> reports = KernelRegistry.explain(config, outFeatures, inFeatures);
        boolean vectorized = KernelRegistry.kernelFor(config, outFeatures, inFeatures).isVectorized();
        if (json) {
            List<Map<String, Object>> kernels = new ArrayList<>();
            for (KernelReport report : reports) {
                Map<String, Object> kernel = new LinkedHashMap<>();
                kernel.put("kernel", report.kernel());
                kernel.put("accepted", report.accepted());
                kernel.put("chosen", report.chosen());
                kernel.put("reason", report.reason());
                kernels.add(kernel);
            }
            System.out.println(Json.compact(Map.of("vectorized", vectorized, "kernels", kernels)));
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
