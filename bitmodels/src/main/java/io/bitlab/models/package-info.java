/**
 * Whole models: made from a configuration, trained, saved and loaded.
 *
 * {@snippet :
 * BitMlp model = AutoBitModel.fromConfig(BitMlpConfig.builder()
 *         .nLayers(3).inChannels(64).hiddenDim(128).outChannels(10).build());
 * // ... train ...
 * AutoBitModel.save(model, Path.of("digits"));
 * BitModel again = AutoBitModel.load(Path.of("digits")); // in evaluation
 * }
 *
 * <p>A kind of model is a {@link io.bitlab.models.BitModel}, its {@link io.bitlab.models.BitModelConfig} and a
 * {@link io.bitlab.models.BitModelType}; applications add kinds that the service loader finds.
 */
package io.bitlab.models;
