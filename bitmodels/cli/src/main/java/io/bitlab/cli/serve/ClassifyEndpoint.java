package io.bitlab.cli.serve;

import io.bitlab.models.io.JsonObject;
import io.bitlab.models.vision.ImageClassifier;
import io.bitlab.models.vision.Prediction;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** {@code /v1/classify}: what is on a picture. */
final class ClassifyEndpoint implements Endpoint {

    private static final int TOP = 5;

    private record Settings(Served<ImageClassifier> model, int top) {
    }

    private final ServedModels models;
    private final ServerLimits limits;
    private final Admission admission;

    ClassifyEndpoint(ServedModels models, ServerLimits limits, Admission admission) {
        this.models = models;
        this.limits = limits;
        this.admission = admission;
    }

    @Override
    public void answer(Request request, Reply reply) throws IOException {
        ImageRequest<Settings> image = ImageRequest.read(request, this::settings);
        admission.run(() -> reply.json(200, classify(image)));
    }

    private Settings settings(JsonObject request) {
        Served<ImageClassifier> model = models.classifier(request.optionalString("model"));
        int classes = model.model().config().classNames().size();
        int top = request.optionalInteger("top").orElse(Math.min(TOP, classes));
        if (top < 1 || top > classes) {
            throw request.wrong("top", "1 to " + classes + ", the number of classes");
        }
        return new Settings(model, top);
    }

    private Map<String, Object> classify(ImageRequest<Settings> image) {
        Settings settings = image.settings();
        List<Map<String, Object>> predictions = new ArrayList<>();
        for (Prediction found : settings.model().model().classify(image.decode(limits), settings.top())) {
            Map<String, Object> prediction = new LinkedHashMap<>();
            prediction.put("label", found.name());
            prediction.put("index", found.index());
            prediction.put("probability", found.probability());
            predictions.add(prediction);
        }
        Map<String, Object> answer = new LinkedHashMap<>();
        answer.put("object", "classification");
        answer.put("model", settings.model().id());
        answer.put("predictions", predictions);
        return answer;
    }
}
