package io.bitlab.models.pretrained;

import io.bitlab.core.embedding.EmbeddingFormat;
import io.bitlab.core.embedding.EmbeddingTable;
import io.bitlab.core.internal.LastResortLogger;
import io.bitlab.core.math.FloatMath;
import io.bitlab.core.parallel.Parallel;
import io.bitlab.core.quant.TernaryMatrix;
import io.bitlab.core.tensor.Tensor;
import io.bitlab.layers.StateDict;
import io.bitlab.models.io.ModelFormatException;
import io.bitlab.models.transformer.BitTransformer;
import io.bitlab.models.transformer.BitTransformerConfig;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import org.slf4j.Logger;

/** Loads one published checkpoint into a {@link BitTransformer}, tensor by tensor. */
final class TransformerLoader {

    private static final Logger LOG = LastResortLogger.of(TransformerLoader.class);

    /** Names that a message lists; a large model has hundreds. */
    private static final int MOST_NAMES = 8;

    private final PublishedCheckpoint checkpoint;
    private final LoadOptions options;
    private final ProjectionQuantizer quantizer;
    private final StateDict state = new StateDict();
    private final List<String> missing = new ArrayList<>();
    private int loaded;

    private TransformerLoader(PublishedCheckpoint checkpoint, LoadOptions options) {
        this.checkpoint = checkpoint;
        this.options = options;
        this.quantizer = new ProjectionQuantizer(checkpoint.isLatent());
    }

    /**
     * Loads a model.
     *
     * @param path a GGUF file or a Hugging Face folder
     * @param options how to load it
     * @return the model, deployed
     * @throws ModelFormatException if a file is damaged, or holds what isn't supported
     * @throws IOException if a file is missing or can't be read
     */
    static BitTransformer load(Path path, LoadOptions options) throws IOException {
        try (PublishedCheckpoint checkpoint = open(path, options)) {
            return new TransformerLoader(checkpoint, options).load();
        } catch (UncheckedIOException e) {
            throw e.getCause();
        } catch (IllegalArgumentException | ArithmeticException e) {
            throw new ModelFormatException(path.toString(), e.getMessage(), e);
        }
    }

    private static PublishedCheckpoint open(Path path, LoadOptions options) throws IOException {
        String name = String.valueOf(path.getFileName());
        if (Files.isRegularFile(path) && (name.endsWith(".safetensors") || name.endsWith(".json"))) {
            throw new ModelFormatException(path.toString(),
                    "is one file of a model; give the folder that contains it");
        }
        return Files.isDirectory(path) ? HuggingFaceCheckpoint.open(path)
                : GgufCheckpoint.open(path, options.i2sLayout());
    }

    private BitTransformer load() throws IOException {
        BitTransformerConfig config = config();
        addAll(config);
        requireComplete();
        BitTransformer model = new BitTransformer(config);
        model.loadStateDict(state);
        model.eval();
        warnIfRounded();
        return model;
    }

    private BitTransformerConfig config() throws ModelFormatException {
        BitTransformerConfig config = checkpoint.config();
        BitTransformerConfig.Builder builder = config.toBuilder().embeddingFormat(embeddingFormat(config));
        if (options.maxPositionEmbeddings() > 0) {
            builder.maxPositionEmbeddings(options.maxPositionEmbeddings());
        }
        return builder.build();
    }

    private EmbeddingFormat embeddingFormat(BitTransformerConfig config) throws ModelFormatException {
        if (options.embeddingFormat() != null) {
            return options.embeddingFormat();
        }
        List<String> tables = config.tieWordEmbeddings() ? List.of(TensorNames.EMBEDDING)
                : List.of(TensorNames.EMBEDDING, TensorNames.HEAD);
        for (String table : tables) {
            if (checkpoint.names().contains(table) && !checkpoint.isBfloat16(table)) {
                return EmbeddingFormat.FLOAT32;
            }
        }
        return EmbeddingFormat.BFLOAT16;
    }

    // ---------------------------------------------------------------- the tensors that the model expects

    private void addAll(BitTransformerConfig c) throws ModelFormatException {
        int hidden = c.hiddenSize();
        int intermediate = c.intermediateSize();
        int queries = Math.multiplyExact(c.numAttentionHeads(), c.headDim());
        int keys = Math.multiplyExact(c.numKeyValueHeads(), c.headDim());
        addTable(TensorNames.EMBEDDING, c);
        for (int i = 0; i < c.numHiddenLayers(); i++) {
            String attention = TensorNames.layer(i) + "self_attn.";
            String feedForward = TensorNames.layer(i) + "mlp.";
            addVector(TensorNames.layer(i) + "input_layernorm.weight", hidden);
            addMatrix(attention + "q_proj.weight", queries, hidden);
            addMatrix(attention + "k_proj.weight", keys, hidden);
            addMatrix(attention + "v_proj.weight", keys, hidden);
            addMatrix(attention + "o_proj.weight", hidden, queries);
            addVector(TensorNames.layer(i) + "post_attention_layernorm.weight", hidden);
            addMatrix(feedForward + "gate_proj.weight", intermediate, hidden);
            addMatrix(feedForward + "up_proj.weight", intermediate, hidden);
            addMatrix(feedForward + "down_proj.weight", hidden, intermediate);
            if (c.subNorms()) {
                addVector(attention + "attn_sub_norm.weight", queries);
                addVector(feedForward + "ffn_sub_norm.weight", intermediate);
            }
        }
        addVector(TensorNames.NORM, hidden);
        if (!c.tieWordEmbeddings()) {
            addTable(TensorNames.HEAD, c);
        }
    }

