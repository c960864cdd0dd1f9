package io.bitlab.cli.serve;

import io.bitlab.models.detection.BitDetector;
import io.bitlab.models.detection.DetectedObject;
import io.bitlab.models.detection.DetectedObjects;
import io.bitlab.models.detection.DetectionOptions;
import io.bitlab.models.image.BitImage;
import io.bitlab.models.image.Box;
import io.bitlab.models.io.JsonObject;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** {@code /v1/detect}: which objects are on a picture, and where. */
final class DetectEndpoint extends ImageEndpoint<BitDetector, DetectionOptions> {

    private final ServedModels models;

    DetectEndpoint(ServedModels models, ServerLimits limits, Admission admission) {
        super("detection", limits, admission);
        this.models = models;
    }

    @Override
    Settings<BitDetector, DetectionOptions> settings(JsonObject request) {
        Served<BitDetector> model = models.detector(request.optionalString("model"));
        DetectionOptions options = model.model().config().options();
        float score = request.optionalNumber("score").orElse(options.scoreThreshold());
        if (!(score >= 0 && score < 1)) {
            throw request.wrong("score", "a number from 0, below 1");
        }
        return new Settings<>(model, options.withScoreThreshold(score));
    }

    @Override
    void find(BitDetector model, DetectionOptions options, BitImage image, Map<String, Object> answer) {
        DetectedObjects found = model.detect(image, options);
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
        answer.put("width", found.width());
        answer.put("height", found.height());
        answer.put("objects", objects);
    }
}
