package io.bitlab.models.generate;

import io.bitlab.core.tensor.Tensor;
import io.bitlab.models.internal.InEvaluation;
import io.bitlab.models.tokenizer.Tokenizer;
import io.bitlab.models.transformer.BitTransformer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.stream.IntStream;

/**
 * Turns texts into vectors (embeddings), so that texts can be compared, searched and clustered: the pooled hidden
 * states of a language model.
 *
 * {@snippet class="io.bitlab.models.snippets.GenerateSnippets" region="embed"}
 *
 * <p>A model that was trained to predict tokens, not to compare texts, gives vectors that tell topics apart, and not
 * much more.
 *
 * <p>A text has the same vector, to the bit, alone and among others, with any number of threads.
 *
 * <p><b>Thread safety:</b> immutable; threads may share one.
 */
public final class TextEncoder {

    /** Tokens that go through the model at once: enough to keep the kernels busy, few enough to bound the memory. */
    private static final int BATCH_TOKENS = 1024;

    private final BitTransformer model;
    private final Tokenizer tokenizer;
    private final TextPooling pooling;
    private final boolean normalize;
    private final boolean addBos;

    private TextEncoder(Builder builder) {
        this.model = builder.model;
        this.tokenizer = builder.tokenizer;
        this.pooling = builder.pooling;
        this.normalize = builder.normalize;
        this.addBos = builder.addBos;
    }

    /**
     * Starts building an encoder.
     *
     * @param model the language model; must be in evaluation mode when texts are encoded
     * @param tokenizer the tokenizer that the model was trained with
     * @return a builder with the defaults that its methods document
     * @throws IllegalArgumentException if the vocabulary of the tokenizer is larger than that of the model
     */
    public static Builder builder(BitTransformer model, Tokenizer tokenizer) {
        return new Builder(model, tokenizer);
    }

    /**
     * Encodes a text.
     *
     * @param text plain text; special tokens in it are not recognised
     * @return {@link #dimension} numbers, a new array
     * @throws IllegalArgumentException as {@link #encode(List)}
     * @throws IllegalStateException if the model is in training mode
     */
    public float[] encode(String text) {
        return encode(List.of(text)).getFirst();
    }

    /**
     * Encodes texts, several at a time.
     *
     * @param texts plain texts, none allowed; not modified
     * @return a vector of {@link #dimension} numbers for each text, in the order of the texts
     * @throws IllegalArgumentException if a text has more tokens than the model has positions, a character that the
     *     vocabulary lacks, or no token at all
     * @throws IllegalStateException if the model is in training mode
     */
    public List<float[]> encode(List<String> texts) {
        InEvaluation.require("TextEncoder.encode", model);
        int[][] tokens = texts.stream().map(this::tokens).toArray(int[][]::new);
        List<Integer> byLength = IntStream.range(0, tokens.length).boxed()
                .sorted(Comparator.comparingInt(i -> tokens[i].length)).toList();
        float[][] vectors = new float[tokens.length][];
        for (int from = 0; from < tokens.length;) {
            int to = from + 1;
            while (to < tokens.length && (to + 1 - from) * tokens[byLength.get(to)].length <= BATCH_TOKENS) {
                to++;
            }
            encode(tokens, byLength.subList(from, to), vectors);
            from = to;
        }
        return new ArrayList<>(Arrays.asList(vectors));
    }

    /** Encodes the texts of these indices together; the last is the longest. */
    private void encode(int[][] tokens, List<Integer> indices, float[][] vectors) {
        int length = tokens[indices.getLast()].length;
        int[] rows = new int[indices.size() * length]; // padded at the end, where no token of the text looks
        for (int row = 0; row < indices.size(); row++) {
            int[] ids = tokens[indices.get(row)];
            System.arraycopy(ids, 0, rows, row * length, ids.length);
        }
        Tensor hidden = model.hidden(rows, indices.size());
        float[] states = hidden.data();
        for (int row = 0; row < indices.size(); row++) {
            int index = indices.get(row);
            vectors[index] = pooled(states, row * length, tokens[index].length);
        }
    }

