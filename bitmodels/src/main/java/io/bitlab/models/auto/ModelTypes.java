package io.bitlab.models.auto;

import io.bitlab.core.internal.ServiceProviders;
import io.bitlab.models.BitModel;
import io.bitlab.models.BitModelType;
import io.bitlab.models.internal.Quote;
import io.bitlab.models.io.ModelFormatException;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.ServiceLoader;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * Finds kinds of models by their {@code model_type}: the library's own, which nothing can replace, and those of
 * applications. The latter are looked up on each call, because they depend on the calling thread.
 */
public final class ModelTypes {

    /** The JSON member that names the kind of model. */
    static final String MODEL_TYPE = "model_type";

    /**
     * The library's own, by name, since what loads models doesn't know all of them. They are also registered as
     * services, for programs that list them, and found here without the registration, which a jar of several may lack.
     */
    private static final Map<String, String> BUILT_IN = Map.of(
            "bitmlp", "mlp.BitMlpType",
            "bittransformer", "transformer.BitTransformerType",
            "bittransformer_classifier", "transformer.BitSequenceClassifierType",
            "bitresnet", "vision.BitResNetType",
            "bitvit", "vision.BitViTType",
            "bitdetector", "detection.BitDetectorType",
            "bitdit", "diffusion.BitDiTType",
            "bitunet", "diffusion.BitUNetType",
            "bittabular", "tabular.BitTabularType");

    private final Map<String, BitModelType> found = new TreeMap<>();
    private final Map<String, BitModelType> rivals = new TreeMap<>();
    private final Set<String> failed = new LinkedHashSet<>(); // a set, because both loaders may find the same

    private ModelTypes() {
        ClassLoader library = ModelTypes.class.getClassLoader();
        ClassLoader context = Thread.currentThread().getContextClassLoader();
        if (context != null && context != library) {
            // First: if both have a class of that name, the calling application uses the one in its context.
            search(ServiceLoader.load(BitModelType.class, context));
        }
        search(ServiceLoader.load(BitModelType.class, library));
    }

    /**
     * Builds the model that a configuration describes.
     *
     * @param json a configuration with its {@code model_type}; not modified
     * @param source where it comes from, for messages
     * @return a new model in training, not yet initialised
     * @throws ModelFormatException if the kind of model is not known, or a member has a value that is not allowed
     */
    public static BitModel newModel(Map<String, ?> json, String source) throws ModelFormatException {
        Map<String, Object> members = new LinkedHashMap<>(json);
        BitModelType type = find(members.remove(MODEL_TYPE), source);
        try {
            return type.readConfig(members).newModel();
        } catch (IllegalArgumentException e) {
            throw new ModelFormatException(source, e.getMessage(), e);
        } catch (ArithmeticException e) {
            throw new ModelFormatException(source, "the sizes are so large that a part of the model has more than"
                    + " 2^31 values", e);
        }
    }

    private static BitModelType find(Object modelType, String source) throws ModelFormatException {
        if (modelType instanceof String name && BUILT_IN.containsKey(name)) {
            return builtIn(name);
        }
        ModelTypes types = new ModelTypes();
        BitModelType type = modelType instanceof String name ? types.found.get(name) : null;
        if (type == null) {
            throw new ModelFormatException(source, "model_type is " + Quote.value(modelType) + ", known are "
                    + types.names()
                    + "; is the jar that has this kind of model on the class path?" + types.failures());
        }
        BitModelType rival = types.rivals.get(type.modelType());
        if (rival != null) {
            throw new ModelFormatException(source, "model_type is " + Quote.value(modelType)
                    + ", which two classes are registered for: " + type.getClass().getName() + " and "
                    + rival.getClass().getName() + "; take one of them off the class path");
        }
        return type;
    }

    /** One of the library's own kinds. */
    static BitModelType builtIn(String name) {
        String type = "io.bitlab.models." + BUILT_IN.get(name);
        try {
            return Class.forName(type, true, ModelTypes.class.getClassLoader()).asSubclass(BitModelType.class)
                    .getConstructor().newInstance();
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException("AutoBitModel: the class " + type + " of the library is missing; add the"
                    + " whole jar of bitmodels", e);
        }
    }

    private void search(ServiceLoader<BitModelType> loader) {
        ServiceProviders.forEach(loader, this::add, failed::add);
    }

    private void add(BitModelType type) {
        String name;
        try {
            name = type.modelType();
        } catch (RuntimeException | LinkageError e) {
            failed.add(type.getClass().getName() + ".modelType() failed: " + e);
            return;
        }
        if (name == null) {
            failed.add(type.getClass().getName() + ".modelType() is null, expected a name");
            return;
        }
        BitModelType other = found.putIfAbsent(name, type);
        if (other != null && !other.getClass().getName().equals(type.getClass().getName())) {
            rivals.put(name, type);
        }
    }

    private Set<String> names() {
        Set<String> names = new TreeSet<>(found.keySet());
        names.addAll(BUILT_IN.keySet());
        return names;
    }

    private String failures() {
        return failed.isEmpty() ? "" : " These failed to load: " + String.join("; ", failed);
    }
}
