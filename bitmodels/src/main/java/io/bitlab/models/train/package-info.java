/**
 * Training of classifiers and language models: data, the loop, and what reports on it.
 *
 * {@snippet :
 * Trainer.builder(model, new AdamW(model.parameters(), 1e-3f))
 *         .epochs(20).batchSize(64).seed(1)
 *         .listener(new ProgressReport("ternary", System.out))
 *         .build()
 *         .fit(trainingData, validationData);
 * }
 */
package io.bitlab.models.train;
