package io.bitlab.models.pretrained;

import io.bitlab.core.ActivationDtype;
import io.bitlab.core.Granularity;
import io.bitlab.core.quant.TernaryMatrix;
import io.bitlab.layers.Layer.Mode;
import io.bitlab.layers.StateDict;
import io.bitlab.models.ExportFormat;
import io.bitlab.models.ExportOptions;
import io.bitlab.models.ExportOptions.Table;
import io.bitlab.models.ExportReport;
import io.bitlab.models.text.Tokenizer;
import io.bitlab.models.transformer.BitTransformer;
import io.bitlab.models.transformer.BitTransformerConfig;
import java.io.IOException;
import java.nio.file.Path;

/** Writes a transformer in a form of {@link ExportFormat}: what the kinds have in common. */
public abstract class TransformerExport {

    final BitTransformerConfig config;
    final StateDict state;
    /** Null if there is none. */
    final Tokenizer tokenizer;
    final Path target;
    final ExportOptions options;
    double scaleError;
    private int written;
    private double tableError;

    TransformerExport(BitTransformer model, Tokenizer tokenizer, Path target, ExportOptions options) {
        this.config = model.config();
        this.state = model.stateDict(Mode.DEPLOYED);
        this.tokenizer = tokenizer;
        this.target = target;
        this.options = options;
    }

    /**
     * Writes a model in its ternary form.
     *
     * @param model in any mode; not modified
     * @param tokenizer its tokenizer; null for none
     * @param target a folder, or a GGUF file
     * @param format how
     * @param options choices
     * @return what was written
     * @throws IOException if it can't be written
     * @throws IllegalArgumentException if the format can't hold the model, or not exactly
     */
    public static ExportReport write(BitTransformer model, Tokenizer tokenizer, Path target, ExportFormat format,
            ExportOptions options) throws IOException {
        if (tokenizer != null && tokenizer.vocabularySize() > model.config().vocabSize()) {
            throw new IllegalArgumentException("export: the tokenizer has " + tokenizer.vocabularySize()
                    + " tokens, the model " + model.config().vocabSize() + "; they don't belong together");
        }
        requireTernary(model.config(), format);
        TransformerExport export = switch (format) {
            case BITLAB -> new BitLabExport(model, tokenizer, target, options);
            case HUGGING_FACE -> new HuggingFaceExport(model, tokenizer, target, options);
            case TQ1_0, TQ2_0, I2_S -> new GgufExport(model, tokenizer, target, format, options);
        };
        return export.write();
    }

    private static void requireTernary(BitTransformerConfig c, ExportFormat format) {
        require(c.quantConfig() != null, format, "the model has float projections (quantization_config is null)",
                "one that was trained with ternary weights; AutoBitModel.save keeps float models");
        if (format != ExportFormat.BITLAB) {
            require(c.quantConfig().activationDtype() == ActivationDtype.INT8
                    && c.quantConfig().activationGranularity() == Granularity.PER_CHANNEL, format,
                    "the model's activations are " + c.quantConfig().activationDtype() + ", "
                            + c.quantConfig().activationGranularity(),
                    "INT8, PER_CHANNEL: others compute with these, whatever the model was trained with");
            require(c.gated(), format, "the feed-forward part has no gate", "one with a gate");
            // others give the norm behind the heads the size of the hidden state
            require(!c.subNorms() || c.numAttentionHeads() * c.headDim() == c.hiddenSize(), format,
                    c.numAttentionHeads() + " heads of " + c.headDim() + " and a hidden size of " + c.hiddenSize()
                            + " with sub-norms",
                    "heads that have the hidden size together; write BITLAB");
        }
    }

    static void require(boolean right, ExportFormat format, String problem, String expected) {
        if (!right) {
            throw new IllegalArgumentException("export as " + format + ": " + problem + ", expected " + expected);
        }
    }

    abstract ExportReport write() throws IOException;

    /** As asked for, or the smaller type that is exact. */
    Table tableType() {
        if (options.table() != null) {
            return options.table();
        }
        for (String name : state.names()) {
            if (isTable(name) && !FloatRows.of(state, name).isBfloat16()) {
                return Table.FLOAT32;
            }
        }
        return Table.BFLOAT16;
    }

    static boolean isTable(String name) {
        return name.equals(TensorNames.EMBEDDING) || name.equals(TensorNames.HEAD);
    }

    StoredTable table(String name, Table type) {
        return new StoredTable(name, FloatRows.of(state, name), type, options.allowRounding());
    }

    /** A tensor is in the file. */
    void written(String name) {
        options.progress().written(name, ++written, state.names().size());
    }

    /** A table is in the file. */
    void written(String name, StoredTable table) {
        tableError = Math.max(tableError, table.largestError());
        written(name);
    }

    double tableError() {
        return tableError;
    }

    /** The one scale of a matrix; null if it has several. */
    static Float commonScale(TernaryMatrix matrix) {
        float[] scales = matrix.scales();
        for (float scale : scales) {
            if (scale != scales[0]) {
                return null;
            }
        }
        return scales[0];
    }
}
