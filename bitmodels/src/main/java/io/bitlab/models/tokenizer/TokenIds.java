package io.bitlab.models.tokenizer;

import io.bitlab.models.io.JsonObject;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.OptionalInt;

/** Reads the ids of tokens from JSON: whole numbers from 0 on, also where a file writes {@code 5.0}. */
final class TokenIds {

    private TokenIds() {}

    /** An id that must exist. */
    static int required(JsonObject json, String name) {
        return id(json, name, json.members().get(name));
    }

    /** Empty for a missing member and null. */
    static OptionalInt optional(JsonObject json, String name) {
        Object value = json.members().get(name);
        return value == null ? OptionalInt.empty() : OptionalInt.of(id(json, name, value));
    }

    /** The one id in a list. */
    static int single(JsonObject json, String name) {
        return id(json, name, json.list(name).getFirst());
    }

    /** The ids of a vocabulary, whose members are the tokens. */
    static Map<String, Integer> of(JsonObject vocabulary) {
        Map<String, Integer> ids = new LinkedHashMap<>();
        vocabulary.members().forEach((token, id) -> ids.put(token, id(vocabulary, token, id)));
        return ids;
    }

    private static int id(JsonObject json, String name, Object value) {
        if (value instanceof Number number && number.longValue() == number.doubleValue() && number.longValue() >= 0
                && number.longValue() < Integer.MAX_VALUE) {
            return number.intValue();
        }
        throw json.wrong(name, "the id of a token, a whole number from 0 on");
    }
}
