package io.bitlab.cli.evaluate;

import io.bitlab.models.detection.BitDetector;
import io.bitlab.models.detection.DetectorEvaluation;
import io.bitlab.models.detection.data.BoxedImages;
import io.bitlab.models.detection.score.ClassScores;
import io.bitlab.models.detection.score.CocoScores;
import io.bitlab.models.detection.score.DetectionMatches;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** How good a detector is, as tables and as JSON. */
public final class DetectorSummary {

    private DetectorSummary() {
    }

    /**
     * The figures as tables.
     *
     * @param model the detector
     * @param evaluation what it found on some photographs
     * @return lines that end with line feeds
     */
    public static String tables(BitDetector model, DetectorEvaluation evaluation) {
        List<String> names = model.config().classNames().toList();
        CocoScores scores = evaluation.scores();
        float score = model.config().options().scoreThreshold();
        return String.format(Locale.ROOT, """
                %s
                AP of small objects %s, of medium ones %s, of large ones %s
                recall of the surest box %s, of 10 boxes %s, of 100 boxes %s

                with scores from %.2f:
                %s""", scores.table(names), shown(scores.apSmall()), shown(scores.apMedium()),
                shown(scores.apLarge()), shown(scores.ar1()), shown(scores.ar10()), shown(scores.ar100()),
                score, evaluation.matches(score).table(names));
    }

    private static String shown(double value) {
        return Double.isNaN(value) ? "-" : String.format(Locale.ROOT, "%.3f", value);
    }

    /**
     * The figures as JSON.
     *
     * @param model the detector
     * @param evaluation what it found on the photographs
     * @param images the photographs
     * @param page the page that shows them
     * @return what the tables have; null for a share of nothing
     */
    public static Map<String, Object> toJson(BitDetector model, DetectorEvaluation evaluation, BoxedImages images,
            Path page) {
        float score = model.config().options().scoreThreshold();
        DetectionMatches matches = evaluation.matches(score);
        CocoScores scores = evaluation.scores();
        List<Map<String, Object>> classes = new ArrayList<>();
        for (int c = 0; c < scores.classes().size(); c++) {
            ClassScores of = scores.classes().get(c);
            Map<String, Object> one = new LinkedHashMap<>();
            one.put("class", model.config().classNames().name(c));
            one.put("objects", of.objects());
            one.put("ap", number(of.ap()));
            one.put("ap50", number(of.ap50()));
            one.put("ap75", number(of.ap75()));
            one.put("ar100", number(of.ar100()));
            one.put("found", matches.found(c));
            one.put("missed", matches.missed(c));
            one.put("wrong", matches.wrong(c));
            classes.add(one);
        }
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("images", images.size());
        json.put("ap", number(scores.ap()));
        json.put("ap50", number(scores.ap50()));
        json.put("ap75", number(scores.ap75()));
        json.put("ap_small", number(scores.apSmall()));
        json.put("ap_medium", number(scores.apMedium()));
        json.put("ap_large", number(scores.apLarge()));
        json.put("ar1", number(scores.ar1()));
        json.put("ar10", number(scores.ar10()));
        json.put("ar100", number(scores.ar100()));
        json.put("score", score);
        json.put("classes", classes);
        json.put("report", page.toString());
        return json;
    }

    private static Double number(double value) {
        return Double.isNaN(value) ? null : Double.valueOf(value);
    }
}
