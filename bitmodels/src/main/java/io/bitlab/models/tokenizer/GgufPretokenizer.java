package io.bitlab.models.tokenizer;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The meaning of a name in {@code tokenizer.ggml.pre}; GGUF files name the pretokenizer but don't store its patterns.
 * Source: llama.cpp, {@code llama-vocab.cpp}.
 *
 * @param pretokenizer the pretokenizer
 * @param ignoreMerges whether a piece that is a token itself becomes that token
 */
record GgufPretokenizer(Pretokenizer pretokenizer, boolean ignoreMerges) {

    private static final String GPT2 = "gpt-2";
    private static final String LLAMA3 = "llama-bpe";
    private static final String DIGITS_BY_THREE = "[0-9][0-9][0-9]";
    private static final String GPT2_PATTERN = Pretokenizer.GPT2.patterns().getFirst();

    /** In the order of preference for writing. */
    private static final Map<String, GgufPretokenizer> BY_NAME = new LinkedHashMap<>();

    static {
        GgufPretokenizer gpt2 = new GgufPretokenizer(Pretokenizer.GPT2, false);
        GgufPretokenizer llama3 = new GgufPretokenizer(Pretokenizer.LLAMA3, true);
        GgufPretokenizer digits = split("\\p{N}", GPT2_PATTERN);
        GgufPretokenizer qwen2 = split(Pretokenizer.LLAMA3.patterns().getFirst().replace("{1,3}", ""));
        names(gpt2, GPT2, "phi-2", "mpt", "olmo", "jais", "trillion", "granite-docling", "exaone4", "gigachat",
                "a.x-4.0", "mellum");
        names(llama3, LLAMA3, "llama3", "llama-v3", "falcon3", "falcon-h1", "pixtral", "midm-2.0", "lfm2");
        names(new GgufPretokenizer(Pretokenizer.LLAMA3, false), "dbrx", "smaug-bpe", "chatglm-bpe", "glm4");
        names(digits, "smollm", "starcoder", "refact", "command-r", "codeshell", "exaone", "minerva-7b", "mellum2");
        names(qwen2, "qwen2", "stablelm2", "deepseek-r1-qwen", "kormo", "f2llmv2", "megrez", "hunyuan", "solar-open",
                "grok-2");
        names(split("[\\p{P}\\$\\+<=>\\^~\\|`]+", GPT2_PATTERN, DIGITS_BY_THREE), "falcon");
        names(split("[\\p{P}\\$\\+<=>\\^~\\|]+", GPT2_PATTERN, "\\p{N}+", DIGITS_BY_THREE), "default");
    }

    static final List<String> NAMES = List.copyOf(BY_NAME.keySet());

    private static void names(GgufPretokenizer meaning, String... names) {
        for (String name : names) {
            BY_NAME.put(name, meaning);
        }
    }

    private static GgufPretokenizer split(String... patterns) {
        return new GgufPretokenizer(Pretokenizer.of(patterns), false);
    }

    static Optional<GgufPretokenizer> named(String name) {
        return Optional.ofNullable(BY_NAME.get(name));
    }

    /** The preferred name of exactly these settings. */
    static Optional<String> nameOf(Pretokenizer pretokenizer, boolean ignoreMerges) {
        return BY_NAME.entrySet().stream()
                .filter(entry -> entry.getValue().ignoreMerges == ignoreMerges && !pretokenizer.spaceFirst()
                        && pretokenizer.form().isEmpty()
                        && entry.getValue().pretokenizer.patterns().equals(pretokenizer.patterns()))
                .map(Map.Entry::getKey)
                .findFirst();
    }
}
