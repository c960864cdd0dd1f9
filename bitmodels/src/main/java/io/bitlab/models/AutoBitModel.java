package io.bitlab.models;

import io.bitlab.core.internal.LastResortLogger;
import io.bitlab.layers.Layer;
import io.bitlab.models.auto.ModelTypes;
import io.bitlab.models.io.Json;
import io.bitlab.models.io.ModelFormatException;
import io.bitlab.models.io.Uninterrupted;
import io.bitlab.models.io.folder.ModelFolder;
import io.bitlab.models.io.folder.ModelFolder.Contents;
import io.bitlab.models.pretrained.ExportFormat;
import io.bitlab.models.pretrained.ExportLimits;
import io.bitlab.models.pretrained.ExportOptions;
import io.bitlab.models.pretrained.ExportReport;
import io.bitlab.models.pretrained.LoadOptions;
import io.bitlab.models.pretrained.PretrainedTransformer;
import io.bitlab.models.pretrained.TransformerExport;
import io.bitlab.models.tokenizer.Tokenizer;
import io.bitlab.models.transformer.BitTransformer;
import io.bitlab.models.transformer.BitTransformerConfig;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import org.slf4j.Logger;

/** Makes models from configurations, saves them to a folder and loads whatever kind of model a folder or file holds. */
public final class AutoBitModel {

    private static final Logger LOG = LastResortLogger.of(AutoBitModel.class);
    private static final String MODEL_TYPE = "model_type";

    private AutoBitModel() {
    }

    /**
     * Builds a model with the initial values of seed 0. One line in the log, of level INFO, says in which formats a
     * transformer can't be {@linkplain #export exported}, and why: {@link ExportFormat#problems}.
     *
     * @param <M> the kind of model
     * @param config its configuration
     * @return a new model in training
     */
    public static <M extends BitModel> M fromConfig(BitModelConfig<M> config) {
        logExports(config);
        return config.newModel();
    }

    /** Before training, which may take days. */
    private static void logExports(BitModelConfig<?> config) {
        if (LOG.isInfoEnabled() && config instanceof BitTransformerConfig transformer) {
            ExportLimits.describe(transformer).ifPresent(LOG::info);
        }
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
        M model = fromConfig(config);
        model.initialize(seed);
        return model;
    }

    /**
     * Builds the model that a configuration in JSON describes, with the initial values of seed 0.
     *
     * @param json an object with {@code model_type}, as in a model folder's {@code config.json}
     * @return a new model in training
     * @throws ModelFormatException if it isn't such an object, or the kind of model is not known
     */
    public static BitModel fromConfig(String json) throws ModelFormatException {
        return fromConfig(Json.parse(json, "configuration"), "configuration");
    }

    /**
     * Builds the model that a configuration file describes, with the initial values of seed 0.
     *
     * @param file a JSON file, as a model folder's {@code config.json}
     * @return a new model in training
     * @throws ModelFormatException if it isn't such a file, or the kind of model is not known
     * @throws IOException if it can't be read
     */
    public static BitModel fromConfig(Path file) throws IOException {
        return fromConfig(Json.read(file), file.toString());
    }

    private static BitModel fromConfig(Map<String, Object> json, String source) throws ModelFormatException {
        BitModel model = newModel(json, source);
        logExports(model.config());
        return model;
    }

    private static BitModel newModel(Map<String, Object> config, String source) throws ModelFormatException {
        Map<String, Object> members = new LinkedHashMap<>(config);
        Object modelType = members.remove(MODEL_TYPE);
        BitModelType type = ModelTypes.named(modelType, source);
        try {
            return type.readConfig(members).newModel();
        } catch (IllegalArgumentException e) {
            throw new ModelFormatException(source, e.getMessage(), e);
        }
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
        Map<String, Object> config = new LinkedHashMap<>();
        config.put(MODEL_TYPE, model.config().modelType());
        config.putAll(model.config().toMap());
        ModelFolder.write(folder, new Contents(config, model.stateDict(form)));
    }

    /**
     * Writes a transformer exactly, or not at all, see
     * {@link #export(BitTransformer, Tokenizer, Path, ExportFormat, ExportOptions)}.
     *
     * @param model in any mode; not modified
     * @param tokenizer its tokenizer; null for none
     * @param target a folder, which is made if it doesn't exist, or a GGUF file
     * @param format how
     * @return what was written
     * @throws IOException if it can't be written
     * @throws IllegalArgumentException if the format can't hold the model exactly; the message says why, and what can
     */
    public static ExportReport export(BitTransformer model, Tokenizer tokenizer, Path target, ExportFormat format)
            throws IOException {
        return export(model, tokenizer, target, format, ExportOptions.defaults());
    }

