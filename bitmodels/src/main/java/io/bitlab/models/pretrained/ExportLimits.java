package io.bitlab.models.pretrained;

import io.bitlab.core.ActivationDtype;
import io.bitlab.core.Granularity;
import io.bitlab.core.quant.TernaryMatrix;
import io.bitlab.layers.StateDict;
import io.bitlab.models.internal.RoundingError;
import io.bitlab.models.io.gguf.I2sLayout;
import io.bitlab.models.transformer.BitTransformerConfig;
import io.bitlab.models.transformer.HiddenAct;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Why a transformer can't be exported in a format. Most of it follows from the configuration, before training. */
final class ExportLimits {

    private final BitTransformerConfig config;
    private final ExportFormat format;
    private final I2sLayout layout;
    private final List<String> problems = new ArrayList<>();

    private ExportLimits(BitTransformerConfig config, ExportFormat format, I2sLayout layout) {
        this.config = config;
        this.format = format;
        this.layout = layout;
    }

    /** One sentence per problem that models of a configuration have with a format. */
    static List<String> of(BitTransformerConfig config, ExportFormat format) {
        List<String> problems = new ArrayList<>(ofSizes(config, format, I2sLayout.X86));
        if (hasOneScalePerMatrix(format) && config.quantConfig() != null
                && config.quantConfig().weightGranularity() != Granularity.PER_TENSOR) {
            problems.add("weight_granularity is " + config.quantConfig().weightGranularity().jsonName()
                    + ", so each row has a scale, expected per_tensor: the format has one scale per matrix");
        }
        return List.copyOf(problems);
    }

    /**
     * The formats that fit a configuration, and why the others don't; empty if all fit or the projections are float.
     */
    static Optional<String> describe(BitTransformerConfig config) {
        List<String> fitting = new ArrayList<>();
        Map<List<String>, List<String>> others = new LinkedHashMap<>();
        for (ExportFormat format : ExportFormat.values()) {
            List<String> problems = of(config, format);
            (problems.isEmpty() ? fitting : others.computeIfAbsent(problems, _ -> new ArrayList<>()))
                    .add(format.name());
        }
        if (config.quantConfig() == null || others.isEmpty()) {
            return Optional.empty();
        }
        StringBuilder line = new StringBuilder("This model can be exported as ").append(String.join(", ", fitting));
        others.forEach((problems, formats) -> line.append(". Not as ").append(either(formats)).append(": ")
                .append(String.join("; ", problems)));
        return Optional.of(line.toString());
    }

    /** The problems that a model has with a format, whatever its scales are. */
    static List<String> ofSizes(BitTransformerConfig config, ExportFormat format, I2sLayout layout) {
        ExportLimits limits = new ExportLimits(config, format, layout);
        limits.check();
        return limits.problems;
    }

    private void check() {
        if (config.quantConfig() == null) {
            problems.add("the model has float projections (quantization_config is null), expected one that was trained "
                    + "with ternary weights; AutoBitModel.save keeps float models");
            return;
        }
        if (format == ExportFormat.BITLAB) {
            return;
        }
        ActivationDtype dtype = config.quantConfig().activationDtype();
        require(dtype == ActivationDtype.INT8, "the model's activations are " + dtype,
                "INT8: other programs always compute with these");
        require(config.gated(), "the feed-forward part has no gate", "one with a gate");
        // other programs expect the norm after the heads to have the hidden size
        require(!config.subNorms() || queries() == config.hiddenSize(),
                config.numAttentionHeads() + " heads of " + config.headDim() + " and a hidden size of "
                        + config.hiddenSize() + " with sub-norms",
                "heads whose sizes add up to the hidden size");
        if (format == ExportFormat.HUGGING_FACE) {
            requireRows();
        } else {
            requireArchitecture();
            requireColumns();
        }
    }

    private void require(boolean valid, String problem, String expected) {
        if (!valid) {
            problems.add(problem + ", expected " + expected);
        }
    }

    private int queries() {
        return config.numAttentionHeads() * config.headDim();
    }

    private void requireRows() {
        Map<Integer, String> rows = columns();
        rows.putIfAbsent(config.numKeyValueHeads() * config.headDim(), "num_key_value_heads * head_dim");
        rows.forEach((length, size) -> require(length % HuggingFacePacking.BLOCKS == 0,
                size + " is " + length + ": matrices of " + length + " rows",
                "a multiple of " + HuggingFacePacking.BLOCKS + ", because four rows share a byte"));
    }

    private void requireColumns() {
        boolean i2s = format == ExportFormat.I2_S;
        int block = i2s ? layout.blockSize() : format.ggufType().blockSize();
        columns().forEach((length, size) -> require(length % block == 0,
                size + " is " + length + ": rows of " + length + " weights",
                "a multiple of the " + block + (i2s ? " that are packed together" : " that share a scale")));
    }

