package io.bitlab.models.vision;

import io.bitlab.core.tensor.Autograd;
import io.bitlab.core.tensor.Tensor;
import io.bitlab.layers.Observation;
import io.bitlab.layers.StateDict;
import io.bitlab.models.internal.InEvaluation;
import io.bitlab.models.internal.Quote;
import io.bitlab.models.io.ModelFormatException;
import io.bitlab.models.io.folder.NameMapping;
import io.bitlab.models.io.folder.StateFile;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Pattern;

/**
 * Weights of a float ResNet-18 or -34 from PyTorch, in a safetensors file with the names of torchvision:
 * {@code conv1.weight}, {@code layer2.0.downsample.0.weight}, {@code fc.bias}. Write it in Python with
 * {@code safetensors.torch.save_file(model.state_dict(), "resnet18.safetensors")}.
 *
 * {@snippet class="io.bitlab.models.snippets.ImageModelSnippets" region="torchvision"}
 */
public final class TorchvisionResNet {

    /** A batch counter, which older files lack; nothing depends on it. */
    private static final String BATCHES = "num_batches_tracked";

    private static final Map<String, String> IN_BODY = Map.of("0", "conv1", "1", "bn1", "2", "relu", "3", "conv2",
            "4", "bn2");
    private static final Map<String, String> IN_STEM = Map.of("0", "conv1", "1", "bn1", "2", "relu", "3", "maxpool");
    private static final Pattern STAGE = Pattern.compile("stages\\.(\\d+)(.*)");
    private static final Pattern BODY = Pattern.compile("(\\.\\d+)\\.body\\.(\\d)(.*)");

    private TorchvisionResNet() {
    }

    /**
     * Loads weights.
     *
     * @param file the safetensors file; half precision is converted
     * @param config sizes and classes of the file, such as {@code BitResNetConfig.resnet18(input, names)}; its float
     *     twin is built
     * @return the float network in training; {@link BitResNet#toTernary} makes it ternary
     * @throws ModelFormatException if tensors are missing, unknown or of another shape; the message names them
     * @throws IOException if the file can't be read
     * @throws IllegalArgumentException if the shortcuts are not {@code STRIDED}, as those of torchvision are
     */
    public static BitResNet load(Path file, BitResNetConfig config) throws IOException {
        if (config.shortcut() != BitResNetConfig.Shortcut.STRIDED) {
            throw new IllegalArgumentException("TorchvisionResNet.load: the configuration has the shortcut "
                    + config.shortcut() + ", expected STRIDED, as in torchvision; start from BitResNetConfig.resnet18");
        }
        BitResNet network = config.floatTwin().newModel();
        network.loadStateDict(renamed(StateFile.read(file, NameMapping.NONE), network.stateDict(), file));
        return network;
    }

    /** The state of the file with the names of the network. */
    private static StateDict renamed(StateDict stored, StateDict wanted, Path file) throws ModelFormatException {
        List<String> missing = new ArrayList<>();
        List<String> misshapen = new ArrayList<>();
        Set<String> unknown = new LinkedHashSet<>(stored.names());
        StateDict state = new StateDict();
        for (String name : wanted.names()) {
            String theirs = theirName(name);
            if (!unknown.remove(theirs)) {
                if (!theirs.endsWith(BATCHES)) {
                    missing.add(theirs);
                }
            } else if (!Arrays.equals(stored.shape(theirs), wanted.shape(name))) {
                misshapen.add(theirs + " " + Arrays.toString(stored.shape(theirs)) + " instead of "
                        + Arrays.toString(wanted.shape(name)));
            } else {
                state.put(name, stored.tensor(theirs));
            }
        }
        if (!missing.isEmpty() || !unknown.isEmpty() || !misshapen.isEmpty()) {
            throw new ModelFormatException(file.toString(), "these are not the weights of this network: missing "
                    + Quote.names(missing) + ", unknown " + Quote.names(List.copyOf(unknown)) + ", of another shape "
                    + Quote.names(misshapen) + "; check channels, blocks, stem and classes of the configuration");
        }
        return state;
    }

    /**
     * Compares what the layers compute with what PyTorch computed, to find the first layer that differs.
     *
     * @param network in evaluation; not modified, and not used by another thread meanwhile
     * @param images {@code [n, channels, height, width]}, the input of both
     * @param expected outputs of PyTorch's layers by their names, such as {@code layer1}, {@code layer2.0} or
     *     {@code fc}
     * @return the largest absolute difference of each, in the order of the layers
     * @throws IllegalArgumentException if the network has no layer of a name, or its output another shape
     * @throws IllegalStateException in training
     */
    public static SequencedMap<String, Float> differences(BitResNet network, Tensor images,
            Map<String, Tensor> expected) {
        InEvaluation.require("TorchvisionResNet.differences", network);
        Map<String, Float> found = new ConcurrentHashMap<>();
        try (Observation _ = network.observe((path, output) -> {
            String theirs = theirName(path);
            if (expected.containsKey(theirs)) {
                found.put(theirs, largestDifference(theirs, output, expected.get(theirs)));
            }
        })) {
            Autograd.noGrad(() -> network.forward(images));
        }
        Set<String> unknown = new LinkedHashSet<>(expected.keySet());
        unknown.removeAll(found.keySet());
        if (!unknown.isEmpty()) {
            throw new IllegalArgumentException("TorchvisionResNet.differences: the network has no output of "
                    + unknown + "; expected names such as layer1, layer2.0 or fc");
        }
        SequencedMap<String, Float> inOrder = new LinkedHashMap<>();
        network.layers().keySet().stream().map(TorchvisionResNet::theirName).filter(found::containsKey)
                .forEach(name -> inOrder.put(name, found.get(name)));
        return inOrder;
    }

    private static float largestDifference(String name, Tensor found, Tensor expected) {
        if (!Arrays.equals(found.shape(), expected.shape())) {
            throw new IllegalArgumentException("TorchvisionResNet.differences: " + name + " has the shape "
                    + Arrays.toString(found.shape()) + ", expected " + Arrays.toString(expected.shape()));
        }
        float[] left = found.toArray();
        float[] right = expected.toArray();
        float largest = 0;
        for (int i = 0; i < left.length; i++) {
            float difference = Math.abs(left[i] - right[i]);
            largest = Float.isNaN(difference) ? Float.POSITIVE_INFINITY : Math.max(largest, difference);
        }
        return largest;
    }

    /** What torchvision calls a layer, parameter or buffer of this path. */
    static String theirName(String path) {
        var stage = STAGE.matcher(path);
        if (stage.matches()) {
            String inStage = stage.group(2).replace(".shortcut", ".downsample");
            var body = BODY.matcher(inStage);
            if (body.matches()) {
                inStage = body.group(1) + "." + IN_BODY.getOrDefault(body.group(2), body.group(2)) + body.group(3);
            }
            return "layer" + (Integer.parseInt(stage.group(1)) + 1) + inStage;
        }
        if (path.startsWith("stem.")) {
            String index = path.substring(5, 6);
            return IN_STEM.getOrDefault(index, index) + path.substring(6);
        }
        return path.startsWith("classifier") ? "fc" + path.substring("classifier".length()) : path;
    }
}
