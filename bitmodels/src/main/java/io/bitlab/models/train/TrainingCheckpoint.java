package io.bitlab.models.train;

import io.bitlab.core.tensor.Tensor;
import io.bitlab.layers.optim.OptimizerState;
import io.bitlab.models.io.Json;
import io.bitlab.models.io.JsonObject;
import io.bitlab.models.io.ModelFormatException;
import io.bitlab.models.io.safetensors.DType;
import io.bitlab.models.io.safetensors.SafetensorsFile;
import io.bitlab.models.io.safetensors.SafetensorsWriter;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.TreeMap;

/**
 * The state of a training between two steps. Resumed with the same settings and data, training ends with the same bits
 * as if it had not been interrupted.
 *
 * <p>The file is safetensors: {@code model.*}, {@code optimizer.*}, {@code best.*}, {@code average.*}, and the counters
 * as JSON in a tensor of bytes, all with checksums. It is replaced atomically.
 *
 * @param settings what must be the same when training is resumed, see {@link TrainingFingerprint}
 * @param progress the counters
 * @param weights the parameters and buffers of the model
 * @param optimizer the state of the optimiser
 * @param best the parameters and buffers of the best epoch so far; empty if they are not kept
 * @param average the averaged parameters, see {@link WeightAverage}; empty if there are none
 */
