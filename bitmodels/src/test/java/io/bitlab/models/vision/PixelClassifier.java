package io.bitlab.models.vision;

import io.bitlab.core.tensor.Tensor;
import io.bitlab.layers.Initializer;
import io.bitlab.layers.Linear;
import io.bitlab.models.io.JsonObject;
import java.util.LinkedHashMap;
import java.util.Map;

/** The smallest classifier of images: one float layer over all pixels. */
final class PixelClassifier extends ImageClassifier {

    private final Config config;
    private final Linear linear;

    PixelClassifier(Config config) {
        this.config = config;
        int[] shape = config.imageInput.shape();
        linear = child("linear", new Linear(shape[0] * shape[1] * shape[2], config.classNames.size(), true,
                Initializer.KAIMING_UNIFORM));
    }

    @Override
    public Config config() {
        return config;
    }

    @Override
    protected Tensor logits(Tensor images) {
        return linear.forward(images.reshape(images.length(0), images.size() / images.length(0)));
    }

    @Override
    protected String describe() {
        return "PixelClassifier";
    }

    record Config(ImageInput imageInput, ClassNames classNames) implements ImageClassifierConfig<PixelClassifier> {

        @Override
        public String modelType() {
            return "pixel_classifier";
        }

        @Override
        public Map<String, Object> toMap() {
            Map<String, Object> json = new LinkedHashMap<>();
            json.put("image_input", imageInput.toMap());
            json.put("class_names", classNames.toList());
            return json;
        }

        static Config fromMap(Map<String, ?> json) {
            JsonObject object = JsonObject.of("Config", json);
            return new Config(ImageInput.fromJson(object.object("image_input")),
                    ClassNames.of(object.strings("class_names")));
        }

        @Override
        public PixelClassifier newModel() {
            return new PixelClassifier(this);
        }
    }
}
