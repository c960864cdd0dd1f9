package io.bitlab.cli.serve;

import io.bitlab.models.image.BitImage;
import io.bitlab.models.io.JsonObject;
import io.bitlab.models.vision.ImageClassifier;
import io.bitlab.models.vision.Prediction;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** {@code /v1/classify}: what is on a picture. */
final class ClassifyEndpoint extends ImageEndpoint<ImageClassifier, Integer> {

    private static final int TOP = 5;

    private final ServedModels models;

    ClassifyEndpoint(ServedModels models, ServerLimits limits, Admission admission) {
        super("classification", limits, admission);
        this.models = models;
    }

    @Override
    Settings<ImageClassifier, Integer> settings(JsonObject request) {
        Served<ImageClassifier> model = models.classifier(request.optionalString("model"));
        int classes = model.model().config().classNames().size();
        int top = request.optionalInteger("top").orElse(Math.min(TOP, classes));
        if (top < 1 || top > classes) {
            throw request.wrong("top", "1 to " + classes + ", the number of classes");
        }
        return new Settings<>(model, top);
    }

    @Override
    void find(ImageClassifier model, Integer top, BitImage image, Map<String, Object> answer) {
        List<Map<String, Object>> predictions = new ArrayList<>();
        for (Prediction found : model.classify(image, top)) {
            Map<String, Object> prediction = new LinkedHashMap<>();
            prediction.put("label", found.name());
            prediction.put("index", found.index());
            prediction.put("probability", found.probability());
            predictions.add(prediction);
        }
        answer.put("predictions", predictions);
    }
}