    /** The row lengths of the matrices, each with the setting that it comes from. */
    private Map<Integer, String> columns() {
        Map<Integer, String> lengths = new LinkedHashMap<>();
        lengths.put(config.hiddenSize(), "hidden_size");
        lengths.putIfAbsent(queries(), "num_attention_heads * head_dim");
        lengths.putIfAbsent(config.intermediateSize(), "intermediate_size");
        return lengths;
    }

    private void requireArchitecture() {
        String architecture = architecture(config);
        require(architecture != null,
                "hidden_act is " + config.hiddenAct().jsonName() + (config.subNorms() ? " with" : " without")
                        + " sub-norms",
                "relu2 with sub-norms (bitnet-b1.58), silu with sub-norms (bitnet) or silu without (llama)");
        require(architecture == null || architecture.equals("llama") || config.tieWordEmbeddings(),
                "a separate output head, with sub-norms",
                "tied word embeddings: " + architecture + " has no separate head");
    }

    /** The name of the architecture in GGUF files; null if there is none for such a model. */
    static String architecture(BitTransformerConfig config) {
        boolean silu = config.hiddenAct() == HiddenAct.SILU;
        if (!config.subNorms()) {
            return silu ? "llama" : null;
        }
        return silu ? "bitnet" : config.hiddenAct() == HiddenAct.RELU2 ? "bitnet-b1.58" : null;
    }

    // ---------------------------------------------------------------- scales

    private static boolean hasOneScalePerMatrix(ExportFormat format) {
        return format == ExportFormat.HUGGING_FACE || format == ExportFormat.I2_S;
    }

    /** The problem of the first matrix whose scales the format can't hold. */
    static Optional<String> ofScales(StateDict state, ExportFormat format, boolean allowRounding) {
        if (format == ExportFormat.BITLAB) {
            return Optional.empty();
        }
        return state.names().stream().filter(state::isTernary)
                .map(name -> ofScales("tensor '" + name + "' has ", state.ternary(name), format, allowRounding))
                .flatMap(Optional::stream).findFirst();
    }

    private static Optional<String> ofScales(String has, TernaryMatrix matrix, ExportFormat format,
            boolean allowRounding) {
        if (hasOneScalePerMatrix(format)) {
            return commonScale(matrix) != null ? Optional.empty() : Optional.of(has + matrix.scales().length
                    + " scales, expected one: the format has one scale per matrix");
        }
        int block = format.ggufType().blockSize();
        if (matrix.blocks() > 1 && matrix.blockColumns() % block != 0) {
            return Optional.of(has + "a scale for each " + matrix.blockColumns() + " columns, expected one for each "
                    + block);
        }
        for (int row = 0; row < matrix.outFeatures(); row++) {
            for (int i = 0; i < matrix.blocks(); i++) {
                float scale = matrix.scale(row, i);
                float stored = Float.float16ToFloat(Float.floatToFloat16(scale));
                boolean lost = stored == 0 || Float.isInfinite(stored);
                if (stored != scale && (lost || !allowRounding) && !isZero(matrix, row, i)) {
                    return Optional.of(has + "the scale " + scale + " in row " + row
                            + ", which is no F16 number, the nearest is " + stored + (lost ? ""
                                    : "; allow rounding, with a relative error of "
                                            + RoundingError.relative(scale, stored)));
                }
            }
        }
        return Optional.empty();
    }

    /** Whether all weights of a scale are 0, so that the scale is not written. */
    private static boolean isZero(TernaryMatrix matrix, int row, int block) {
        byte[] trits = new byte[matrix.inFeatures()];
        matrix.unpackRow(row, trits, 0);
        int end = Math.min(trits.length, (block + 1) * matrix.blockColumns());
        for (int i = block * matrix.blockColumns(); i < end; i++) {
            if (trits[i] != 0) {
                return false;
            }
        }
        return true;
    }

    /** The only scale of a matrix; null if it has several. */
    static Float commonScale(TernaryMatrix matrix) {
        float[] scales = matrix.scales();
        for (float scale : scales) {
            if (scale != scales[0]) {
                return null;
            }
        }
        return scales[0];
    }

    // ---------------------------------------------------------------- other formats

    /** The end of a refusal: the formats that can hold this model. */
    static String remedy(BitTransformerConfig config, StateDict state, I2sLayout layout, ExportFormat refused) {
        List<String> exact = new ArrayList<>();
        List<String> rounded = new ArrayList<>();
        for (ExportFormat other : ExportFormat.values()) {
            if (other != refused && ofSizes(config, other, layout).isEmpty()) {
                if (ofScales(state, other, false).isEmpty()) {
                    exact.add(other.name());
                } else if (ofScales(state, other, true).isEmpty()) {
                    rounded.add(other.name());
                }
            }
        }
        return (exact.isEmpty() ? "" : "; write " + either(exact))
                + (rounded.isEmpty() ? "" : "; or, with rounding, " + either(rounded));
    }

    private static String either(List<String> names) {
        int last = names.size() - 1;
        return last == 0 ? names.get(0) : String.join(", ", names.subList(0, last)) + " or " + names.get(last);
    }
}
