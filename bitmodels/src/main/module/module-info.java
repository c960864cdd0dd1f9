/** Whole ternary models: their files, training, text generation. */
module io.bitlab.models {
    requires transitive io.bitlab.layers;
    requires transitive java.desktop; // BufferedImage in signatures
    requires commons.math3;
    requires java.xml;
    requires static jdk.jfr;
    requires static de.siegmar.fastcsv;
    requires static me.tongfei.progressbar;
    requires static xchart; // its jar has no module name of its own
    requires org.slf4j;
    requires tools.jackson.jr.ob;

    exports io.bitlab.models;
    exports io.bitlab.models.detection;
    exports io.bitlab.models.detection.data;
    exports io.bitlab.models.detection.score;
    exports io.bitlab.models.diffusion;
    exports io.bitlab.models.diffusion.score;
    exports io.bitlab.models.generate;
    exports io.bitlab.models.grammar;
    exports io.bitlab.models.image;
    exports io.bitlab.models.internal to io.bitlab.spark;
    exports io.bitlab.models.io;
    exports io.bitlab.models.io.folder;
    exports io.bitlab.models.io.gguf;
    exports io.bitlab.models.io.safetensors;
    exports io.bitlab.models.mlp;
    exports io.bitlab.models.pretrained;
    exports io.bitlab.models.report;
    exports io.bitlab.models.tabular;
    exports io.bitlab.models.tokenizer;
    exports io.bitlab.models.train;
    exports io.bitlab.models.transformer;
    exports io.bitlab.models.vision;

    uses io.bitlab.models.BitModelType;

    provides io.bitlab.models.BitModelType with io.bitlab.models.detection.BitDetectorType,
            io.bitlab.models.diffusion.BitDiTType,
            io.bitlab.models.diffusion.BitUNetType,
            io.bitlab.models.mlp.BitMlpType,
            io.bitlab.models.tabular.BitTabularType,
            io.bitlab.models.transformer.BitTransformerType,
            io.bitlab.models.transformer.BitSequenceClassifierType,
            io.bitlab.models.vision.BitResNetType,
            io.bitlab.models.vision.BitViTType;
}
