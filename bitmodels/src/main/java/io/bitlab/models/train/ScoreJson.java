package io.bitlab.models.train;

import io.bitlab.models.io.JsonObject;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;

/** The scores of a checkpoint as JSON. Decimals are strings, see {@link TrainingCheckpoint}. */
final class ScoreJson {

    private static final String VALUE = "value";
    private static final String MEASURES = "measures";

    private ScoreJson() {
    }

    static Map<String, Object> write(Task.Score score) {
        Map<String, Object> json = new LinkedHashMap<>();
        Map<String, Object> measures = new LinkedHashMap<>();
        score.measures().forEach((name, number) -> measures.put(name, Double.toString(number)));
        json.put(VALUE, Double.toString(score.value()));
        json.put(MEASURES, measures);
        return json;
    }

    /** Reads a list of scores, one an epoch. */
    static List<Task.Score> read(JsonObject state, String name, int epochs) {
        List<Task.Score> scores = new ArrayList<>();
        for (JsonObject json : state.objects(name)) {
            JsonObject measures = json.object(MEASURES);
            SequencedMap<String, Double> numbers = new LinkedHashMap<>();
            measures.members().keySet().forEach(measure -> numbers.put(measure, decimal(measures, measure)));
            scores.add(new Task.Score(decimal(json, VALUE), numbers));
        }
        if (scores.size() != epochs) {
            throw state.wrong(name, "a list of objects, one an epoch");
        }
        return scores;
    }

    static double decimal(JsonObject json, String name) {
        String text = json.string(name);
        try {
            return Double.parseDouble(text);
        } catch (NumberFormatException e) {
            throw json.wrong(name, "a number as a string");
        }
    }
}
