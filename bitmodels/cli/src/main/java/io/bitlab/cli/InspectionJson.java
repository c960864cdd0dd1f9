package io.bitlab.cli;

import io.bitlab.models.BitModel;
import io.bitlab.models.io.Json;
import io.bitlab.models.tokenizer.Tokenizer;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** Prints what was found as one JSON object. */
final class InspectionJson implements Inspection {

    private final Map<String, Object> all = new LinkedHashMap<>();
    private final List<Map<String, Object>> tensors = new ArrayList<>();
    private final List<Map<String, Object>> problems = new ArrayList<>();

    InspectionJson() {
        all.put("runs", false);
    }

    @Override
    public void files(String kind, Object architecture) {
        all.put("files", kind);
        all.put("architecture", architecture instanceof List<?> several && several.size() == 1 ? several.getFirst()
                : architecture);
    }

    @Override
    public void tensor(String name, Object type, int[] shape, double bits) {
        tensors.add(described(name, type, shape, bits));
    }

    @Override
    public void ternary(String name, Object type, int[] shape, double bits, int scales, double zeros) {
        Map<String, Object> tensor = described(name, type, shape, bits);
        tensor.put("scales", scales);
        tensor.put("zeros", zeros);
        tensors.add(tensor);
    }

    private static Map<String, Object> described(String name, Object type, int[] shape, double bits) {
        Map<String, Object> tensor = new LinkedHashMap<>();
        tensor.put("name", name);
        tensor.put("type", type.toString());
        tensor.put("shape", Arrays.stream(shape).boxed().toList());
        tensor.put("bits", bits);
        return tensor;
    }

    @Override
    public void problem(String what, IOException reason) {
        Map<String, Object> problem = new LinkedHashMap<>();
        problem.put("problem", what);
        problem.put("reason", reason.getMessage());
        problems.add(problem);
    }

    @Override
    public void tokenizer(Tokenizer tokenizer) {
        Map<String, Object> described = new LinkedHashMap<>();
        described.put("class", tokenizer.getClass().getSimpleName());
        described.put("tokens", tokenizer.vocabularySize());
        all.put("tokenizer", described);
    }

    @Override
    public void runs(BitModel model) {
        all.put("runs", true);
        all.put("class", model.getClass().getSimpleName());
        all.put("mode", model.mode().name().toLowerCase(Locale.ROOT));
    }

    @Override
    public void end() {
        all.put("problems", problems);
        all.put("tensors", tensors);
        System.out.println(Json.compact(all));
    }
}
