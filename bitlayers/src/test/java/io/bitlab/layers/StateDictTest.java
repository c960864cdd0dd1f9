package io.bitlab.layers;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.bitlab.core.quant.TernaryMatrix;
import io.bitlab.core.tensor.Tensor;
import io.bitlab.layers.Layer.Mode;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class StateDictTest {

    private static final Tensor X = Tensor.randn(3, 5, 9);

    private static Sequential net(long seed) {
        Sequential net = new Sequential(BitLinear.builder(9, 7).build(), new RMSNorm(7), new Linear(7, 4),
                BitLinear.builder(4, 3).bias(false).build());
        net.initialize(seed);
        return net;
    }

    private static StateDict copyWithout(StateDict state, String left) {
        StateDict copy = new StateDict();
        state.names().stream().filter(name -> !name.equals(left)).forEach(name -> {
            if (state.isTernary(name)) {
                copy.put(name, state.ternary(name));
            } else {
                copy.put(name, state.tensor(name).detach());
            }
        });
        return copy;
    }

    @Test
    void holdsTheLiveTensorsByPath() {
        Sequential net = net(1);
        StateDict state = net.stateDict();
        assertEquals(List.of("0.weight", "0.bias", "1.weight", "2.weight", "2.bias", "3.weight"),
                List.copyOf(state.names()));
        net.namedParameters().forEach((path, tensor) -> assertSame(tensor, state.tensor(path)));
        assertFalse(state.isDeployed());
        assertThrows(UnsupportedOperationException.class, () -> state.names().clear());
    }

    @ParameterizedTest
    @EnumSource(Mode.class)
    void statesOfEveryModeLoadIntoAFreshNetwork(Mode mode) {
        Sequential net = net(1);
        switch (mode) {
            case TRAIN -> net.train();
            case EVAL -> net.eval();
            case DEPLOYED -> net.deploy();
        }
        Sequential other = net(2);
        assertFalse(Arrays.equals(net.forward(X).toArray(), other.forward(X).toArray()));
        assertSame(other, other.loadStateDict(net.stateDict()));
        assertEquals(mode == Mode.DEPLOYED ? Mode.DEPLOYED : Mode.TRAIN, other.mode());
        assertArrayEquals(net.forward(X).toArray(), other.forward(X).toArray());
        other.eval();
        assertArrayEquals(net.forward(X).toArray(), other.forward(X).toArray());
    }

    @Test
    void loadingCopies() {
        Sequential net = net(1);
        Sequential other = net(2);
        Tensor weight = other.namedParameters().get("0.weight");
        other.loadStateDict(net.stateDict());
        assertSame(weight, other.namedParameters().get("0.weight"), "an optimiser holds it");
        float[] before = other.forward(X).toArray();
        net.parameters().forEach(tensor -> Arrays.fill(tensor.data(), 0.25f));
        assertArrayEquals(before, other.forward(X).toArray());
    }

    @Test
    void loadingInEvaluationRepacks() {
        Sequential net = net(1);
        Sequential other = net(2);
        other.eval();
        other.loadStateDict(net.stateDict());
        assertEquals(Mode.EVAL, other.mode());
        assertArrayEquals(net.forward(X).toArray(), other.forward(X).toArray());
    }

    @Test
    void initializingInEvaluationRepacks() {
        Sequential net = net(1);
        net.eval();
        net.initialize(2);
        assertEquals(Mode.EVAL, net.mode());
        assertArrayEquals(net(2).forward(X).toArray(), net.forward(X).toArray());
    }

    @Test
    void deployedFormOfATrainingNetworkLeavesItAlone() {
        Sequential net = net(1);
        StateDict deployed = net.stateDict(Mode.DEPLOYED);
        assertEquals(Mode.TRAIN, net.mode());
        assertTrue(deployed.isTernary("0.weight") && deployed.isTernary("3.weight"));
        assertFalse(deployed.isTernary("2.weight") || deployed.isTernary("0.bias"));
        Sequential other = net(2);
        other.loadStateDict(deployed);
        assertEquals(Mode.DEPLOYED, other.mode());
        assertArrayEquals(net.forward(X).toArray(), other.forward(X).toArray());
        assertEquals(net.eval().stateDict(Mode.DEPLOYED).ternary("0.weight"), deployed.ternary("0.weight"));
        assertEquals(net.deploy().stateDict().ternary("0.weight"), deployed.ternary("0.weight"));
    }

    @Test
    void ternaryStateLoadsIntoADeployedNetworkAndKeepsWhatItGave() {
        Sequential net = net(1);
        net.namedParameters().get("0.bias").data()[2] = 3f;
        net.deploy();
        Sequential other = net(2);
        other.deploy();
        StateDict old = copyWithout(other.stateDict(), "");
        other.loadStateDict(net.stateDict());
        assertArrayEquals(net.forward(X).toArray(), other.forward(X).toArray());
        other.loadStateDict(old);
        assertArrayEquals(net(2).forward(X).toArray(), other.forward(X).toArray());
    }

    /** It would deploy the network, whose last layer could then never learn. */
    @Test
    void matchingTernaryWeightsAreRefusedIfALayerIsLeftToTrain() {
        StateDict state = copyWithout(net(2).stateDict(Mode.DEPLOYED), "3.weight");
        Sequential net = net(1);
        float[] before = net.forward(X).toArray();
        Exception e = assertThrows(IllegalArgumentException.class, () -> net.loadMatching(state));
        assertEquals("loadMatching: the state has ternary weights, which deploy the network, but none that fit "
                + "'3.weight', which could then never be trained; take a state that was saved before deploy()",
                e.getMessage());
        assertEquals(Mode.TRAIN, net.mode());
        assertArrayEquals(before, net.forward(X).toArray());
        assertEquals(List.of("3.weight"), net.deploy().loadMatching(state).missing());
    }

    @Test
    void misfitsAreAllListedAndNothingIsChanged() {
        Sequential net = net(1);
        StateDict state = copyWithout(net(2).stateDict(), "2.bias");
        state.put("2.offset", Tensor.zeros(4)).put("3.bias", Tensor.zeros(3));
        StateDict reshaped = copyWithout(state, "1.weight");
        reshaped.put("1.weight", Tensor.zeros(7, 1));
        assertRefused(net, reshaped, "loadStateDict: the state doesn't fit Sequential: 4 fit, missing [2.bias], "
                + "unexpected [2.offset, 3.bias], other shapes [1.weight is [7, 1], expected [7]]; nothing was loaded. "
                + "loadMatching takes what fits");
    }

    @Test
    void ternaryMatrixOfAnotherShapeIsRefused() {
        StateDict state = copyWithout(net(2).stateDict(), "3.weight");
        state.put("3.weight", TernaryMatrix.of(new byte[12], 4, 3, new float[] {1}));
        assertRefused(net(1), state,
                "loadStateDict: the state doesn't fit Sequential: 5 fit, missing [], unexpected [], "
                        + "other shapes [3.weight is [4, 3], expected [3, 4]]; nothing was loaded. "
                        + "loadMatching takes what fits");
    }

    @Test
    void ternaryMatrixForAFloatLayerIsRefused() {
        StateDict state = copyWithout(net(2).stateDict(Mode.DEPLOYED), "2.weight");
        state.put("2.weight", TernaryMatrix.of(new byte[28], 4, 7, new float[] {1}));
        assertRefused(net(1), state, "loadStateDict: the state has ternary weights for '2.weight', "
                + "but Linear(7 -> 4) is a float layer; nothing was loaded");
    }

    @Test
    void floatWeightsForADeployedNetworkAreRefused() {
        Sequential net = net(1);
        net.deploy();
        assertRefused(net, net(2).stateDict(), "loadStateDict: BitLinear(9 -> 7) '0' is deployed and can't take float "
                + "weights; load them into a new model");
    }

    private static void assertRefused(Sequential net, StateDict state, String message) {
        Mode mode = net.mode();
        float[] before = net.forward(X).toArray();
        Exception e = assertThrows(IllegalArgumentException.class, () -> net.loadStateDict(state));
        assertEquals(message, e.getMessage());
        assertEquals(mode, net.mode());
        assertArrayEquals(before, net.forward(X).toArray());
    }

    @Test
    void namesKindsAreKept() {
        StateDict state = new StateDict().put("a", Tensor.scalar(1))
                .put("b", TernaryMatrix.of(new byte[] {1}, 1, 1, new float[] {1}));
        assertTrue(state.isDeployed());
        assertFalse(state.isTernary("a") || state.isTernary("unknown"));
        assertEquals("StateDict: no float tensor 'b'; there are [a, b]",
                assertThrows(IllegalArgumentException.class, () -> state.tensor("b")).getMessage());
        assertEquals("StateDict: no ternary matrix 'a'; there are [a, b]",
                assertThrows(IllegalArgumentException.class, () -> state.ternary("a")).getMessage());
        assertEquals("StateDict: 'a' is already in the state",
                assertThrows(IllegalArgumentException.class, () -> state.put("a", Tensor.scalar(2))).getMessage());
        assertEquals(1f, state.tensor("a").item());
    }

    @Test
    void aTernaryMatrixKnowsTheShapeOfItsWeights() {
        TernaryMatrix matrix = TernaryMatrix.of(new byte[3 * 8], 3, 8, new float[] {1});
        StateDict state = new StateDict().put("matrix", matrix).put("convolution", matrix, 3, 2, 2, 2);
        assertArrayEquals(new int[] {3, 8}, state.shape("matrix"));
        assertArrayEquals(new int[] {3, 2, 2, 2}, state.materialized().shape("convolution"));
        for (int[] wrong : new int[][] {{3, 2, 2}, {8, 3}, {24}}) {
            String message = assertThrows(IllegalArgumentException.class,
                    () -> state.put("wrong", matrix, wrong)).getMessage();
            assertEquals("StateDict: 'wrong' is a matrix [3, 8], which can't hold weights " + Arrays.toString(wrong),
                    message);
        }
        assertTrue(assertThrows(IllegalArgumentException.class, () -> state.shape("nothing")).getMessage()
                .contains("'nothing'; there are [matrix, convolution]"));
    }
}
