package io.bitlab.models.diffusion.score;

import io.bitlab.core.tensor.Tensor;
import io.bitlab.layers.Layer;
import io.bitlab.models.vision.BitResNet;

/** Features and logits of a residual network. */
record ResNetFeatures(BitResNet model) implements ImageFeatures {

    @Override
    public int features() {
        return model.config().channels().getLast();
    }

    @Override
    public int classes() {
        return model.config().classNames().size();
    }

    @Override
    public Outputs outputs(Tensor images) {
        requireEvaluation(model);
        Tensor features = model.features(images);
        return new Outputs(features, model.head(features));
    }

    /** In training the features of an image would depend on its batch. */
    static void requireEvaluation(Layer model) {
        if (model.mode() == Layer.Mode.TRAIN) {
            throw new IllegalStateException("ImageFeatures: the classifier " + model.getClass().getSimpleName()
                    + " is in training; call eval() first");
        }
    }
}
