package io.bitlab.cli.serve;

import io.bitlab.models.detection.BitDetector;
import io.bitlab.models.vision.ImageClassifier;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * The models of a server, at most one of each kind. Requests name models by these ids only; no request opens a file.
 *
 * <p><b>Thread safety:</b> immutable.
 */
public final class ServedModels {

    private static final int LONGEST_NAME = 100;

    private final Served<LanguageModel> text; // null for none; so the others
    private final Served<ImageClassifier> classifier;
    private final Served<BitDetector> detector;
    private final long created = Instant.now().getEpochSecond();

    private ServedModels(Served<LanguageModel> text, Served<ImageClassifier> classifier,
            Served<BitDetector> detector) {
        this.text = text;
        this.classifier = classifier;
        this.detector = detector;
    }

    /**
     * No models.
     *
     * @return nothing to serve
     */
    public static ServedModels none() {
        return new ServedModels(null, null, null);
    }

    /**
     * The same and a language model.
     *
     * @param id what clients call it
     * @param model the model
     * @return the models
     * @throws IllegalArgumentException if there is one already
     */
    public ServedModels with(String id, LanguageModel model) {
        requireFirst(text, "language model", id);
        return new ServedModels(new Served<>(id, model), classifier, detector);
    }

    /**
     * The same and a classifier of pictures.
     *
     * @param id what clients call it
     * @param model the model, in evaluation
     * @return the models
     * @throws IllegalArgumentException if there is one already
     */
    public ServedModels with(String id, ImageClassifier model) {
        requireFirst(classifier, "image classifier", id);
        return new ServedModels(text, new Served<>(id, model), detector);
    }

    /**
     * The same and a detector.
     *
     * @param id what clients call it
     * @param model the model, in evaluation
     * @return the models
     * @throws IllegalArgumentException if there is one already
     */
    public ServedModels with(String id, BitDetector model) {
        requireFirst(detector, "detector", id);
        return new ServedModels(text, classifier, new Served<>(id, model));
    }

    private static void requireFirst(Served<?> present, String kind, String id) {
        if (present != null) {
            throw new IllegalArgumentException("ServedModels: " + present.id() + " and " + id + " are both a " + kind
                    + ", expected at most one; start a second server for the other");
        }
    }

    Served<LanguageModel> text(Optional<String> name) {
        return choose(text, "language model", name);
    }

    Served<ImageClassifier> classifier(Optional<String> name) {
        return choose(classifier, "image classifier", name);
    }

    Served<BitDetector> detector(Optional<String> name) {
        return choose(detector, "detector", name);
    }

    private static <M> Served<M> choose(Served<M> model, String kind, Optional<String> name) {
        if (model == null) {
            throw ApiError.unknownModel("this server has no " + kind);
        }
        if (name.isPresent() && !name.get().equals(model.id())) {
            throw ApiError.unknownModel("the model " + shortened(name.get()) + " does not exist, expected "
                    + model.id());
        }
        return model;
    }

    private static String shortened(String name) {
        return "'" + (name.length() > LONGEST_NAME ? name.substring(0, LONGEST_NAME) + "..." : name) + "'";
    }

    private Stream<Served<?>> all() {
        return Stream.<Served<?>>of(text, classifier, detector).filter(Objects::nonNull);
    }

    /** The list of models, as OpenAI gives it. */
    Map<String, Object> toJson() {
        Map<String, Object> list = new LinkedHashMap<>();
        list.put("object", "list");
        list.put("data", all().map(this::toJson).toList());
        return list;
    }

    /**
     * One model, as OpenAI gives it.
     *
     * @throws ApiError if there is no such model
     */
    Map<String, Object> toJson(String id) {
        return all().filter(model -> model.id().equals(id)).findFirst().map(this::toJson)
                .orElseThrow(() -> ApiError.unknownModel("the model " + shortened(id) + " does not exist"));
    }

    private Map<String, Object> toJson(Served<?> model) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("id", model.id());
        json.put("object", "model");
        json.put("created", created);
        json.put("owned_by", "bitlab");
        return json;
    }
}
