package io.bitlab.models.diffusion.score;

import io.bitlab.core.tensor.Tensor;
import io.bitlab.models.internal.InEvaluation;
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
        InEvaluation.require("ImageFeatures", model);
        Tensor features = model.features(images);
        return new Outputs(features, model.head(features));
    }
}
