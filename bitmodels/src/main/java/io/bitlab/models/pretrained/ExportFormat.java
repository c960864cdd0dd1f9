package io.bitlab.models.pretrained;

import io.bitlab.core.embedding.EmbeddingFormat;
import io.bitlab.models.AutoBitModel;
import io.bitlab.models.io.gguf.GgufType;
import io.bitlab.models.transformer.BitTransformerConfig;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/** A form in which {@link AutoBitModel#export} writes a transformer. */
public enum ExportFormat {
    /** The library's own folder, deployed: any scales, any table. */
    BITLAB(null),
    /**
     * A folder that Hugging Face's transformers read, with packed weights ({@code autobitlinear}): a scale a matrix.
     */
    HUGGING_FACE(null),
    /** A GGUF file of 1.6875 bits a weight: an F16 scale for each 256 columns, so rows are multiples of 256. */
    TQ1_0(GgufType.TQ1_0),
    /** A GGUF file of 2.0625 bits a weight, the same but faster to unpack. */
    TQ2_0(GgufType.TQ2_0),
    /** A GGUF file of 2 bits a weight for bitnet.cpp: an F32 scale a matrix. */
    I2_S(GgufType.I2_S);

    private final GgufType type;

    ExportFormat(GgufType type) {
        this.type = type;
    }

    /**
     * What keeps models of a configuration from being exported in this format; ask before a model is trained. Trained
     * scales are hardly ever F16 numbers, so TQ1_0 and TQ2_0 need {@linkplain ExportOptions#withRounding rounding} even
     * where there is no problem. For I2_S this assumes the default layout, X86, whose rows are multiples of 128; in the
     * ARM layout they are multiples of 64.
     *
     * @param config sizes and choices
     * @return a sentence for each problem, with the value and what was expected; empty if the format fits
     */
    public List<String> problems(BitTransformerConfig config) {
        return ExportLimits.of(config, this);
    }

    /**
     * The formats in which models of a configuration can be exported.
     *
     * @param config sizes and choices
     * @return those without {@linkplain #problems problems}; empty if the projections are float
     */
    public static List<ExportFormat> fitting(BitTransformerConfig config) {
        return Stream.of(values()).filter(format -> format.problems(config).isEmpty()).toList();
    }

    /** How embedding and head can be stored in this format. */
    Set<EmbeddingFormat> embeddingFormats() {
        return switch (this) {
            case BITLAB -> EnumSet.complementOf(EnumSet.of(EmbeddingFormat.FLOAT16));
            case HUGGING_FACE -> EnumSet.of(EmbeddingFormat.FLOAT32, EmbeddingFormat.BFLOAT16,
                    EmbeddingFormat.FLOAT16);
            case TQ1_0, TQ2_0, I2_S -> EnumSet.complementOf(EnumSet.of(EmbeddingFormat.NF4));
        };
    }

    /**
     * Whether this is one file, not a folder.
     *
     * @return true for the formats in GGUF files
     */
    public boolean isGguf() {
        return type != null;
    }

    /**
     * The type of the projections in a GGUF file.
     *
     * @return the type; null if this is a folder
     */
    public GgufType ggufType() {
        return type;
    }
}
