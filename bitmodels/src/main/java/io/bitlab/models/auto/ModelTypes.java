package io.bitlab.models.auto;

import io.bitlab.core.internal.ServiceProviders;
import io.bitlab.models.BitModelType;
import io.bitlab.models.io.ModelFormatException;
import io.bitlab.models.mlp.BitMlpType;
import io.bitlab.models.transformer.BitSequenceClassifierType;
import io.bitlab.models.transformer.BitTransformerType;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.ServiceLoader;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * Finds kinds of models: the library's own, which nothing can replace, and those of applications, which are searched
 * for each time, since they depend on the calling thread.
 */
public final class ModelTypes {

    /** Also registered as services, for programs that list those; found here without the registration. */
    private static final List<BitModelType> BUILT_IN =
            List.of(new BitMlpType(), new BitTransformerType(), new BitSequenceClassifierType());

    private final Map<String, BitModelType> found = new TreeMap<>();
    private final Map<String, BitModelType> rivals = new TreeMap<>();
    private final Set<String> failed = new LinkedHashSet<>(); // once, though both loaders may find it

    private ModelTypes() {
        ClassLoader library = ModelTypes.class.getClassLoader();
        ClassLoader context = Thread.currentThread().getContextClassLoader();
        if (context != null && context != library) {
            // first: if both have a class of that name, the calling application uses the one in its context
            search(ServiceLoader.load(BitModelType.class, context));
        }
        search(ServiceLoader.load(BitModelType.class, library));
    }

    /**
     * Finds a kind of model.
     *
     * @param modelType the value of {@code model_type}
     * @param source where that value is from, for messages
     * @throws ModelFormatException if there is no such kind, or more than one
     */
    public static BitModelType named(Object modelType, String source) throws ModelFormatException {
        for (BitModelType type : BUILT_IN) {
            if (type.modelType().equals(modelType)) {
                return type;
            }
        }
        ModelTypes types = new ModelTypes();
        BitModelType type = modelType instanceof String name ? types.found.get(name) : null;
        if (type == null) {
            throw new ModelFormatException(source, "model_type is " + modelType + ", known are " + types.names()
                    + "; is the jar that has this kind of model on the class path?" + types.failures());
        }
        BitModelType rival = types.rivals.get(type.modelType());
        if (rival != null) {
            throw new ModelFormatException(source, "model_type is " + modelType
                    + ", which two classes are registered for: " + type.getClass().getName() + " and "
                    + rival.getClass().getName() + "; take one of them off the class path");
        }
        return type;
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
        BUILT_IN.forEach(type -> names.add(type.modelType()));
        return names;
    }

    private String failures() {
        return failed.isEmpty() ? "" : " These failed to load: " + String.join("; ", failed);
    }
}
