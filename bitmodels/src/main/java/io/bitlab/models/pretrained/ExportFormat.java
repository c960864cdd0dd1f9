package io.bitlab.models.pretrained;

import io.bitlab.core.embedding.EmbeddingFormat;
import io.bitlab.models.AutoBitModel;
import io.bitlab.models.io.gguf.GgufType;
import io.bitlab.models.transformer.BitTransformerConfig;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/**
 * A file format in which {@link AutoBitModel#export} writes a transformer.
 *
 * {@snippet class="io.bitlab.models.snippets.ModelsSnippets" region="export"}
 */
public enum ExportFormat {
    /** A BitLab folder with ternary weights. Holds every model exactly. */
    BITLAB(null),
    /** A folder for Hugging Face's transformers: packed weights ({@code autobitlinear}) with one scale per matrix. */
    HUGGING_FACE(null),
    /** A GGUF file of 1.6875 bits per weight, with an F16 scale per 256 columns; rows must be multiples of 256. */
    TQ1_0(GgufType.TQ1_0),
    /** A GGUF file of 2.0625 bits per weight; like {@link #TQ1_0}, but faster to unpack. */
    TQ2_0(GgufType.TQ2_0),
    /** A GGUF file of 2 bits per weight for bitnet.cpp, with one F32 scale per matrix. */
    I2_S(GgufType.I2_S);

    private final GgufType type;

    ExportFormat(GgufType type) {
        this.type = type;
    }

    /**
     * The reasons why models of a configuration can't be exported in this format. Check before training. Even without
     * problems, TQ1_0 and TQ2_0 need {@linkplain ExportOptions#withRounding rounding}, because trained scales are
     * hardly ever F16 numbers. For I2_S this assumes the default layout X86, which needs rows of multiples of 128; the
     * layout ARM needs multiples of 64.
     *
     * @param config sizes and choices
     * @return one sentence per problem, with the value and what was expected; empty if the format fits
     */
    public List<String> problems(BitTransformerConfig config) {
        return ExportLimits.of(config, this);
    }

    /**
     * The formats in which models of a configuration can be exported.
     *
     * @param config sizes and choices
     * @return the formats without {@linkplain #problems problems}; empty if the projections are float
     */
    public static List<ExportFormat> fitting(BitTransformerConfig config) {
        return Stream.of(values()).filter(format -> format.problems(config).isEmpty()).toList();
    }

    /**
     * One line about the formats that models of a configuration don't fit.
     *
     * @param config sizes and choices
     * @return the formats that fit, and for each other one why it doesn't; empty if all fit, or if the projections are
     *     float
     */
    public static Optional<String> describe(BitTransformerConfig config) {
        return ExportLimits.describe(config);
    }

    /** The formats in which embedding and head can be stored. */
    Set<EmbeddingFormat> embeddingFormats() {
        return switch (this) {
            case BITLAB -> EnumSet.complementOf(EnumSet.of(EmbeddingFormat.FLOAT16));
            case HUGGING_FACE -> EnumSet.of(EmbeddingFormat.FLOAT32, EmbeddingFormat.BFLOAT16,
                    EmbeddingFormat.FLOAT16);
            case TQ1_0, TQ2_0, I2_S -> EnumSet.complementOf(EnumSet.of(EmbeddingFormat.NF4));
        };
    }

    /**
     * Whether this format is a GGUF file.
     *
     * @return false for folders
     */
    public boolean isGguf() {
        return type != null;
    }

    /**
     * The type of the projections in a GGUF file.
     *
     * @return the type; null for folders
     */
    public GgufType ggufType() {
        return type;
    }
}
