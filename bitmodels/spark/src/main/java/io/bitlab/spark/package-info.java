/**
 * Ternary models on Apache Spark.
 *
 * {@snippet class="io.bitlab.spark.snippets.SparkSnippets" region="score"}
 *
 * <p>{@link io.bitlab.spark.TernaryScorer} scores data sets, {@link io.bitlab.spark.SparkFunctions} does it in SQL.
 */
package io.bitlab.spark;