    private float[] pooled(float[] states, int first, int count) {
        int size = dimension();
        int from = pooling == TextPooling.MEAN ? first : first + count - 1;
        double[] sum = new double[size];
        for (int position = from; position < first + count; position++) {
            for (int i = 0; i < size; i++) {
                sum[i] += states[position * size + i];
            }
        }
        double divisor = first + count - from;
        if (normalize) {
            double squares = 0;
            for (double value : sum) {
                squares += value * value;
            }
            divisor = squares > 0 ? Math.sqrt(squares) : 1;
        }
        float[] vector = new float[size];
        for (int i = 0; i < size; i++) {
            vector[i] = (float) (sum[i] / divisor);
        }
        return vector;
    }

    /**
     * Counts the tokens that {@link #encode(String)} reads.
     *
     * @param text plain text
     * @return the number of tokens, the beginning-of-text token included if it is added
     * @throws IllegalArgumentException if the vocabulary lacks a character, or the text has no token at all
     */
    public int count(String text) {
        return tokens(text).length;
    }

    private int[] tokens(String text) {
        int[] ids = tokenizer.encode(text);
        if (ids.length == 0 && !addBos) {
            throw new IllegalArgumentException(
                    "TextEncoder: the text is empty, expected at least one token; leave empty texts out");
        }
        if (!addBos) {
            return ids;
        }
        return IntStream.concat(IntStream.of(tokenizer.bos().orElseThrow()), IntStream.of(ids)).toArray();
    }

    /**
     * The size of the vectors.
     *
     * @return the hidden size of the model
     */
    public int dimension() {
        return model.config().hiddenSize();
    }

    @Override
    public String toString() {
        return "TextEncoder(" + dimension() + " numbers, " + pooling + (normalize ? ", of length 1)" : ")");
    }

    /** Collects the settings of a {@link TextEncoder}. For one thread. */
    public static final class Builder {
        private final BitTransformer model;
        private final Tokenizer tokenizer;
        private TextPooling pooling = TextPooling.MEAN;
        private boolean normalize = true;
        private boolean addBos;

        private Builder(BitTransformer model, Tokenizer tokenizer) {
            if (tokenizer.vocabularySize() > model.config().vocabSize()) {
                throw new IllegalArgumentException("TextEncoder: the tokenizer has " + tokenizer.vocabularySize()
                        + " tokens, expected at most " + model.config().vocabSize()
                        + ", those of the model; use the tokenizer that it was trained with");
            }
            this.model = model;
            this.tokenizer = tokenizer;
            this.addBos = tokenizer.addsBos();
        }

        /**
         * Sets how the states of the tokens become one vector.
         *
         * @param value default {@link TextPooling#MEAN}
         * @return this builder
         */
        public Builder pooling(TextPooling value) {
            pooling = Objects.requireNonNull(value, "pooling");
            return this;
        }

        /**
         * Sets whether vectors are scaled to length 1, so that their dot product is the cosine of their angle.
         *
         * @param value default true
         * @return this builder
         */
        public Builder normalize(boolean value) {
            normalize = value;
            return this;
        }

        /**
         * Sets whether the beginning-of-text token is put before each text.
         *
         * @param value default: {@link Tokenizer#addsBos}
         * @return this builder
         * @throws IllegalArgumentException if it is true and the tokenizer has no such token
         */
        public Builder addBos(boolean value) {
            if (value && tokenizer.bos().isEmpty()) {
                throw new IllegalArgumentException(
                        "TextEncoder: addBos is true, expected false: the tokenizer has no beginning-of-text token");
            }
            addBos = value;
            return this;
        }

        /**
         * Builds the encoder.
         *
         * @return the encoder
         */
        public TextEncoder build() {
            return new TextEncoder(this);
        }
    }
}
