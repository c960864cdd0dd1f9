package io.bitlab.models.diffusion;

import io.bitlab.models.BitModelConfig;
import io.bitlab.models.BitModelType;
import java.util.Map;

/** Registers {@link BitDiT} as a kind of model that {@link io.bitlab.models.AutoBitModel} can load. */
public final class BitDiTType implements BitModelType {

    /** Called by the service loader. */
    public BitDiTType() {
    }

    @Override
    public String modelType() {
        return BitDiTConfig.MODEL_TYPE;
    }

    @Override
    public BitModelConfig<?> readConfig(Map<String, ?> json) {
        return BitDiTConfig.fromMap(json);
    }
}