    private void addVector(String name, int length) throws ModelFormatException {
        add(name, Tensor.class, () -> Tensor.of(floats(name, length), length), length);
    }

    private void addMatrix(String name, int out, int in) throws ModelFormatException {
        add(name, TernaryMatrix.class, () -> matrix(name, out, in), out, in);
    }

    private void addTable(String name, BitTransformerConfig c) throws ModelFormatException {
        int rows = c.vocabSize();
        int columns = c.hiddenSize();
        if (c.embeddingFormat() == EmbeddingFormat.FLOAT32) {
            add(name, Tensor.class, () -> Tensor.of(floats(name, Math.multiplyExact(rows, columns)), rows, columns),
                    rows, columns);
        } else {
            add(name, EmbeddingTable.class, () -> table(name, c.embeddingFormat(), rows, columns), rows, columns);
        }
    }

    /** Reads a tensor when the model needs it. */
    @FunctionalInterface
    private interface Reader<T> {
        T read() throws IOException;
    }

    private <T> void add(String name, Class<T> kind, Reader<T> reader, int... shape) throws ModelFormatException {
        if (!checkpoint.names().contains(name)) {
            missing.add(name);
            return;
        }
        if (!Arrays.equals(checkpoint.shape(name), shape)) {
            throw checkpoint.wrong(name, "shape " + Arrays.toString(checkpoint.shape(name)) + ", expected "
                    + Arrays.toString(shape) + " of the configuration");
        }
        if (kind != TernaryMatrix.class && checkpoint.isTernary(name)) {
            throw checkpoint.wrong(name, "ternary weights, expected floats");
        }
        state.putDeferred(name, kind, shape, () -> {
            try {
                T value = reader.read();
                options.progress().tensorDone(name, ++loaded, state.names().size());
                return value;
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        });
    }

    private void requireComplete() throws ModelFormatException {
        if (!missing.isEmpty()) {
            throw new ModelFormatException(checkpoint.source(), missing.size() + " tensors are missing: "
                    + some(missing) + "; there are " + some(List.copyOf(checkpoint.names())));
        }
        List<String> unused = new ArrayList<>(checkpoint.names());
        unused.removeAll(state.names());
        unused.removeIf(name -> name.endsWith("rotary_emb.inv_freq")); // computed from the configuration instead
        if (unused.stream().anyMatch(name -> name.endsWith(".bias") || name.endsWith("scale"))) {
            throw new ModelFormatException(checkpoint.source(),
                    "has biases or scales that this kind of model can't use, and without them the results would "
                            + "differ: " + some(unused));
        }
        if (!unused.isEmpty()) {
            LOG.warn("{}: {} tensors are not used: {}", checkpoint.source(), unused.size(), some(unused));
        }
    }

    private static String some(List<String> names) {
        return names.size() <= MOST_NAMES ? names.toString()
                : names.subList(0, MOST_NAMES) + " and " + (names.size() - MOST_NAMES) + " more";
    }

    // ---------------------------------------------------------------- reading

    private float[] floats(String name, int length) throws ModelFormatException {
        float[] values = new float[length];
        read(name, 0, values);
        return values;
    }

    private void read(String name, long from, float[] into) throws ModelFormatException {
        checkpoint.floats(name, from, into);
        if (Float.isFinite(FloatMath.get().dot(into, 0, into, 0, into.length))) {
            return; // a finite sum of squares, which is fast to compute, proves that every value is finite
        }
        for (int i = 0; i < into.length; i++) {
            if (!Float.isFinite(into[i])) {
                int[] shape = checkpoint.shape(name);
                int columns = shape[shape.length - 1];
                throw checkpoint.wrong(name, "the value in row " + (from + i) / columns + ", column "
                        + (from + i) % columns + " is " + into[i]
                        + ", expected a finite number; the file is damaged, or training diverged");
            }
        }
    }

    private TernaryMatrix matrix(String name, int out, int in) throws ModelFormatException {
        if (checkpoint.isTernary(name)) {
            return checkpoint.ternary(name);
        }
        return quantizer.quantize(floats(name, Math.multiplyExact(out, in)), out, in);
    }

    /** Row by row, so that the whole table is never in memory as floats. */
    private EmbeddingTable table(String name, EmbeddingFormat format, int rows, int columns)
            throws ModelFormatException {
        EmbeddingTable.Builder builder = EmbeddingTable.builder(format, rows, columns);
        Parallel.current().forRange(rows, EmbeddingTable.BLOCK_ROWS, (long) rows * columns * 2, (from, to) -> {
            float[] row = new float[columns];
            try {
                for (int r = from; r < to; r++) {
                    read(name, (long) r * columns, row);
                    builder.put(r, row, 0);
                }
            } catch (ModelFormatException e) {
                throw new UncheckedIOException(e);
            }
        });
        return builder.build();
    }

    private void warnIfRounded() {
        if (quantizer.rounded() > 0 && !checkpoint.isLatent()) {
            LOG.warn("{}: {} float projections were rounded to ternary weights, with a mean error of {} % of the mean "
                    + "weight. A model that was not trained with ternary weights needs fine-tuning after that",
                    checkpoint.source(), quantizer.rounded(),
                    String.format(Locale.ROOT, "%.1f", 100 * quantizer.relativeError()));
        }
    }
}
