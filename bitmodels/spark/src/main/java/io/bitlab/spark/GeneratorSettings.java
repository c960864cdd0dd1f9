package io.bitlab.spark;

import io.bitlab.models.generate.TextGeneratorBuilder;
import java.io.Serializable;
import java.util.function.UnaryOperator;

/**
 * How executors generate text: a function of the builder of their generator, which travels with the tasks.
 *
 * {@snippet class="io.bitlab.spark.snippets.SparkSnippets" region="generate"}
 *
 * <p>What the function captures must be serialisable.
 */
@FunctionalInterface
public interface GeneratorSettings extends UnaryOperator<TextGeneratorBuilder>, Serializable {
}
