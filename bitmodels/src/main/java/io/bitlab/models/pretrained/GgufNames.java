package io.bitlab.models.pretrained;

import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** Translates tensor names between GGUF files and {@link io.bitlab.models.transformer.BitTransformer}. */
final class GgufNames {

    private static final Pattern IN_LAYER = Pattern.compile("blk\\.(0|[1-9]\\d{0,8})\\.(\\w+)\\.weight");

    private static final Map<String, String> LAYER_NAMES = Map.ofEntries(
            Map.entry("attn_norm", "input_layernorm"),
            Map.entry("attn_q", "self_attn.q_proj"),
            Map.entry("attn_k", "self_attn.k_proj"),
            Map.entry("attn_v", "self_attn.v_proj"),
            Map.entry("attn_sub_norm", "self_attn.attn_sub_norm"),
            Map.entry("attn_output", "self_attn.o_proj"),
            Map.entry("ffn_norm", "post_attention_layernorm"),
            Map.entry("ffn_gate", "mlp.gate_proj"),
            Map.entry("ffn_up", "mlp.up_proj"),
            Map.entry("ffn_sub_norm", "mlp.ffn_sub_norm"),
            Map.entry("ffn_down", "mlp.down_proj"));

    private static final Map<String, String> OTHER_NAMES = Map.of(
            "token_embd.weight", TensorNames.EMBEDDING,
            "output_norm.weight", TensorNames.NORM,
            "output.weight", TensorNames.HEAD);

    private static final Pattern IN_MODEL_LAYER =
            Pattern.compile("model\\.layers\\.(0|[1-9]\\d{0,8})\\.(.+)\\.weight");

    private static final Map<String, String> LAYER_NAMES_IN_FILE = inverse(LAYER_NAMES);
    private static final Map<String, String> OTHER_NAMES_IN_FILE = inverse(OTHER_NAMES);

    private GgufNames() {
    }

    private static Map<String, String> inverse(Map<String, String> names) {
        return names.entrySet().stream().collect(Collectors.toMap(Map.Entry::getValue, Map.Entry::getKey));
    }

    /** The name in the model; unchanged if the model has no such tensor. */
    static String toModel(String name) {
        Matcher inLayer = IN_LAYER.matcher(name);
        if (!inLayer.matches()) {
            return OTHER_NAMES.getOrDefault(name, name);
        }
        String part = LAYER_NAMES.get(inLayer.group(2));
        return part == null ? name : TensorNames.layer(Integer.parseInt(inLayer.group(1))) + part + ".weight";
    }

    /** The name in a GGUF file. */
    static String toFile(String name) {
        Matcher inLayer = IN_MODEL_LAYER.matcher(name);
        String found = inLayer.matches() ? LAYER_NAMES_IN_FILE.get(inLayer.group(2)) : OTHER_NAMES_IN_FILE.get(name);
        if (found == null) {
            throw new IllegalArgumentException("GGUF has no name for the tensor '" + name + "'");
        }
        return inLayer.matches() ? "blk." + inLayer.group(1) + "." + found + ".weight" : found;
    }
}
