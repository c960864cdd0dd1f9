/**
 * Training of classifiers, language models, and models with tasks of their own.
 *
 * <p>A {@link io.bitlab.models.train.Trainer} trains a model on a {@link io.bitlab.models.train.Dataset} of samples
 * with classes, or on any {@link io.bitlab.models.train.SampleSource}, and reports to its listeners:
 *
 * {@snippet class="io.bitlab.models.snippets.TrainSnippets" region="classifier"}
 *
 * <p>A language model is trained on a {@link io.bitlab.models.train.TokenDataset}:
 *
 * {@snippet class="io.bitlab.models.snippets.TrainSnippets" region="languageModel"}
 *
 * <p>Anything else is trained with a {@link io.bitlab.models.train.Task} of your own:
 *
 * {@snippet class="io.bitlab.models.snippets.TaskSnippets" region="fitTask"}
 *
 * <p>{@link io.bitlab.models.train.Evaluation} measures a model. With
 * {@link io.bitlab.models.train.Trainer.Builder#checkpoints checkpoints}, a training that was killed can be resumed,
 * and ends with the same bits as an uninterrupted one.
 */
package io.bitlab.models.train;
