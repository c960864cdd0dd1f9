package io.bitlab.models.tabular;

import io.bitlab.models.io.JsonObject;

/** Members in double precision, which {@link JsonObject} rounds to float. */
final class JsonDouble {

    private JsonDouble() {
    }

    /** A number that must exist. */
    static double finite(JsonObject json, String name) {
        double value = finiteOrNull(json, name);
        if (Double.isNaN(value)) {
            throw json.wrong(name, "a number");
        }
        return value;
    }

    /** A number or null, which must exist; NaN for null. */
    static double finiteOrNull(JsonObject json, String name) {
        if (json.has(name)) {
            Object value = json.members().get(name);
            if (value == null) {
                return Double.NaN;
            }
            if (value instanceof Number number && Double.isFinite(number.doubleValue())) {
                return number.doubleValue();
            }
        }
        throw json.wrong(name, "a number");
    }
}