    /**
     * Writes a transformer in its ternary form for other programs, or for {@link #load}. Files are replaced as a whole
     * or not at all, the model's first. Encoded, one tensor is in memory at a time.
     *
     * <p>The tokenizer becomes a {@code tokenizer.json} in a folder. A GGUF file has it in its metadata if it is a
     * byte-pair encoding that GGUF has a name for; else it stands {@linkplain
     * io.bitlab.models.tokenizer.Tokenizers#beside beside} the file.
     *
     * @param model in any mode; not modified
     * @param tokenizer its tokenizer; null for none
     * @param target a folder, which is made if it doesn't exist, or a GGUF file
     * @param format how
     * @param options choices
     * @return what was written, and what rounding lost
     * @throws IOException if it can't be written
     * @throws IllegalArgumentException if the format can't hold the model, or not exactly and rounding is not allowed;
     *     the message says why, and what can
     */
    public static ExportReport export(BitTransformer model, Tokenizer tokenizer, Path target, ExportFormat format,
            ExportOptions options) throws IOException {
        return Uninterrupted.call(() -> TransformerExport.write(model, tokenizer, target, format, options));
    }

    /**
     * Loads a model as the files have it, see {@link #load(Path, LoadOptions)}.
     *
     * @param path a folder or a GGUF file
     * @return the model in evaluation; deployed if its weights are ternary
     * @throws ModelFormatException if a file is damaged, or the kind of model is not known
     * @throws IOException if a file is missing or can't be read
     */
    public static BitModel load(Path path) throws IOException {
        return load(path, LoadOptions.defaults());
    }

    /**
     * Loads a model from
     * <ul>
     * <li>a folder that {@link #save} wrote;
     * <li>a Hugging Face folder, with {@code config.json} (BitNetForCausalLM or LlamaForCausalLM) and safetensors
     * files;
     * <li>a GGUF file (architecture bitnet-b1.58, bitnet-25, bitnet or llama).
     * </ul>
     * The latter two become a {@link io.bitlab.models.transformer.BitTransformer}. Float projections are rounded to
     * ternary weights; unless the model rounds them itself, a warning says what that costs. All files are closed when
     * this returns. Besides the model, the largest tensor is in memory.
     *
     * @param path a folder or a GGUF file
     * @param options choices
     * @return the model in evaluation; deployed if its weights are ternary
     * @throws ModelFormatException if a file is damaged, or holds what isn't supported
     * @throws IOException if a file is missing or can't be read
     */
    public static BitModel load(Path path, LoadOptions options) throws IOException {
        return Uninterrupted.call(() -> PretrainedTransformer.isPublished(path)
                ? PretrainedTransformer.load(path, options) : loadOwn(path));
    }

    private static BitModel loadOwn(Path folder) throws IOException {
        return ModelFolder.read(folder, contents -> {
            BitModel model = newModel(contents.config(), folder.toString());
            try {
                model.loadStateDict(contents.state());
                model.eval();
                return model;
            } catch (IllegalArgumentException e) {
                throw new ModelFormatException(folder.toString(), e.getMessage(), e);
            }
        });
    }

    /**
     * Loads a model of a known kind, as the files have it.
     *
     * @param <M> the kind of model
     * @param path a folder or a GGUF file
     * @param kind its class
     * @return the model in evaluation
     * @throws ModelFormatException if there is another kind of model, or a file is damaged
     * @throws IOException if a file is missing or can't be read
     */
    public static <M extends BitModel> M load(Path path, Class<M> kind) throws IOException {
        return load(path, kind, LoadOptions.defaults());
    }

    /**
     * Loads a model of a known kind.
     *
     * @param <M> the kind of model
     * @param path a folder or a GGUF file, see {@link #load(Path, LoadOptions)}
     * @param kind its class
     * @param options choices
     * @return the model in evaluation
     * @throws ModelFormatException if there is another kind of model, or a file is damaged
     * @throws IOException if a file is missing or can't be read
     */
    public static <M extends BitModel> M load(Path path, Class<M> kind, LoadOptions options) throws IOException {
        BitModel model = load(path, options);
        if (!kind.isInstance(model)) {
            throw new ModelFormatException(path.toString(), "holds a " + model.getClass().getName() + " (model_type '"
                    + model.config().modelType() + "'), expected a " + kind.getName());
        }
        return kind.cast(model);
    }
}
