package io.bitlab.models.auto;

import io.bitlab.layers.Layer.Mode;
import io.bitlab.layers.StateDict;
import io.bitlab.models.BitModel;
import io.bitlab.models.BitModelConfig;
import io.bitlab.models.io.ModelFormatException;
import io.bitlab.models.io.folder.ModelFolder;
import io.bitlab.models.io.folder.ModelFolder.Contents;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;

/** Models in BitLab folders: a configuration with its {@code model_type}, and a state. */
public final class SavedModel {

    private SavedModel() {
    }

    /**
     * Saves a model, see {@code AutoBitModel.save}.
     *
     * @param model the model; not modified
     * @param folder the folder to write
     * @param form DEPLOYED for ternary weights, TRAIN or EVAL for latent weights
     * @throws IOException if the folder can't be written; an existing model in it is unchanged
     * @throws IllegalArgumentException if the model is deployed and latent weights are requested
     */
    public static void write(BitModel model, Path folder, Mode form) throws IOException {
        if (model.mode() == Mode.DEPLOYED && form != Mode.DEPLOYED) {
            throw new IllegalArgumentException("AutoBitModel.save: the model is deployed and has no latent weights; it "
                    + "can only be saved as DEPLOYED");
        }
        write(model.config(), model.stateDict(form), folder);
    }

    /**
     * Saves a configuration and a state.
     *
     * @param config the configuration of the model
     * @param state the state of the model
     * @param folder the folder to write
     * @throws IOException if the folder can't be written; an existing model in it is unchanged
     */
    public static void write(BitModelConfig<?> config, StateDict state, Path folder) throws IOException {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put(ModelTypes.MODEL_TYPE, config.modelType());
        json.putAll(config.toMap());
        ModelFolder.write(folder, new Contents(json, state));
    }

    /**
     * Loads a model.
     *
     * @param folder a BitLab folder
     * @return the model in evaluation; deployed if its weights are ternary
     * @throws ModelFormatException if a file is damaged, or the kind of model is not known
     * @throws IOException if a file is missing or can't be read
     */
    public static BitModel read(Path folder) throws IOException {
        return ModelFolder.read(folder, contents -> {
            BitModel model = ModelTypes.newModel(contents.config(), folder.toString());
            try {
                model.loadStateDict(contents.state());
                model.eval();
                return model;
            } catch (IllegalArgumentException e) {
                throw new ModelFormatException(folder.toString(), e.getMessage(), e);
            }
        });
    }
}
