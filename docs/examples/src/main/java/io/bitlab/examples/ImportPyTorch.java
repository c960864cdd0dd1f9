package io.bitlab.examples;

import io.bitlab.core.BitQuantConfig;
import io.bitlab.core.tensor.Tensor;
import io.bitlab.layers.Layer;
import io.bitlab.layers.Linear;
import io.bitlab.layers.LoadReport;
import io.bitlab.layers.StateDict;
import io.bitlab.layers.convert.Ternarizer;
import io.bitlab.models.io.folder.NameMapping;
import io.bitlab.models.io.folder.StateFile;
import io.bitlab.models.train.Dataset;
import io.bitlab.models.train.Evaluation;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.Reader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.zip.GZIPInputStream;

/** The third tutorial: the weights of a PyTorch network, loaded into the same network written in Java. */
public final class ImportPyTorch {
    /** What the Python class Net is: two linear layers with ReLU between. */
    static final class Net extends Layer {
        private final Linear input = child("input", new Linear(64, 32));
        private final Linear output = child("output", new Linear(32, 10));

        @Override
        public Tensor forward(Tensor x) {
            return output.forward(input.forward(x).relu());
        }
    }

    public static void main(String[] args) throws Exception {
        Dataset digits;
        try (InputStream packed = ImportPyTorch.class.getResourceAsStream("/io/bitlab/cli/digits.csv.gz");
                Reader text = new InputStreamReader(new GZIPInputStream(packed))) {
            digits = Dataset.readCsv("digits", text).scaled(1f / 16);
        }
        // The weights come with the examples too; a file that you made yourself is where you put it.
        Path file = Files.createTempFile("pytorch-digits", ".safetensors");
        try (InputStream in =
                ImportPyTorch.class.getResourceAsStream("/io/bitlab/examples/pytorch-digits.safetensors")) {
            Files.copy(in, file, StandardCopyOption.REPLACE_EXISTING);
        }

        // 1. The file calls the layers fc1 and fc2, the network calls them input and output.
        NameMapping names = NameMapping.NONE.replace("^fc1\\.", "input.").replace("^fc2\\.", "output.");
        StateDict state = StateFile.read(file, names);
        Files.delete(file);
        System.out.println("in the file: " + state.names());

        // 2. Take what fits, and look at what doesn't.
        Net network = new Net();
        LoadReport report = network.loadMatching(state);
        System.out.println(report);
        if (!report.missing().isEmpty() || !report.mismatched().isEmpty()) {
            throw new IllegalStateException("the network is not complete");
        }

        // 3. It answers as PyTorch did.
        network.eval();
        Tensor answer = network.forward(digits.batch(0, 1, 2, 3, 4, 5, 6, 7));
        Tensor expected = state.tensor("expected");
        float largest = 0;
        for (int i = 0; i < expected.size(); i++) {
            largest = Math.max(largest, Math.abs(answer.data()[i] - expected.data()[i]));
        }
        System.out.println("differs from PyTorch by at most 1e-4: " + (largest < 1e-4f));
        System.out.printf("float:   %.2f %% of all digits%n", 100 * Evaluation.accuracy(network, digits));

        // 4. Ternary from here on. Fine-tuning brings back what this loses.
        network.train();
        Ternarizer.convert(network, BitQuantConfig.defaults());
        network.eval();
        System.out.printf("ternary: %.2f %% without fine-tuning%n", 100 * Evaluation.accuracy(network, digits));

        // 5. The way back: float tensors that PyTorch reads with safetensors.torch.load_file.
        Path folder = Files.createDirectories(Path.of("target"));
        StateFile.write(folder.resolve("exported.safetensors"), network.stateDict());
    }
}
