package io.bitlab.layers;

import io.bitlab.layers.Layer.Mode;
import java.util.ArrayList;
import java.util.List;

/** Switches whole trees of layers between training, evaluation and deployment. */
final class ModeSwitch {

    private ModeSwitch() {
    }

    static void train(Layer root) {
        requireNotDeployed(root, "train");
        root.layers().values().forEach(ModeSwitch::enterTraining);
    }

    private static void enterTraining(Layer layer) {
        layer.weightsChanged(); // by the first step
        layer.node().enter(Mode.TRAIN);
        layer.onTrain();
    }

    static void requireNotDeployed(Layer root, String operation) {
        root.layers().values().forEach(layer -> {
            if (layer.mode() == Mode.DEPLOYED) {
                throw new IllegalStateException(operation + "(): " + layer.describeWithPath()
                        + " was deployed, its latent weights are gone; "
                        + "load the model from a file that was saved before deploy()");
            }
        });
    }

    /** Switches every layer that trains to evaluation, or none if one of them fails. */
    static void eval(Layer root) {
        List<Layer> switched = new ArrayList<>();
        try {
            for (Layer layer : root.layers().values()) {
                if (layer.mode() == Mode.TRAIN) {
                    switched.add(layer);
                    layer.onEval();
                    layer.node().enter(Mode.EVAL);
                }
            }
        } catch (RuntimeException e) {
            switched.forEach(ModeSwitch::enterTraining);
            throw e;
        }
    }

    static void deploy(Layer root) {
        eval(root);
        root.layers().values().forEach(layer -> {
            layer.onDeploy();
            layer.node().enter(Mode.DEPLOYED);
        });
    }

    /** Excludes all parameters from training, or includes them again. */
    static void freeze(Layer root, boolean frozen) {
        root.layers().values()
                .forEach(layer -> layer.node().parameters().values().forEach(parameter -> parameter.freeze(frozen)));
    }
}
