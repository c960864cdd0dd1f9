/**
 * How good generated images are: whether they show what was asked for, how close they come to real ones, how varied
 * they are, and whether they were copied. All measures look at features of a fixed, trained classifier, or at pixels,
 * so they serve any generator.
 *
 * {@snippet class="io.bitlab.models.snippets.GeneratorScoreSnippets" region="scores"}
 */
package io.bitlab.models.diffusion.score;