record TrainingCheckpoint(SequencedMap<String, String> settings, Progress progress,
        SequencedMap<String, float[]> weights, OptimizerState optimizer, SequencedMap<String, float[]> best,
        SequencedMap<String, float[]> average) {

    private static final String VERSION = "bitlab training 3";
    private static final String RESULTS = "results";
    private static final String SCORES = "scores";
    private static final String AVERAGED_SCORES = "averaged_scores";
    private static final List<String> OLDER = List.of(
            "bitlab training 1", // had no validation losses
            "bitlab training 2"); // did not tell data, schedules, objectives and betas apart

    /**
     * How far a training is.
     *
     * @param epoch the current epoch, from 1
     * @param step the finished steps of the epoch
     * @param lossSum the sum of their losses
     * @param correct the number of their targets that the model predicted
     * @param seen the number of their targets
     * @param seconds the duration of the epoch so far
     * @param bestScore the best validation score so far, see {@link Task.Score}; -1 before the first
     * @param bestEpoch the epoch of the best score; 0 before the first
     * @param results the results of the finished epochs
     */
    record Progress(int epoch, int step, double lossSum, long correct, long seen, double seconds, double bestScore,
            int bestEpoch, List<EpochResult> results) {

        static final Progress START = new Progress(1, 0, 0, 0, 0, 0, -1, 0, List.of());
    }

    // ---------------------------------------------------------------- writing

    void write(Path file) throws IOException {
        SafetensorsWriter writer = new SafetensorsWriter().metadata("format", VERSION);
        Map<String, Object> checksums = new TreeMap<>();
        putAll(writer, "model.", weights);
        putAll(writer, "best.", best);
        putAll(writer, "average.", average);
        putAll(writer, "optimizer.", optimizer.buffers());
        long[] steps = optimizer.steps();
        writer.longs("optimizer_steps", steps, steps.length);
        byte[] state = Json.compact(state()).getBytes(StandardCharsets.UTF_8);
        writer.bytes("state", DType.U8, state, state.length);
        for (String name : names()) {
            checksums.put(name, writer.crc32c(name));
        }
        writer.metadata("crc32c", Json.compact(checksums)).write(file);
    }

    private List<String> names() {
        List<String> names = new ArrayList<>(List.of("optimizer_steps", "state"));
        weights.keySet().forEach(name -> names.add("model." + name));
        best.keySet().forEach(name -> names.add("best." + name));
        average.keySet().forEach(name -> names.add("average." + name));
        optimizer.buffers().keySet().forEach(name -> names.add("optimizer." + name));
        return names;
    }

    private static void putAll(SafetensorsWriter writer, String prefix, Map<String, float[]> arrays) {
        arrays.forEach((name, values) -> writer.floats(prefix + name, values, values.length));
    }

    /** Decimals are strings, because JSON has no NaN, and not every parser keeps all digits of a double. */
    private Map<String, Object> state() {
        Map<String, Object> state = new LinkedHashMap<>();
        state.put("settings", settings);
        state.put("optimizer", optimizer.optimizer());
        state.put("epoch", progress.epoch);
        state.put("step", progress.step);
        state.put("loss_sum", Double.toString(progress.lossSum));
        state.put("correct", progress.correct);
        state.put("seen", progress.seen);
        state.put("seconds", Double.toString(progress.seconds));
        state.put("best_score", Double.toString(progress.bestScore));
        state.put("best_epoch", progress.bestEpoch);
        List<String> results = new ArrayList<>();
        for (EpochResult r : progress.results) {
            results.add(r.loss() + " " + r.accuracy() + " " + r.validationAccuracy() + " "
                    + r.validationLoss() + " " + r.seconds());
        }
        state.put(RESULTS, results);
        if (progress.results.stream().anyMatch(r -> !r.validation().equals(scoreInResults(r)))) {
            state.put(SCORES, progress.results.stream().map(r -> ScoreJson.write(r.validation())).toList());
        }
        if (progress.results.stream().anyMatch(r -> !r.averaged().equals(Task.Score.NONE))) {
            state.put(AVERAGED_SCORES, progress.results.stream().map(r -> ScoreJson.write(r.averaged())).toList());
        }
        return state;
    }

    /** What the two numbers in a line of the results say of the score; all of it, for the library's own tasks. */
    private static Task.Score scoreInResults(EpochResult result) {
        return EpochResult.score(result.validationAccuracy(), result.validationLoss());
    }

    // ---------------------------------------------------------------- reading

    static TrainingCheckpoint read(Path path) throws IOException {
        try (SafetensorsFile file = SafetensorsFile.open(path)) {
            requireVersion(path, file.metadata().get("format"));
            verify(path, file);
            JsonObject state = JsonObject.at("state",
                    Json.parse(new String(file.bytes("state"), StandardCharsets.UTF_8), path + ", state"));
            OptimizerState optimizer = new OptimizerState(state.string("optimizer"),
                    file.longs("optimizer_steps"), arrays(file, "optimizer."));
            return new TrainingCheckpoint(settings(state), progress(state), arrays(file, "model."), optimizer,
                    arrays(file, "best."), arrays(file, "average."));
        } catch (IllegalArgumentException e) {
            throw new ModelFormatException(path.toString(), "its state is not that of a training: " + e.getMessage(),
                    e);
        }
    }

    private static void requireVersion(Path path, String format) throws ModelFormatException {
        if (OLDER.contains(format)) {
            throw new ModelFormatException(path.toString(), "is a checkpoint of an older BitLab (format '" + format
                    + "', expected '" + VERSION + "'); finish that training with the older one, or delete the file to "
                    + "start over");
        }
        if (!VERSION.equals(format)) {
            throw new ModelFormatException(path.toString(), "is not a checkpoint of a training (format '" + format
                    + "', expected '" + VERSION + "'); give the name of one, or of a file that does not exist yet");
        }
    }

    private static void verify(Path path, SafetensorsFile file) throws ModelFormatException {
        JsonObject checksums =
                JsonObject.at("crc32c", Json.parse(file.metadata().getOrDefault("crc32c", "{}"), path + ", crc32c"));
        for (String name : file.names()) {
            if (!checksums.isLong(name, file.crc32c(name))) {
                throw new ModelFormatException(path.toString(), "tensor '" + name
                        + "' has another checksum than was written: the file is damaged; go back to an older one");
            }
        }
    }

    private static SequencedMap<String, float[]> arrays(SafetensorsFile file, String prefix)
            throws ModelFormatException {
        SequencedMap<String, float[]> arrays = new LinkedHashMap<>();
        for (String name : file.names()) {
            if (name.startsWith(prefix)) {
                arrays.put(name.substring(prefix.length()), file.floats(name));
            }
        }
        return arrays;
    }

    private static SequencedMap<String, String> settings(JsonObject state) {
        JsonObject settings = state.object("settings");
        SequencedMap<String, String> values = new LinkedHashMap<>();
        settings.members().keySet().forEach(name -> values.put(name, settings.string(name)));
        return values;
    }

    private static Progress progress(JsonObject state) {
        return new Progress(state.integer("epoch"), state.integer("step"), ScoreJson.decimal(state, "loss_sum"),
                whole(state, "correct"), whole(state, "seen"), ScoreJson.decimal(state, "seconds"),
                ScoreJson.decimal(state, "best_score"), state.integer("best_epoch"), results(state));
    }

    private static long whole(JsonObject state, String name) {
        Object value = state.members().get(name);
        if (value instanceof Integer || value instanceof Long) {
            return ((Number) value).longValue();
        }
        throw state.wrong(name, "a whole number");
    }

    private static List<EpochResult> results(JsonObject state) {
        if (!state.has(RESULTS)) {
            throw state.wrong(RESULTS, "a list of strings, one an epoch");
        }
        List<EpochResult> results = new ArrayList<>();
        for (String line : state.strings(RESULTS)) {
            String[] n = line.split(" ");
            if (n.length != 5) {
                throw state.wrong(RESULTS, "five numbers in each string");
            }
            results.add(new EpochResult(results.size() + 1, Double.parseDouble(n[0]), Double.parseDouble(n[1]),
                    Double.parseDouble(n[2]), Double.parseDouble(n[3]), Double.parseDouble(n[4])));
        }
        if (state.has(SCORES)) {
            List<Task.Score> scores = ScoreJson.read(state, SCORES, results.size());
            results.replaceAll(r -> r.withValidation(scores.get(r.epoch() - 1)));
        }
        if (state.has(AVERAGED_SCORES)) {
            List<Task.Score> scores = ScoreJson.read(state, AVERAGED_SCORES, results.size());
            results.replaceAll(r -> r.withAveraged(scores.get(r.epoch() - 1)));
        }
        return List.copyOf(results);
    }

    // ---------------------------------------------------------------- a model's parameters and buffers

    /** The values of parameters and buffers themselves, to be written before they change. */
    static SequencedMap<String, float[]> live(SequencedMap<String, Tensor> weights) {
        SequencedMap<String, float[]> values = new LinkedHashMap<>();
        weights.forEach((name, tensor) -> values.put(name, tensor.data()));
        return values;
    }

    /** Copies the values of parameters and buffers. */
    static SequencedMap<String, float[]> copy(SequencedMap<String, Tensor> weights) {
        SequencedMap<String, float[]> copies = live(weights);
        copies.replaceAll((_, values) -> values.clone());
        return copies;
    }

    /** Copies values back into parameters and buffers. Nothing is changed if names or sizes don't fit. */
    static void restore(Map<String, float[]> values, SequencedMap<String, Tensor> weights, String source)
            throws ModelFormatException {
        requireFit(values, weights, source);
        weights.forEach((name, tensor) -> System.arraycopy(values.get(name), 0, tensor.data(), 0, tensor.size()));
    }

    static void requireFit(Map<String, float[]> values, SequencedMap<String, Tensor> weights, String source)
            throws ModelFormatException {
        for (Map.Entry<String, Tensor> parameter : weights.entrySet()) {
            float[] value = values.get(parameter.getKey());
            if (value == null || value.length != parameter.getValue().size()) {
                throw new ModelFormatException(source, "parameter '" + parameter.getKey() + "' has "
                        + (value == null ? "no" : value.length) + " values, expected " + parameter.getValue().size()
                        + ": it belongs to another model");
            }
        }
    }
}
