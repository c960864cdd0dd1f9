package io.bitlab.models.config;

import io.bitlab.core.BitQuantConfig;
import io.bitlab.models.io.JsonObject;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Collectors;

/**
 * The settings of a configuration's builder, in the order of their declaration, which is also the order of the JSON
 * members. {@code BitMlpConfig} is the example to follow: its builder declares each field here, and {@code toBuilder},
 * {@code toMap} and {@code fromMap} need no line per field.
 *
 * @param <C> the configuration
 */
public final class ConfigFields<C> {

    private final List<ConfigField<?>> fields = new ArrayList<>();
    private final List<Consumer<C>> copiers = new ArrayList<>(); // one per field: its value of a configuration

    /** No settings yet. */
    public ConfigFields() {
    }

    // ---------------------------------------------------------------- declarations

    /**
     * Declares a whole number without a default: JSON must have it, and a builder starts at 0, which the configuration
     * refuses.
     *
     * @param jsonName the JSON member
     * @param accessor reads it from a configuration
     * @return the field
     */
    public ConfigField<Integer> requiredInteger(String jsonName, Function<C, Integer> accessor) {
        return add(accessor, new ConfigField<>(jsonName, true, value -> value, JsonObject::integer, () -> 0));
    }

    /**
     * Declares a whole number.
     *
     * @param jsonName the JSON member
     * @param accessor reads it from a configuration
     * @param defaultValue its default
     * @return the field
     */
    public ConfigField<Integer> integer(String jsonName, Function<C, Integer> accessor, int defaultValue) {
        return integer(jsonName, accessor, () -> defaultValue);
    }

    /**
     * Declares a whole number whose default follows from other fields.
     *
     * @param jsonName the JSON member
     * @param accessor reads it from a configuration
     * @param defaultValue computes its default from what the other fields are by then
     * @return the field
     */
    public ConfigField<Integer> integer(String jsonName, Function<C, Integer> accessor,
            Supplier<Integer> defaultValue) {
        return add(accessor, new ConfigField<>(jsonName, false, value -> value, JsonObject::integer, defaultValue));
    }

    /**
     * Declares a number.
     *
     * @param jsonName the JSON member
     * @param accessor reads it from a configuration
     * @param defaultValue its default
     * @return the field
     */
    public ConfigField<Float> number(String jsonName, Function<C, Float> accessor, float defaultValue) {
        return add(accessor, new ConfigField<>(jsonName, false, value -> value,
                (json, name) -> json.number(name, defaultValue), () -> defaultValue));
    }

    /**
     * Declares a choice between true and false.
     *
     * @param jsonName the JSON member
     * @param accessor reads it from a configuration
     * @param defaultValue its default
     * @return the field
     */
    public ConfigField<Boolean> bool(String jsonName, Function<C, Boolean> accessor, boolean defaultValue) {
        return add(accessor, new ConfigField<>(jsonName, false, value -> value,
                (json, name) -> json.bool(name, defaultValue), () -> defaultValue));
    }

    /**
     * Declares a choice that JSON names.
     *
     * @param <T> the type of the choice
     * @param jsonName the JSON member
     * @param accessor reads it from a configuration
     * @param name gives the name of a choice
     * @param parse finds the choice of a name; refuses any other value
     * @param defaultValue its default
     * @return the field
     */
    public <T> ConfigField<T> choice(String jsonName, Function<C, T> accessor, Function<T, String> name,
            Function<Object, T> parse, T defaultValue) {
        return add(accessor, new ConfigField<>(jsonName, false, name::apply,
                (json, member) -> parse.apply(json.members().get(member)), () -> defaultValue));
    }

    /**
     * Declares a choice between the constants of an enum, whose JSON names are their names in lower case.
     *
     * @param <T> the enum
     * @param jsonName the JSON member
     * @param accessor reads it from a configuration
     * @param constants the choices
     * @param defaultValue its default
     * @return the field
     */
    public <T extends Enum<T>> ConfigField<T> choice(String jsonName, Function<C, T> accessor, T[] constants,
            T defaultValue) {
        Map<String, T> choices = new LinkedHashMap<>();
        for (T constant : constants) {
            choices.put(constant.name().toLowerCase(Locale.ROOT), constant);
        }
        return choice(jsonName, accessor, constant -> constant.name().toLowerCase(Locale.ROOT), value -> {
            if (value instanceof String name && choices.containsKey(name)) {
                return choices.get(name);
            }
            throw new IllegalArgumentException(jsonName + " is " + value + ", expected "
                    + choices.keySet().stream().map(name -> '"' + name + '"').collect(Collectors.joining(" or ")));
        }, defaultValue);
    }

