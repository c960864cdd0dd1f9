package io.bitlab.layers.testing;

import io.bitlab.core.ActivationDtype;
import io.bitlab.core.BitQuantConfig;
import io.bitlab.core.Granularity;
import io.bitlab.core.WeightScale;
import java.util.ArrayList;
import java.util.List;

/** All quantisation configurations. */
public final class Configurations {

    private Configurations() {
    }

    public static List<BitQuantConfig> all() {
        List<BitQuantConfig> all = new ArrayList<>();
        for (Granularity weights : List.of(Granularity.PER_TENSOR, Granularity.PER_CHANNEL)) {
            for (WeightScale scale : WeightScale.values()) {
                for (ActivationDtype dtype : ActivationDtype.values()) {
                    for (Granularity activations : Granularity.values()) {
                        all.add(new BitQuantConfig(weights, scale, dtype, activations));
                    }
                }
            }
        }
        return all;
    }
}
