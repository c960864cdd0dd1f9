package io.bitlab.cli.serve;

import io.bitlab.models.generate.SamplingConfig;
import io.bitlab.models.io.JsonObject;
import java.math.BigInteger;
import java.security.SecureRandom;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;

/**
 * The settings that requests for chats and completions share.
 *
 * @param sampling how tokens are chosen
 * @param maxTokens the length of the answer at most
 * @param stop strings that end it
 * @param json whether it must be a JSON object
 * @param logProbabilities how many of the most likely tokens to tell for each token; -1 for no probabilities at all
 * @param stream whether to send the answer piece by piece
 * @param streamUsage whether to tell the counts of tokens at the end of a stream
 */
record TextSettings(SamplingConfig sampling, int maxTokens, List<String> stop, boolean json, int logProbabilities,
        boolean stream, boolean streamUsage) {

    private static final int MOST_STOP_STRINGS = 16;
    private static final int LONGEST_STOP_STRING = 1000;
    private static final float HOTTEST = 2f;
    private static final SecureRandom SEEDS = new SecureRandom();

    /** What is not done here, so that nobody believes it was; null, false, 0, and empty lists and objects are fine. */
    private static final List<String> UNSUPPORTED = List.of("tools", "functions", "function_call", "audio",
            "web_search_options", "prediction", "logit_bias", "frequency_penalty", "presence_penalty", "suffix", "echo",
            "reasoning_effort", "verbosity");

    /**
     * Reads the settings of a request.
     *
     * @throws IllegalArgumentException if one is malformed
     * @throws ApiError if one asks for something that this server does not do
     */
    static TextSettings of(JsonObject request, LanguageModel model, ServerLimits limits, int logProbabilities) {
        for (String name : UNSUPPORTED) {
            if (asksForSomething(request.members().get(name))) {
                throw ApiError.unsupported(name, name + " is not supported by this server; leave it out");
            }
        }
        for (String name : List.of("n", "best_of")) {
            if (request.optionalInteger(name).orElse(1) != 1) {
                throw ApiError.unsupported(name, name + " is " + request.members().get(name)
                        + ", expected 1: this server gives one answer to a request");
            }
        }
        boolean stream = request.isTrue("stream");
        return new TextSettings(sampling(request, model.generator().sampling()), maxTokens(request, limits),
                stop(request), json(request), logProbabilities, stream,
                stream && request.optionalObject("stream_options").map(o -> o.isTrue("include_usage")).orElse(false));
    }

    private static boolean asksForSomething(Object value) {
        return switch (value) {
            case null -> false;
            case Boolean b -> b;
            case Number number -> number.doubleValue() != 0;
            case String text -> !text.isEmpty() && !text.equals("none");
            case Map<?, ?> map -> !map.isEmpty();
            case Collection<?> list -> !list.isEmpty();
            default -> true;
        };
    }

    private static SamplingConfig sampling(JsonObject request, SamplingConfig defaults) {
        float temperature = request.optionalNumber("temperature").orElse(defaults.temperature());
        if (temperature < 0 || temperature > HOTTEST) {
            throw request.wrong("temperature", "a number from 0 to 2");
        }
        float topP = request.optionalNumber("top_p").orElse(defaults.topP());
        if (!(topP > 0 && topP <= 1)) {
            throw request.wrong("top_p", "a number above 0, up to 1");
        }
        int topK = request.optionalInteger("top_k").orElse(defaults.topK());
        if (topK < 0) {
            throw request.wrong("top_k", "a whole number of at least 1, or 0 for all tokens");
        }
        return defaults.withTemperature(temperature).withTopP(topP).withTopK(topK).withSeed(seed(request));
    }

    private static long seed(JsonObject request) {
        request.has("seed");
        return switch (request.members().get("seed")) {
            case null -> SEEDS.nextLong();
            case Integer value -> value;
            case Long value -> value;
            case BigInteger value when value.bitLength() <= Long.SIZE -> value.longValue();
            default -> throw request.wrong("seed", "a whole number of 64 bits");
        };
    }

    private static int maxTokens(JsonObject request, ServerLimits limits) {
        String name = request.members().get("max_completion_tokens") != null ? "max_completion_tokens" : "max_tokens";
        OptionalInt tokens = request.optionalInteger(name);
        if (tokens.isPresent() && (tokens.getAsInt() < 1 || tokens.getAsInt() > limits.tokens())) {
            throw request.wrong(name, "1 to " + limits.tokens() + ", the limit of this server");
        }
        return tokens.orElse(limits.tokens());
    }

    private static List<String> stop(JsonObject request) {
        List<String> stop = request.members().get("stop") instanceof String one ? List.of(one)
                : request.strings("stop");
        if (stop.size() > MOST_STOP_STRINGS
                || !stop.stream().allMatch(s -> !s.isEmpty() && s.length() <= LONGEST_STOP_STRING)) {
            throw request.wrong("stop", "up to " + MOST_STOP_STRINGS + " strings of 1 to " + LONGEST_STOP_STRING
                    + " characters");
        }
        return stop;
    }

    private static boolean json(JsonObject request) {
        JsonObject format = request.optionalObject("response_format").orElse(null);
        return switch (format == null ? "text" : format.string("type")) {
            case "text" -> false;
            case "json_object" -> true;
            default -> throw ApiError.unsupported("response_format", "response_format has the type "
                    + format.string("type") + ", expected text or json_object");
        };
    }
}
