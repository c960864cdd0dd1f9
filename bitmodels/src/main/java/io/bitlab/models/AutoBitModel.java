package io.bitlab.models;

import io.bitlab.core.internal.LastResortLogger;
import io.bitlab.layers.Layer;
import io.bitlab.models.auto.ModelTypes;
import io.bitlab.models.auto.SavedModel;
import io.bitlab.models.internal.ModelEvents;
import io.bitlab.models.internal.Uninterrupted;
import io.bitlab.models.io.Json;
import io.bitlab.models.io.ModelFormatException;
import io.bitlab.models.pretrained.ExportFormat;
import io.bitlab.models.pretrained.ExportOptions;
import io.bitlab.models.pretrained.ExportReport;
import io.bitlab.models.pretrained.LoadOptions;
import io.bitlab.models.pretrained.PretrainedTransformer;
import io.bitlab.models.tokenizer.Tokenizer;
import io.bitlab.models.transformer.BitTransformer;
import io.bitlab.models.transformer.BitTransformerConfig;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import org.slf4j.Logger;

/**
 * Builds models from configurations, saves them, exports them, and loads whatever kind of model a folder or file holds.
 *
 * {@snippet class="io.bitlab.models.snippets.ModelsSnippets" region="save"}
 *
 * <p>An interrupt of the calling thread neither stops nor fails a method; the interrupt status is kept.
 *
 * <p><b>Thread safety:</b> any number of threads may call these methods, with different models and folders.
 */
public final class AutoBitModel {

    private static final Logger LOG = LastResortLogger.of(AutoBitModel.class);

    private AutoBitModel() {
    }

    // ---------------------------------------------------------------- building

    /**
     * Builds a model with the initial values of seed 0. For a transformer that not all formats can hold, a log line of
     * level INFO says in which it can be {@linkplain #export exported}, and why not in the others, see
     * {@link ExportFormat#problems}.
     *
     * @param <M> the kind of model
     * @param config its configuration
     * @return a new model in training
     */
    public static <M extends BitModel> M fromConfig(BitModelConfig<M> config) {
        logExportFormats(config);
        return config.newModel();
    }

    /** Now, because training may take days. */
    private static void logExportFormats(BitModelConfig<?> config) {
        if (LOG.isInfoEnabled() && config instanceof BitTransformerConfig transformer) {
            ExportFormat.describe(transformer).ifPresent(LOG::info);
        }
    }

    /**
     * Builds a model with the initial values of a seed.
     *
     * @param <M> the kind of model
     * @param config its configuration
     * @param seed the same seed and configuration give the same model on every machine
     * @return a new model in training
     */
    public static <M extends BitModel> M fromConfig(BitModelConfig<M> config, long seed) {
        M model = fromConfig(config);
        model.initialize(seed);
        return model;
    }

    /**
     * Builds the model that a JSON configuration describes, with the initial values of seed 0.
     *
     * @param json an object with {@code model_type}, like the {@code config.json} of a BitLab folder
     * @return a new model in training
     * @throws ModelFormatException if it isn't such an object, or the kind of model is not known
     */
    public static BitModel fromConfig(String json) throws ModelFormatException {
        return fromConfig(Json.parse(json, "configuration"), "configuration");
    }

    /**
     * Builds the model that a JSON file describes, with the initial values of seed 0.
     *
     * @param file a file with an object as for {@link #fromConfig(String)}
     * @return a new model in training
     * @throws ModelFormatException if it isn't such a file, or the kind of model is not known
     * @throws IOException if it can't be read
     */
    public static BitModel fromConfig(Path file) throws IOException {
        return fromConfig(Json.read(file), file.toString());
    }

    private static BitModel fromConfig(Map<String, Object> json, String source) throws ModelFormatException {
        BitModel model = ModelTypes.newModel(json, source);
        logExportFormats(model.config());
        return model;
    }

    // ---------------------------------------------------------------- saving and exporting

    /**
     * Saves a model in its current form: latent float weights in training and evaluation, ternary weights when
     * deployed.
     *
     * @param model the model; not modified
     * @param folder the folder to write; created if it doesn't exist. A model in it is replaced as a whole or, if
     *     anything fails, not at all
     * @throws IOException if the folder can't be written; an existing model in it is unchanged
     */
    public static void save(BitModel model, Path folder) throws IOException {
        save(model, folder, model.mode());
    }

