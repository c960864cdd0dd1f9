package io.bitlab.layers;

import io.bitlab.layers.Layer.Mode;
import java.util.LinkedHashMap;
import java.util.SequencedMap;

/** Collects the state of a tree of layers, and loads one into it. */
final class StateTransfer {

    private StateTransfer() {
    }

    static StateDict collect(Layer root, Mode mode) {
        StateDict state = new StateDict();
        root.layers().forEach((path, layer) -> {
            layer.saveState(prefix(path), mode, state);
            layer.node().buffers().forEach((name, buffer) -> state.put(prefix(path) + name, buffer.tensor()));
        });
        return state.dropDuplicates();
    }

    private static String prefix(String path) {
        return path.isEmpty() ? "" : path + ".";
    }

    /** Loads a state with exactly the tree's names and shapes. */
    static void loadAll(Layer root, StateDict state) {
        StateDict complete = state.withTied(TiedParameter.firstPaths(root));
        root.layers().forEach((path, layer) -> layer.completeState(prefix(path), complete));
        LoadReport report = complete.compare(expectedShapes(root));
        if (!report.isComplete()) {
            throw new IllegalArgumentException("loadStateDict: the state doesn't fit " + root.describe() + ": "
                    + report + "; nothing was loaded. loadMatching takes what fits");
        }
        load(root, complete);
    }

    /** Loads what fits; the rest keeps its values. */
    static LoadReport loadMatching(Layer root, StateDict state) {
        SequencedMap<String, String> ties = TiedParameter.firstPaths(root);
        StateDict complete = state.withTied(ties);
        LoadReport report = complete.compare(expectedShapes(root));
        requireNothingLeftToTrain(root, complete, report);
        load(root, complete.completed(report.loaded(), root.stateDict().withTied(ties)));
        return report;
    }

    /** Ternary weights deploy the tree: a layer that keeps its first weights could never learn better ones. */
    private static void requireNothingLeftToTrain(Layer root, StateDict state, LoadReport report) {
        if (report.loaded().stream().noneMatch(name -> state.isTernary(name))) {
            return;
        }
        root.layers().forEach((path, layer) -> {
            String weight = prefix(path) + TernaryLayer.WEIGHT;
            if (layer instanceof TernaryLayer && layer.mode() != Mode.DEPLOYED && !report.loaded().contains(weight)) {
                throw new IllegalArgumentException("loadMatching: the state has ternary weights, which deploy the"
                        + " network, but none that fit '" + weight + "', which could then never be trained; take a"
                        + " state that was saved before deploy()");
            }
        });
    }

    private static SequencedMap<String, int[]> expectedShapes(Layer root) {
        SequencedMap<String, int[]> expected = new LinkedHashMap<>();
        root.layers().forEach((path, layer) -> {
            layer.stateShapes().forEach((name, shape) -> expected.put(prefix(path) + name, shape));
            layer.node().buffers()
                    .forEach((name, buffer) -> expected.put(prefix(path) + name, buffer.tensor().shape()));
        });
        return expected;
    }

    private static void load(Layer root, StateDict state) {
        root.layers().forEach((path, layer) -> { // all, before any is changed
            checkBuffers(layer, prefix(path), state);
            layer.checkState(prefix(path), state);
        });
        root.layers().forEach((path, layer) -> {
            layer.node().buffers().forEach((name, buffer) -> buffer.load(state.tensor(prefix(path) + name)));
            layer.loadState(prefix(path), state);
            layer.afterWeightChange();
        });
        if (state.isDeployed()) {
            root.deploy();
        }
    }

    private static void checkBuffers(Layer layer, String prefix, StateDict state) {
        for (String name : layer.node().buffers().keySet()) {
            if (state.isEmbeddingTable(prefix + name) || state.isTernary(prefix + name)) {
                throw new IllegalArgumentException("loadStateDict: the state has "
                        + (state.isTernary(prefix + name) ? "ternary weights" : "an embedding table") + " for '"
                        + prefix
                        + name + "', but that is a buffer of floats; nothing was loaded");
            }
        }
    }
}
