package io.bitlab.models;

import io.bitlab.models.io.gguf.GgufType;

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
