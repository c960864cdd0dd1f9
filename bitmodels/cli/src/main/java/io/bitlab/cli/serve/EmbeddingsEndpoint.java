package io.bitlab.cli.serve;

import io.bitlab.models.generate.TextEncoder;
import io.bitlab.models.io.JsonObject;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** {@code /v1/embeddings}: vectors of texts. */
final class EmbeddingsEndpoint implements Endpoint {

    private static final int MOST_TEXTS = 2048;

    /** Texts between two looks whether the client is still there. */
    private static final int SLICE = 16;

    private record Input(Served<LanguageModel> model, List<String> texts, boolean base64) {
    }

    private final ServedModels models;
    private final ServerLimits limits;
    private final Admission admission;
    private final Metrics metrics;

    EmbeddingsEndpoint(ServedModels models, ServerLimits limits, Admission admission, Metrics metrics) {
        this.models = models;
        this.limits = limits;
        this.admission = admission;
        this.metrics = metrics;
    }

    @Override
    public void answer(Request request, Reply reply) throws IOException {
        Input input = request.json(this::read);
        admission.run(() -> reply.json(200, embed(input, reply)));
    }

    private Input read(JsonObject request) {
        Served<LanguageModel> model = models.text(request.optionalString("model"));
        List<String> texts = request.members().get("input") instanceof String one ? List.of(one)
                : request.strings("input");
        if (texts.isEmpty() || texts.size() > MOST_TEXTS) {
            throw request.wrong("input", "a string, or 1 to " + MOST_TEXTS + " of them");
        }
        String format = request.optionalString("encoding_format").orElse("float");
        if (!format.equals("float") && !format.equals("base64")) {
            throw request.wrong("encoding_format", "float or base64");
        }
        int dimension = model.model().encoder().dimension();
        if (request.optionalInteger("dimensions").orElse(dimension) != dimension) {
            throw request.wrong("dimensions", dimension + ", as the model has");
        }
        return new Input(model, texts, format.equals("base64"));
    }

    private Map<String, Object> embed(Input input, Reply reply) {
        TextEncoder encoder = input.model.model().encoder();
        int tokens = tokens(input.model.model(), input.texts);
        List<Map<String, Object>> data = new ArrayList<>();
        for (int from = 0; from < input.texts.size(); from += SLICE) {
            reply.heartbeat();
            for (float[] vector : encoder.encode(input.texts.subList(from,
                    Math.min(input.texts.size(), from + SLICE)))) {
                Map<String, Object> embedding = new LinkedHashMap<>();
                embedding.put("object", "embedding");
                embedding.put("index", data.size());
                embedding.put("embedding", input.base64 ? base64(vector) : list(vector));
                data.add(embedding);
            }
        }
        metrics.tokens(tokens, 0);
        Map<String, Object> answer = new LinkedHashMap<>();
        answer.put("object", "list");
        answer.put("data", data);
        answer.put("model", input.model.id());
        answer.put("usage", Map.of("prompt_tokens", tokens, "total_tokens", tokens));
        return answer;
    }

    private int tokens(LanguageModel model, List<String> texts) {
        long tokens = 0;
        int most = model.generator().model().config().maxPositionEmbeddings();
        int allowed = Math.min(most, limits.promptTokens());
        try {
            for (String text : texts) {
                model.requireShort("input", "a text of input", text.length(), allowed);
                int count = model.encoder().count(text);
                tokens += count;
                if (count > most || tokens > limits.promptTokens()) {
                    throw ApiError.invalid("input", "context_length_exceeded", "input has a text of " + count
                            + " tokens, and " + tokens + " with those before it, expected at most " + most
                            + " in a text, and " + limits.promptTokens() + " in all");
                }
            }
        } catch (IllegalArgumentException e) { // a character that the vocabulary lacks, or no text
            throw ApiError.invalid("input", e.getMessage());
        }
        return (int) tokens;
    }

    private static List<Float> list(float[] vector) {
        List<Float> values = new ArrayList<>(vector.length);
        for (float value : vector) {
            values.add(value);
        }
        return values;
    }

    /** As OpenAI has it: 32-bit floats, little-endian. */
    private static String base64(float[] vector) {
        ByteBuffer bytes = ByteBuffer.allocate(vector.length * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        bytes.asFloatBuffer().put(vector);
        return Base64.getEncoder().encodeToString(bytes.array());
    }
}
