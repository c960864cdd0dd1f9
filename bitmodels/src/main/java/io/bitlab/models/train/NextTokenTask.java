package io.bitlab.models.train;

import io.bitlab.core.ops.LinearCrossEntropy;
import io.bitlab.models.transformer.BitTransformer;
import java.util.LinkedHashMap;
import java.util.SequencedMap;

/**
 * Prediction of the next token at each position of a text.
 *
 * @param model the language model
 * @param train the training text
 * @param validationText the validation text, or null
 * @param seed seed of the start positions of the windows
 */
record NextTokenTask(BitTransformer model, TokenDataset train, TokenDataset validationText, long seed)
        implements Task {

    NextTokenTask {
        requireFit(model, train, "training");
        if (validationText != null) {
            requireFit(model, validationText, "validation");
        }
    }

    static void requireFit(BitTransformer model, TokenDataset data, String use) {
        int vocabulary = model.config().vocabSize();
        if (data.largestToken() >= vocabulary) {
            throw new IllegalArgumentException("the " + use + " data holds token " + data.largestToken() + ", but "
                    + "the model knows 0 to " + (vocabulary - 1) + "; take the tokenizer that the model was made for");
        }
        int positions = model.config().maxPositionEmbeddings();
        if (data.context() > positions) {
            throw new IllegalArgumentException("the " + use + " data has a context of " + data.context()
                    + " tokens, but the model sees at most " + positions + "; take a shorter one");
        }
    }

    @Override
    public int samples() {
        return train.samplesPerEpoch();
    }

    @Override
    public int targetsPerEpoch() {
        return train.samplesPerEpoch() * train.context();
    }

    @Override
    public Batch batch(int epoch, int... indices) {
        int context = train.context();
        int[] tokens = new int[indices.length * context];
        int[] targets = new int[tokens.length];
        for (int i = 0; i < indices.length; i++) {
            int start = train.start(seed, epoch, indices[i]);
            train.copy(start, tokens, i * context, context);
            train.copy(start + 1, targets, i * context, context);
        }
        return new Windows(tokens, targets, indices.length);
    }

    private final class Windows implements Batch {
        private final int[] tokens;
        private final int[] targets;
        private final int count;

        Windows(int[] tokens, int[] targets, int count) {
            this.tokens = tokens;
            this.targets = targets;
            this.count = count;
        }

        @Override
        public Loss loss() {
            LinearCrossEntropy.Result result = model.loss(tokens, count, targets);
            return new Loss(result.loss(), result.correct(), targets.length);
        }

        @Override
        public void forward() {
            model.loss(tokens, count, targets);
        }
    }

    @Override
    public Validation validation() {
        return validationText == null ? null : () -> Evaluation.score(model, validationText);
    }

    @Override
    public SequencedMap<String, String> facts() {
        SequencedMap<String, String> facts = new LinkedHashMap<>();
        facts.put("context", Integer.toString(train.context()));
        facts.put("windows an epoch", Integer.toString(train.samplesPerEpoch()));
        facts.put("training tokens", train.toString());
        facts.put("validation tokens", String.valueOf(validationText));
        facts.put("validation context", validationText == null ? "none" : Integer.toString(validationText.context()));
        return facts;
    }

    @Override
    public SequencedMap<String, String> probe(int maxSamples) {
        SequencedMap<String, String> probe = new LinkedHashMap<>();
        probe.put("what the model answers (its loss in the first window)",
                Float.toString(batch(1, 0).loss().mean().item()));
        return probe;
    }
}
