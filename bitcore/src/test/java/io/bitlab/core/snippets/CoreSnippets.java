package io.bitlab.core.snippets;

import io.bitlab.core.ActivationDtype;
import io.bitlab.core.BitQuantConfig;
import io.bitlab.core.Granularity;
import java.util.Map;

/** Code that the Javadoc of {@code io.bitlab.core} shows. */
final class CoreSnippets {

    private CoreSnippets() {
    }

    static BitQuantConfig builder() {
        // @start region="builder"
        BitQuantConfig config = BitQuantConfig.builder()
                .activationDtype(ActivationDtype.INT8)
                .weightGranularity(Granularity.PER_CHANNEL)
                .build();
        // @end
        return config;
    }

    static boolean json() {
        // @start region="json"
        BitQuantConfig config = BitQuantConfig.defaults().withWeightGranularity(Granularity.PER_CHANNEL);
        Map<String, Object> json = config.toMap(); // {weight_granularity=per_channel, weight_scale=absmean, ...}
        BitQuantConfig same = BitQuantConfig.fromMap(json);
        // @end
        return same.equals(config);
    }
}