    /**
     * Declares a list of whole numbers.
     *
     * @param jsonName the JSON member
     * @param accessor reads it from a configuration
     * @param defaultValue computes its default from what the other fields are by then
     * @return the field
     */
    public ConfigField<List<Integer>> integers(String jsonName, Function<C, List<Integer>> accessor,
            Supplier<List<Integer>> defaultValue) {
        return add(accessor, new ConfigField<>(jsonName, false, value -> value,
                (json, name) -> Arrays.stream(json.integers(name, "a list of whole numbers")).boxed().toList(),
                defaultValue));
    }

    /**
     * Declares how ternary layers quantise, by default as {@link BitQuantConfig#defaults()}; null is for float layers,
     * in JSON too.
     *
     * @param jsonName the JSON member
     * @param accessor reads it from a configuration
     * @return the field
     */
    public ConfigField<BitQuantConfig> quantConfig(String jsonName, Function<C, BitQuantConfig> accessor) {
        return quantConfig(jsonName, accessor, BitQuantConfig.defaults());
    }

    /**
     * Declares how ternary layers quantise; null is for float layers, in JSON too.
     *
     * @param jsonName the JSON member
     * @param accessor reads it from a configuration
     * @param defaultValue its default
     * @return the field
     */
    public ConfigField<BitQuantConfig> quantConfig(String jsonName, Function<C, BitQuantConfig> accessor,
            BitQuantConfig defaultValue) {
        return add(accessor, new ConfigField<>(jsonName, false, value -> value == null ? null : value.toMap(),
                (json, name) -> json.optionalObject(name).map(object -> BitQuantConfig.fromMap(object.members()))
                        .orElse(null),
                () -> defaultValue));
    }

    /**
     * Declares a setting that is a JSON object, without a default: JSON must have it, and a builder starts at null,
     * which the configuration refuses.
     *
     * @param <T> the type of the setting
     * @param jsonName the JSON member
     * @param accessor reads it from a configuration
     * @param write makes a JSON object of a value
     * @param read makes a value of the object; refuses what is not allowed
     * @return the field
     */
    public <T> ConfigField<T> object(String jsonName, Function<C, T> accessor, Function<T, Map<String, Object>> write,
            Function<JsonObject, T> read) {
        return add(accessor, new ConfigField<>(jsonName, true, write::apply,
                (json, name) -> read.apply(json.object(name)), () -> null));
    }

    /**
     * Declares a setting that is a list of strings, without a default, as {@link #object}.
     *
     * @param <T> the type of the setting
     * @param jsonName the JSON member
     * @param accessor reads it from a configuration
     * @param write makes strings of a value
     * @param read makes a value of strings; refuses what is not allowed
     * @return the field
     */
    public <T> ConfigField<T> strings(String jsonName, Function<C, T> accessor, Function<T, List<String>> write,
            Function<List<String>, T> read) {
        return add(accessor, new ConfigField<>(jsonName, true, write::apply,
                (json, name) -> read.apply(json.strings(name)), () -> null));
    }

    private <T> ConfigField<T> add(Function<C, T> accessor, ConfigField<T> field) {
        fields.add(field);
        copiers.add(config -> field.set(accessor.apply(config)));
        return field;
    }

    // ---------------------------------------------------------------- all fields at once

    /**
     * Sets all fields to the values of a configuration.
     *
     * @param config the configuration
     */
    public void copyFrom(C config) {
        copiers.forEach(copier -> copier.accept(config));
    }

    /**
     * Sets the fields that a JSON object has.
     *
     * @param json read up to the members of these fields; others are left to the caller
     * @throws IllegalArgumentException if a required member is missing, or one has a value of another type
     */
    public void read(JsonObject json) {
        fields.forEach(field -> field.read(json));
    }

    /**
     * The values as JSON.
     *
     * @return all fields in the order of their declaration; modifiable
     */
    public Map<String, Object> toMap() {
        Map<String, Object> json = new LinkedHashMap<>();
        fields.forEach(field -> field.write(json));
        return json;
    }
}
