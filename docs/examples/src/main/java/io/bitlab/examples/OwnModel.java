package io.bitlab.examples;

import io.bitlab.core.tensor.Tensor;
import io.bitlab.layers.BitLinear;
import io.bitlab.layers.Layer;
import io.bitlab.layers.RMSNorm;
import io.bitlab.models.AutoBitModel;
import io.bitlab.models.BitModel;
import io.bitlab.models.BitModelConfig;
import io.bitlab.models.BitModelType;
import io.bitlab.models.io.JsonObject;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;

/** A kind of model that the library doesn't know: a residual network with its configuration, saved and loaded. */
public final class OwnModel {
    /** What the model is built from; the names in JSON are up to you. */
    record ResidualConfig(int features, int blocks, int classes) implements BitModelConfig<Residual> {
        ResidualConfig {
            if (features < 1 || blocks < 1 || classes < 1) {
                throw new IllegalArgumentException("ResidualConfig: features " + features + ", blocks " + blocks
                        + " and classes " + classes + " must be at least 1");
            }
        }

        @Override
        public String modelType() {
            return "residual";
        }

        @Override
        public Map<String, Object> toMap() {
            Map<String, Object> json = new LinkedHashMap<>(); // in a fixed order, so that equal models make equal files
            json.put("features", features);
            json.put("blocks", blocks);
            json.put("classes", classes);
            return json;
        }

        @Override
        public Residual newModel() {
            return new Residual(this);
        }
    }

    /** The model: every block adds to what comes in. */
    static final class Residual extends BitModel {
        private final ResidualConfig config;
        private final Layer[] norms;
        private final Layer[] linears;
        private final Layer head;

        Residual(ResidualConfig config) {
            this.config = config;
            norms = new Layer[config.blocks()];
            linears = new Layer[config.blocks()];
            for (int i = 0; i < config.blocks(); i++) {
                norms[i] = child("norm" + i, new RMSNorm(config.features()));
                linears[i] = child("linear" + i, BitLinear.builder(config.features(), config.features()).build());
            }
            head = child("head", BitLinear.builder(config.features(), config.classes()).build());
        }

        @Override
        public ResidualConfig config() {
            return config;
        }

        @Override
        public Tensor forward(Tensor x) {
            Tensor y = x;
            for (int i = 0; i < norms.length; i++) {
                y = y.add(linears[i].forward(norms[i].forward(y)).relu());
            }
            return observed(head.forward(y));
        }

        @Override
        protected Tensor exampleInput() {
            return Tensor.zeros(1, config.features());
        }
    }

    /** Tells AutoBitModel of it; named in META-INF/services/io.bitlab.models.BitModelType. */
    public static final class Type implements BitModelType {
        @Override
        public String modelType() {
            return "residual";
        }

        @Override
        public BitModelConfig<?> readConfig(Map<String, ?> members) {
            JsonObject json = JsonObject.of("ResidualConfig", members);
            ResidualConfig config =
                    new ResidualConfig(json.integer("features"), json.integer("blocks", 2),
                            json.integer("classes"));
            json.requireNothingElse();
            return config;
        }
    }

    public static void main(String[] args) throws Exception {
        Residual model = AutoBitModel.fromConfig(new ResidualConfig(64, 2, 10), 7);
        model.deploy();
        Path folder = Path.of("target/own-model");
        AutoBitModel.save(model, folder);

        BitModel loaded = AutoBitModel.load(folder); // finds the type by its name in the file
        Tensor x = Tensor.randn(1, 3, 64);
        System.out.println(loaded);
        System.out.println("same bits: " + Arrays.equals(model.forward(x).data(), loaded.forward(x).data()));
    }
}
