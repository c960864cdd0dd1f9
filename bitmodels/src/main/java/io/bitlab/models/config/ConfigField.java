package io.bitlab.models.config;

import io.bitlab.models.io.JsonObject;
import java.util.Map;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * One setting in a configuration's builder: the value that was set, or the default. For one thread.
 *
 * @param <T> the type of the setting
 */
public final class ConfigField<T> {

    /** Reads a member of a JSON object, with messages that name it. */
    @FunctionalInterface
    interface Reader<T> {
        T read(JsonObject json, String name);
    }

    private final String jsonName;
    private final boolean required;
    private final Function<T, Object> writer;
    private final Reader<T> reader;
    private Supplier<T> value; // until it is set, the default: it may follow from other fields

    ConfigField(String jsonName, boolean required, Function<T, Object> writer, Reader<T> reader,
            Supplier<T> defaultValue) {
        this.jsonName = jsonName;
        this.required = required;
        this.writer = writer;
        this.reader = reader;
        this.value = defaultValue;
    }

    /**
     * The value that was set last.
     *
     * @return the value; the default before any was set
     */
    public T get() {
        return value.get();
    }

    /**
     * Sets the value.
     *
     * @param newValue what {@link #get} returns from now on; checked by the configuration
     */
    public void set(T newValue) {
        value = () -> newValue;
    }

    /** Leaves the default if the member may be missing and is. */
    void read(JsonObject json) {
        if (required || json.has(jsonName)) {
            set(reader.read(json, jsonName));
        }
    }

    void write(Map<String, Object> json) {
        json.put(jsonName, writer.apply(get()));
    }
}
