package io.bitlab.models;

import io.bitlab.layers.Layer;
import io.bitlab.models.io.ModelFolder;
import io.bitlab.models.io.ModelFolder.Contents;
import io.bitlab.models.io.ModelFormatException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ServiceLoader;
import java.util.TreeMap;

/** Makes models from configurations, saves them to a folder and loads whatever kind of model a folder holds. */
public final class AutoBitModel {

    private AutoBitModel() {
    }

    /**
     * Builds a model with the initial values of seed 0.
     *
     * @param <M> the kind of model
     * @param config its configuration
     * @return a new model in training
     */
    public static <M extends BitModel> M fromConfig(BitModelConfig<M> config) {
        return config.newModel();
    }

    /**
     * Builds a model with initial values of a seed.
     *
     * @param <M> the kind of model
     * @param config its configuration
     * @param seed the same seed and configuration give the same model everywhere
     * @return a new model in training
     */
    public static <M extends BitModel> M fromConfig(BitModelConfig<M> config, long seed) {
        M model = config.newModel();
        model.initialize(seed);
        return model;
    }

    /**
     * Saves a model in the form it is in: latent float weights in training and evaluation, ternary weights when
     * deployed.
     *
     * @param model the model; not modified
     * @param folder where to; made if it doesn't exist. A model in it is replaced as a whole or, if anything fails, not
     * at all
     * @throws IOException if the folder can't be written; what stood there is unchanged
     */
    public static void save(BitModel model, Path folder) throws IOException {
        save(model, folder, model.mode());
    }

    /**
     * Saves a model in a chosen form.
     *
     * @param model the model; not modified, it also stays in its mode
     * @param folder where to, as for {@link #save(BitModel, Path)}
     * @param form DEPLOYED for ternary weights of 1.6 bits, TRAIN or EVAL for latent float weights
     * @throws IOException if the folder can't be written; what stood there is unchanged
     * @throws IllegalArgumentException if the model is deployed and latent weights are asked for
     */
    public static void save(BitModel model, Path folder, Layer.Mode form) throws IOException {
        if (model.mode() == Layer.Mode.DEPLOYED && form != Layer.Mode.DEPLOYED) {
            throw new IllegalArgumentException(
                    "AutoBitModel.save: the model is deployed, its latent weights are gone; it can "
                            + "only be saved as DEPLOYED");
        }
        ModelFolder.write(folder,
                new Contents(model.config().modelType(), model.config().toMap(), model.stateDict(form)));
    }

    /**
     * Loads a model.
     *
     * @param folder what {@link #save} wrote
     * @return the model in evaluation; deployed if it was saved so
     * @throws ModelFormatException if a file is damaged, or the kind of model is not known
     * @throws IOException if a file is missing or can't be read
     */
    public static BitModel load(Path folder) throws IOException {
        Contents contents = ModelFolder.read(folder);
        BitModelType type = types().get(contents.modelType());
        if (type == null) {
            throw new ModelFormatException(folder.toString(), "model_type is '" + contents.modelType() + "', known are "
                    + types().keySet() + "; is the jar that has this kind of model on the class path?");
        }
        try {
            BitModel model = type.readConfig(contents.config()).newModel();
            model.loadStateDict(contents.state());
            model.eval();
            return model;
        } catch (IllegalArgumentException e) {
            throw new ModelFormatException(folder.toString(), e.getMessage(), e);
        }
    }

    /**
     * Loads a model of a known kind.
     *
     * @param <M> the kind of model
     * @param folder what {@link #save} wrote
     * @param kind its class
     * @return the model in evaluation
     * @throws ModelFormatException if the folder holds another kind of model, or is damaged
     * @throws IOException if a file is missing or can't be read
     */
    public static <M extends BitModel> M load(Path folder, Class<M> kind) throws IOException {
        BitModel model = load(folder);
        if (!kind.isInstance(model)) {
            throw new ModelFormatException(folder.toString(), "holds a " + model.getClass().getName() + " (model_type '"
                    + model.config().modelType() + "'), expected a " + kind.getName());
        }
        return kind.cast(model);
    }

    private static TreeMap<String, BitModelType> types() {
        TreeMap<String, BitModelType> types = new TreeMap<>();
        for (BitModelType type : ServiceLoader.load(BitModelType.class)) {
            types.put(type.modelType(), type);
        }
        return types;
    }
}
