package com.example;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import io.bitlab.core.tensor.Tensor;
import io.bitlab.models.AutoBitModel;
import io.bitlab.models.mlp.BitMlp;
import io.bitlab.models.mlp.BitMlpConfig;
import java.util.Arrays;

public final class Beside {

    public static void main(String[] args) {
        BitMlp model = AutoBitModel.fromConfig(BitMlpConfig.builder().inChannels(4).outChannels(3).build(), 1);
        model.deploy();
        try (NDManager manager = NDManager.newBaseManager()) {
            NDArray features = manager.create(new float[] {1, 2, 3, 4, 4, 3, 2, 1}, new Shape(2, 4)).div(4);
            Tensor logits = model.forward(tensor(features));
            NDArray probabilities = array(manager, logits).softmax(1);
            System.out.println("classes " + Arrays.toString(logits.argmax()));
            System.out.println("classes " + Arrays.toString(probabilities.argMax(1).toLongArray()));
        }
    }

    /** From DJL: a copy, of float32. */
    static Tensor tensor(NDArray array) {
        int[] shape = Arrays.stream(array.getShape().getShape()).mapToInt(Math::toIntExact).toArray();
        return Tensor.of(array.toFloatArray(), shape);
    }

    /** To DJL: a copy. */
    static NDArray array(NDManager manager, Tensor tensor) {
        return manager.create(tensor.toArray(), new Shape(Arrays.stream(tensor.shape()).asLongStream().toArray()));
    }
}
