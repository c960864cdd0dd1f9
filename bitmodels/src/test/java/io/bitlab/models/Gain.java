package io.bitlab.models;

import io.bitlab.core.tensor.Tensor;
import io.bitlab.layers.Initializer;
import io.bitlab.layers.Parameter;
import java.util.Map;

/** A kind of model as an application adds it: one factor a feature. Registered in META-INF/services. */
public final class Gain extends BitModel {

    private final Config config;
    private final Parameter gain;

    Gain(Config config) {
        this.config = config;
        this.gain = parameter("gain", Initializer.ONES, config.features);
    }

    @Override
    public Config config() {
        return config;
    }

    @Override
    public Tensor forward(Tensor x) {
        return x.mul(gain.tensor());
    }

    @Override
    protected Tensor exampleInput() {
        return Tensor.zeros(1, config.features);
    }

    /** Its configuration. */
    public record Config(int features) implements BitModelConfig<Gain> {
        @Override
        public String modelType() {
            return "gain";
        }

        @Override
        public Map<String, Object> toMap() {
            return Map.of("features", features);
        }

        @Override
        public Gain newModel() {
            return new Gain(this);
        }
    }

    /** What the service loader finds. */
    public static final class Type implements BitModelType {
        @Override
        public String modelType() {
            return "gain";
        }

        @Override
        public BitModelConfig<?> readConfig(Map<String, ?> json) {
            return new Config((Integer) json.get("features"));
        }
    }
}
