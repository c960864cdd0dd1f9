package io.bitlab.models.pretrained;

import io.bitlab.core.embedding.EmbeddingFormat;
import io.bitlab.core.embedding.EmbeddingTable;
import io.bitlab.core.tensor.Tensor;
import io.bitlab.layers.StateDict;
import io.bitlab.models.auto.SavedModel;
import io.bitlab.models.internal.RoundingError;
import io.bitlab.models.io.folder.ModelFolder;
import io.bitlab.models.tokenizer.Tokenizer;
import io.bitlab.models.tokenizer.Tokenizers;
import io.bitlab.models.transformer.BitTransformer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Writes a BitLab folder, with embedding and head in the requested format. */
final class BitLabExport extends TransformerExport {

    BitLabExport(BitTransformer model, Tokenizer tokenizer, Path target, ExportOptions options) {
        super(model, tokenizer, target, ExportFormat.BITLAB, options);
    }

    @Override
    ExportReport write() throws IOException {
        EmbeddingFormat format = embeddingFormat();
        StateDict written = new StateDict();
        for (String name : state.names()) {
            if (state.isTernary(name)) {
                written.put(name, state.ternary(name));
            } else if (isEmbedding(name) && format != config.embeddingFormat()) {
                putTable(written, name, format);
            } else if (state.isEmbeddingTable(name)) {
                written.put(name, state.embeddingTable(name));
            } else {
                written.put(name, state.tensor(name));
            }
        }
        createFolder(Tokenizers.FILE);
        SavedModel.write(config.withEmbeddingFormat(format), written, target);
        written.names().forEach(this::written);
        Path tokenizerFile = target.resolve(Tokenizers.FILE);
        if (tokenizer != null) {
            Tokenizers.write(tokenizer, tokenizerFile);
        }
        writeChatTemplate();
        Path file = target.resolve(ModelFolder.MODEL_FILE);
        return new ExportReport(file, Files.size(file), tokenizer == null ? null : tokenizerFile, 0,
                embeddingError.largest());
    }

    @Override
    EmbeddingFormat embeddingFormat() {
        return options.embeddingFormat() == null ? config.embeddingFormat() : options.embeddingFormat();
    }

    private void putTable(StateDict written, String name, EmbeddingFormat format) {
        FloatRows source = FloatRows.of(state, name);
        int columns = source.columns();
        float[] row = new float[columns];
        if (format == EmbeddingFormat.FLOAT32) {
            float[] values = new float[Math.multiplyExact(source.rows(), columns)];
            for (int r = 0; r < source.rows(); r++) {
                source.row(r, row);
                System.arraycopy(row, 0, values, r * columns, columns);
            }
            written.put(name, Tensor.of(values, source.rows(), columns));
            return;
        }
        EmbeddingTable.Builder builder = EmbeddingTable.builder(format, source.rows(), columns);
        for (int r = 0; r < source.rows(); r++) {
            source.row(r, row);
            builder.put(r, row, 0);
        }
        EmbeddingTable table = builder.build();
        measure(name, source, table);
        written.put(name, table);
    }

    private void measure(String name, FloatRows source, EmbeddingTable table) {
        float[] row = new float[source.columns()];
        float[] stored = new float[source.columns()];
        for (int r = 0; r < source.rows(); r++) {
            source.row(r, row);
            table.row(r, stored, 0);
            double error = RoundingError.ofRow(row, stored);
            if (error > 0 && !options.allowRounding()) {
                throw new IllegalArgumentException("tensor '" + name + "': row " + r + " would have an error of "
                        + error + " of its largest value as " + table.format()
                        + "; write embedding and head as FLOAT32, or allow"
                        + " rounding");
            }
            embeddingError.add(error);
        }
    }
}