    /**
     * Saves a model in a given form.
     *
     * @param model the model; not modified, its mode does not change
     * @param folder the folder to write, as for {@link #save(BitModel, Path)}
     * @param form DEPLOYED for ternary weights of 1.6 bits, TRAIN or EVAL for latent float weights
     * @throws IOException if the folder can't be written; an existing model in it is unchanged
     * @throws IllegalArgumentException if the model is deployed and latent weights are requested
     */
    public static void save(BitModel model, Path folder, Layer.Mode form) throws IOException {
        SavedModel.write(model, folder, form);
    }

    /**
     * Exports a transformer exactly, or not at all, see
     * {@link #export(BitTransformer, Tokenizer, Path, ExportFormat, ExportOptions)}.
     *
     * @param model in any mode; not modified
     * @param tokenizer its tokenizer; null for none
     * @param target a folder, which is created if it doesn't exist, or a GGUF file
     * @param format the format to write
     * @return what was written
     * @throws IOException if it can't be written
     * @throws IllegalStateException if the tokenizer can't be written, as its merges have equal scores
     * @throws IllegalArgumentException if the format can't hold the model exactly; the message says why, and which
     *     formats can
     */
    public static ExportReport export(BitTransformer model, Tokenizer tokenizer, Path target, ExportFormat format)
            throws IOException {
        return export(model, tokenizer, target, format, ExportOptions.defaults());
    }

    /**
     * Exports a transformer with ternary weights, for other programs or for {@link #load}. Each file is replaced as a
     * whole or not at all, the model's first. While encoding, only one tensor is in memory in addition to the model.
     *
     * {@snippet class="io.bitlab.models.snippets.ModelsSnippets" region="export"}
     *
     * <p>In a folder, the tokenizer becomes {@code tokenizer.json}. A GGUF file holds it in its metadata if it is a
     * byte-pair encoding that GGUF has a name for; otherwise it is written {@linkplain
     * io.bitlab.models.tokenizer.Tokenizers#beside beside} the file.
     *
     * @param model in any mode; not modified
     * @param tokenizer its tokenizer; null for none
     * @param target a folder, which is created if it doesn't exist, or a GGUF file
     * @param format the format to write
     * @param options how to write it
     * @return what was written, and the rounding errors
     * @throws IOException if it can't be written
     * @throws IllegalStateException if the tokenizer can't be written, as its merges have equal scores
     * @throws IllegalArgumentException if the format can't hold the model, or not exactly and rounding is not allowed;
     *     the message says why, and which formats can
     */
    public static ExportReport export(BitTransformer model, Tokenizer tokenizer, Path target, ExportFormat format,
            ExportOptions options) throws IOException {
        return PretrainedTransformer.export(model, tokenizer, target, format, options);
    }

    // ---------------------------------------------------------------- loading

    /**
     * Loads a model with default options, see {@link #load(Path, LoadOptions)}.
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
     * <li>a BitLab folder, written by {@link #save};
     * <li>a Hugging Face folder with {@code config.json} (BitNetForCausalLM or LlamaForCausalLM) and safetensors files;
     * <li>a GGUF file (architecture bitnet-b1.58, bitnet-25, bitnet or llama).
     * </ul>
     * The last two become a {@link BitTransformer}. Float projections are rounded to ternary weights; unless the model
     * was trained with this rounding, a warning gives its error. All files are closed when this returns. While loading,
     * only the largest tensor is in memory in addition to the model.
     *
     * @param path a folder or a GGUF file
     * @param options how to load it
     * @return the model in evaluation; deployed if its weights are ternary
     * @throws ModelFormatException if a file is damaged, or holds what isn't supported
     * @throws IOException if a file is missing or can't be read
     */
    public static BitModel load(Path path, LoadOptions options) throws IOException {
        long start = System.nanoTime();
        BitModel model = Uninterrupted.call(() -> PretrainedTransformer.isPublished(path)
                ? PretrainedTransformer.load(path, options) : SavedModel.read(path));
        ModelEvents.loaded(path, model.config().modelType(), System.nanoTime() - start);
        return model;
    }

    /**
     * Loads a model of a known kind with default options.
     *
     * @param <M> the kind of model
     * @param path a folder or a GGUF file
     * @param kind its class
     * @return the model in evaluation; deployed if its weights are ternary
     * @throws ModelFormatException if it is another kind of model, or a file is damaged
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
     * @param options how to load it
     * @return the model in evaluation; deployed if its weights are ternary
     * @throws ModelFormatException if it is another kind of model, or a file is damaged
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
