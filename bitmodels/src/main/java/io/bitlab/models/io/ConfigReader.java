package io.bitlab.models.io;

import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Reads the members of a configuration from JSON, with messages that name the member, its value and what is allowed.
 * For one pass in one thread.
 */
public final class ConfigReader {

    private final String configuration;
    private final Map<String, ?> json;
    private final Set<String> asked = new LinkedHashSet<>();

    /**
     * Starts reading.
     *
     * @param configuration what is being read, for messages
     * @param json member by name; not modified
     */
    public ConfigReader(String configuration, Map<String, ?> json) {
        this.configuration = configuration;
        this.json = json;
    }

    /**
     * Whether a member is there, null or not.
     *
     * @param name the member
     * @return true if it is
     */
    public boolean has(String name) {
        asked.add(name);
        return json.containsKey(name);
    }

    /**
     * A whole number that must be there.
     *
     * @param name the member
     * @return its value
     * @throws IllegalArgumentException if it is missing or not an integer of 32 bits
     */
    public int integer(String name) {
        if (!has(name)) {
            throw new IllegalArgumentException(configuration + ": " + name + " is missing; expected a whole number");
        }
        if (json.get(name) instanceof Integer value) {
            return value;
        }
        throw wrong(name, "a whole number");
    }

    /**
     * A whole number.
     *
     * @param name the member
     * @param absent what a missing member means
     * @return its value
     * @throws IllegalArgumentException if it is not an integer of 32 bits
     */
    public int integer(String name, int absent) {
        return has(name) ? integer(name) : absent;
    }

    /**
     * A number.
     *
     * @param name the member
     * @param absent what a missing member means
     * @return its value, rounded to float
     * @throws IllegalArgumentException if it is not a number
     */
    public float number(String name, float absent) {
        if (!has(name)) {
            return absent;
        }
        if (json.get(name) instanceof Number value) {
            return value.floatValue();
        }
        throw wrong(name, "a number");
    }

    /**
     * True or false.
     *
     * @param name the member
     * @param absent what a missing member means
     * @return its value
     * @throws IllegalArgumentException if it is neither
     */
    public boolean bool(String name, boolean absent) {
        if (!has(name)) {
            return absent;
        }
        if (json.get(name) instanceof Boolean value) {
            return value;
        }
        throw wrong(name, "true or false");
    }

    /**
     * An object inside this one.
     *
     * @param name the member
     * @return its members; empty if the member is missing or null
     * @throws IllegalArgumentException if it is not an object
     */
    @SuppressWarnings("unchecked") // the keys of JSON objects are strings
    public Optional<Map<String, Object>> object(String name) {
        if (!has(name) || json.get(name) == null) {
            return Optional.empty();
        }
        if (json.get(name) instanceof Map<?, ?> members) {
            return Optional.of((Map<String, Object>) members);
        }
        throw wrong(name, "an object");
    }

    /**
     * Refuses members that nobody asked for: a misspelt name would otherwise pass for a default.
     *
     * @throws IllegalArgumentException that names them
     */
    public void requireNothingElse() {
        Set<String> unknown = new LinkedHashSet<>(json.keySet());
        unknown.removeAll(asked);
        if (!unknown.isEmpty()) {
            throw new IllegalArgumentException(configuration + ": unknown members " + unknown + "; known are " + asked);
        }
    }

    private IllegalArgumentException wrong(String name, String expected) {
        return new IllegalArgumentException(
                configuration + ": " + name + " is " + json.get(name) + ", expected " + expected);
    }
}
