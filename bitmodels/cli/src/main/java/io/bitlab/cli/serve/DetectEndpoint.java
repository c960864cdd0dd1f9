package io.bitlab.cli.serve;

import io.bitlab.models.detection.BitDetector;
import io.bitlab.models.detection.DetectedObject;
import io.bitlab.models.detection.DetectedObjects;
import io.bitlab.models.detection.DetectionOptions;
import io.bitlab.models.image.Box;
import io.bitlab.models.io.JsonObject;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** {@code /v1/detect}: which objects are on a picture, and where. */
final class DetectEndpoint implements Endpoint {

    private record Settings(Served<BitDetector> model, DetectionOptions options) {
    }

    private final ServedModels models;
    private final ServerLimits limits;
    private final Admission admission;

    DetectEndpoint(ServedModels models, ServerLimits limits, Admission admission) {
        this.models = models;
        this.limits = limits;
        this.admission = admission;
    }

    @Override
    public void answer(Request request, Reply reply) throws IOException {
        ImageRequest<Settings> image = ImageRequest.read(request, this::settings);
        admission.run(() -> reply.json(200, detect(image)));
    }

    private Settings settings(JsonObject request) {
        Served<BitDetector> model = models.detector(request.optionalString("model"));
        DetectionOptions options = model.model().config().options();
        float score = request.optionalNumber("score").orElse(options.scoreThreshold());
        if (!(score >= 0 && score < 1)) {
            throw request.wrong("score", "a number from 0, below 1");
        }
        return new Settings(model, options.withScoreThreshold(score));
    }

    private Map<String, Object> detect(ImageRequest<Settings> image) {
        Settings settings = image.settings();
        DetectedObjects found = settings.model().model().detect(image.decode(limits), settings.options());
        List<Map<String, Object>> objects = new ArrayList<>();
        for (DetectedObject object : found.objects()) {
            Box box = object.box();
            Map<String, Object> json = new LinkedHashMap<>();
            json.put("label", object.name());
            json.put("index", object.label());
            json.put("score", object.score());
            json.put("box", List.of(box.left(), box.top(), box.right(), box.bottom()));
            objects.add(json);
        }
        Map<String, Object> answer = new LinkedHashMap<>();
        answer.put("object", "detection");
        answer.put("model", settings.model().id());
        answer.put("width", found.width());
        answer.put("height", found.height());
        answer.put("objects", objects);
        return answer;
    }
}
