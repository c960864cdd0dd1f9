package io.bitlab.models.snippets;

import io.bitlab.core.embedding.EmbeddingFormat;
import io.bitlab.models.AutoBitModel;
import io.bitlab.models.BitModel;
import io.bitlab.models.mlp.BitMlp;
import io.bitlab.models.mlp.BitMlpConfig;
import io.bitlab.models.pretrained.ExportFormat;
import io.bitlab.models.pretrained.ExportOptions;
import io.bitlab.models.pretrained.ExportReport;
import io.bitlab.models.pretrained.LoadOptions;
import io.bitlab.models.pretrained.ModelDifference;
import io.bitlab.models.tokenizer.Tokenizer;
import io.bitlab.models.transformer.BitTransformer;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/** Snippets of the Javadoc in {@code io.bitlab.models} and {@code io.bitlab.models.pretrained}. */
final class ModelsSnippets {

    private ModelsSnippets() {
    }

    static BitModel save() throws IOException {
        // @start region="save"
        BitMlp model = AutoBitModel.fromConfig(
                BitMlpConfig.builder().inChannels(64).outChannels(10).build(), 42); // seed
        // ... train ...
        model.deploy();
        AutoBitModel.save(model, Path.of("digits"));
        BitModel loaded = AutoBitModel.load(Path.of("digits")); // in evaluation, with the same weights
        // @end
        return loaded;
    }

    static BitTransformer load() throws IOException {
        // @start region="load"
        LoadOptions options = LoadOptions.defaults()
                .withEmbeddingFormat(EmbeddingFormat.INT8)
                .withProgress((tensor, done, total) -> System.out.println(done + "/" + total + " " + tensor));
        BitTransformer model = AutoBitModel.load(Path.of("model.gguf"), BitTransformer.class, options);
        // @end
        return model;
    }

    static long export(BitTransformer model, Tokenizer tokenizer) throws IOException {
        // @start region="export"
        List<ExportFormat> exact = ExportFormat.fitting(model.config()); // formats that can hold the model
        ExportReport report = AutoBitModel.export(model, tokenizer, Path.of("model.gguf"), ExportFormat.TQ2_0,
                ExportOptions.defaults().withRounding(true));
        double error = report.scaleError(); // the largest relative error of a scale
        // @end
        return exact.size() + report.bytes() + Math.round(error);
    }

    static boolean difference(BitTransformer model) throws IOException {
        // @start region="difference"
        BitTransformer copy = AutoBitModel.load(Path.of("model.gguf"), BitTransformer.class);
        ModelDifference difference = ModelDifference.between(model, copy);
        boolean exact = difference.isNone();
        // @end
        return exact;
    }
}
