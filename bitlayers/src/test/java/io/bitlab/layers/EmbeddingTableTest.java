package io.bitlab.layers;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.bitlab.core.embedding.EmbeddingFormat;
import io.bitlab.core.embedding.EmbeddingTable;
import io.bitlab.core.ops.LinearCrossEntropy;
import io.bitlab.core.quant.TernaryMatrix;
import io.bitlab.core.tensor.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class EmbeddingTableTest {

    private static Embedding embedding(EmbeddingFormat format) {
        Embedding embedding = new Embedding(70, 24, Initializer.normal(1), format);
        embedding.initialize(3);
        return embedding;
    }

    @ParameterizedTest
    @EnumSource(value = EmbeddingFormat.class, names = "FLOAT16", mode = EnumSource.Mode.EXCLUDE)
    void rowsAndLogitsAreThoseOfTheTable(EmbeddingFormat format) {
        Embedding embedding = embedding(format);
        EmbeddingTable table = EmbeddingTable.of(format, embedding.weight().toArray(), 70, 24);
        Tensor x = Tensor.randn(1, 5, 24);
        float[] before = embedding.logits(x).toArray();
        embedding.eval();
        float[] expected = new float[5 * 70];
        table.multiply(x.data(), 5, expected);
        assertArrayEquals(expected, embedding.logits(x).toArray());
        assertArrayEquals(new int[] {5, 70}, embedding.logits(x).shape());
        float[] row = new float[24];
        table.row(69, row, 0);
        assertArrayEquals(row, embedding.forward(new int[] {69}).toArray());
        LinearCrossEntropy.Result loss = embedding.loss(x, 1, 2, 3, -1, 69);
        assertEquals(4, loss.counted());
        assertEquals(reference(expected, 1, 2, 3, -1, 69), loss.loss().item(), 1e-5f);
        embedding.train();
        assertArrayEquals(before, embedding.logits(x).toArray(), "training has the floats again");
    }

    @Test
    void backwardThroughAHeadInEvaluationNamesTheRemedy() {
        Embedding embedding = embedding(EmbeddingFormat.INT8);
        embedding.eval();
        Tensor x = Tensor.randn(1, 5, 24).requiresGrad(true);
        Tensor logits = embedding.logits(x).sum();
        Tensor loss = embedding.loss(x, 1, 2, 3, -1, 69).loss();
        String expected = "backward: Embedding(70 x 24, int8) is in evaluation and records no gradients; call train() "
                + "on the model and run forward again";
        assertEquals(expected, assertThrows(IllegalStateException.class, logits::backward).getMessage());
        assertEquals(expected, assertThrows(IllegalStateException.class, loss::backward).getMessage());
    }

    private static float reference(float[] logits, int... targets) {
        double loss = 0;
        int counted = 0;
        for (int r = 0; r < targets.length; r++) {
            double sum = 0;
            for (int c = 0; c < 70; c++) {
                sum += Math.exp(logits[r * 70 + c]);
            }
            if (targets[r] >= 0) {
                loss += Math.log(sum) - logits[r * 70 + targets[r]];
                counted++;
            }
        }
        return (float) (loss / counted);
    }

    @Test
    void deploymentDropsTheFloats() {
        Embedding embedding = embedding(EmbeddingFormat.INT8);
        embedding.eval();
        float[] expected = embedding.forward(new int[] {1, 2}).toArray();
        long before = embedding.memory().residentBytes();
        embedding.deploy();
        assertEquals(70L * 24 * Float.BYTES, before - embedding.memory().residentBytes());
        assertArrayEquals(expected, embedding.forward(new int[] {1, 2}).toArray());
        assertEquals(70 * 24, embedding.parameterCount());
        Exception e = assertThrows(IllegalStateException.class, embedding::weight);
        assertEquals(
                "Embedding(70 x 24, int8): deployed as int8, which dropped the floats; use logits(x) and forward(ids), "
                        + "which read what remains",
                e.getMessage());
        StateDict state = embedding.stateDict();
        assertTrue(state.isEmbeddingTable("weight"));
        assertTrue(state.isDeployed());
        Embedding again = embedding(EmbeddingFormat.INT8);
        again.loadStateDict(state);
        assertEquals(Layer.Mode.DEPLOYED, again.mode());
        assertArrayEquals(expected, again.forward(new int[] {1, 2}).toArray());
        e = assertThrows(IllegalArgumentException.class,
                () -> again.loadStateDict(new StateDict().put("weight", Tensor.zeros(70, 24))));
        assertTrue(e.getMessage().contains("is deployed as int8 and can't take floats"), e.getMessage());
    }

    @Test
    void whatDoesNotFitIsRefusedBeforeAnythingChanges() {
        EmbeddingTable table = EmbeddingTable.of(EmbeddingFormat.INT8, new float[70 * 24], 70, 24);
        Exception e = assertThrows(IllegalArgumentException.class,
                () -> embedding(EmbeddingFormat.FLOAT32).loadStateDict(new StateDict().put("weight", table)));
        assertTrue(e.getMessage().contains("keeps floats; nothing was loaded"), e.getMessage());
        e = assertThrows(IllegalArgumentException.class, () -> embedding(EmbeddingFormat.INT8)
                .loadStateDict(new StateDict().put("weight", new TernaryMatrixOf(70, 24).matrix())));
        assertTrue(e.getMessage().contains("ternary"), e.getMessage());
        BitLinear layer = BitLinear.builder(24, 70).bias(false).build();
        e = assertThrows(IllegalArgumentException.class,
                () -> layer.loadStateDict(new StateDict().put("weight", table)));
        assertTrue(e.getMessage().contains("is a ternary layer; nothing was loaded"), e.getMessage());
        Linear linear = new Linear(24, 70, false, Initializer.ZEROS);
        e = assertThrows(IllegalArgumentException.class,
                () -> linear.loadStateDict(new StateDict().put("weight", table)));
        assertTrue(e.getMessage().contains("the state has an embedding table for 'weight'"), e.getMessage());
    }

    private record TernaryMatrixOf(int out, int in) {
        TernaryMatrix matrix() {
            BitLinear layer = BitLinear.builder(in, out).bias(false).build();
            layer.deploy();
            return layer.ternaryWeight();
        }
    }

    @Test
    void deferredEntriesAreMadeWhenTheyAreTaken() {
        int[] made = new int[1];
        StateDict state = new StateDict().putDeferred("weight", EmbeddingTable.class, new int[] {70, 24}, () -> {
            made[0]++;
            return EmbeddingTable.of(EmbeddingFormat.NF4, new float[70 * 24], 70, 24);
        });
        assertTrue(state.isEmbeddingTable("weight"));
        assertFalse(state.isTernary("weight"));
        Embedding embedding = embedding(EmbeddingFormat.NF4);
        assertEquals(0, made[0]);
        embedding.loadStateDict(state);
        assertEquals(1, made[0]);
        StateDict other = new StateDict();
        Exception e = assertThrows(IllegalArgumentException.class,
                () -> other.putDeferred("x", String.class, new int[0], () -> ""));
        assertEquals("StateDict: 'x' can't be a java.lang.String", e.getMessage());
        e = assertThrows(IllegalArgumentException.class, () -> embedding(EmbeddingFormat.NF4).loadStateDict(
                new StateDict().putDeferred("weight", EmbeddingTable.class, new int[] {7, 24}, () -> null)));
        assertTrue(e.getMessage().contains("weight is [7, 24], expected [70, 24]"), e.getMessage());
    }
}
