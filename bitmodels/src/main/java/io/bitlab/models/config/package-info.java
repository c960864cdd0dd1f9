/**
 * What the builders of configurations have in common; internal. A builder declares each setting once, as a
 * {@link io.bitlab.models.config.ConfigField} with its JSON name and default. From these declarations
 * {@link io.bitlab.models.config.ConfigFields} copies a configuration into a builder, writes it as JSON and reads it
 * back.
 */
package io.bitlab.models.config;
