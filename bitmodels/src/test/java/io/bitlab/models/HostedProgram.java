package io.bitlab.models;

import io.bitlab.core.kernel.KernelRegistry;
import io.bitlab.core.kernel.TernaryKernel;
import io.bitlab.core.tensor.Tensor;
import io.bitlab.layers.optim.AdamW;
import io.bitlab.models.mlp.BitMlp;
import io.bitlab.models.mlp.BitMlpConfig;
import io.bitlab.models.pretrained.ExportFormat;
import io.bitlab.models.pretrained.ExportOptions;
import io.bitlab.models.tokenizer.ByteTokenizer;
import io.bitlab.models.train.Dataset;
import io.bitlab.models.train.ProgressReport;
import io.bitlab.models.train.Trainer;
import io.bitlab.models.transformer.BitTransformer;
import io.bitlab.models.transformer.BitTransformerConfig;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.stream.Stream;

/** What a host program does with the library; {@link HostProgramTest} runs it in class loaders of its own. */
public final class HostedProgram implements Callable<Map<String, List<String>>> {

    /** For the host. */
    public HostedProgram() {
    }

    /** What came of each step, in words: the same wherever this runs. */
    @Override
    public Map<String, List<String>> call() throws Exception {
        Map<String, List<String>> results = new TreeMap<>();
        Path folder = Files.createTempDirectory("hosted");
        try {
            results.put("class loader", List.of(AutoBitModel.class.getClassLoader().toString()));
            results.put("kernels", KernelRegistry.kernels().stream().map(TernaryKernel::name).toList());
            results.put("fromConfig", fromConfig());
            results.put("load", saveAndLoad(folder));
            results.put("export", export(folder));
            results.put("own kind", ownKind());
            results.put("unknown kind", unknownKind());
            results.put("training", train());
        } finally {
            delete(folder);
        }
        return results;
    }

    private static List<String> fromConfig() throws IOException {
        List<String> kinds = new ArrayList<>();
        for (String json : List.of(
                "{'model_type': 'bitmlp', 'in_channels': 4, 'out_channels': 2}",
                "{'model_type': 'bittransformer', 'vocab_size': 16, 'hidden_size': 8, 'num_hidden_layers': 1, "
                        + "'num_attention_heads': 2}")) {
            kinds.add(AutoBitModel.fromConfig(json.replace('\'', '"')).getClass().getName());
        }
        return kinds;
    }

    private static List<String> saveAndLoad(Path folder) throws IOException {
        BitModel model = BitMlpConfig.builder().inChannels(4).hiddenDim(8).outChannels(2).build().newModel();
        model.deploy();
        AutoBitModel.save(model, folder.resolve("mlp"));
        BitModel loaded = AutoBitModel.load(folder.resolve("mlp"));
        Tensor x = Tensor.randn(3, 5, 4);
        return List.of(loaded.getClass().getName(), Arrays.toString(model.forward(x).toArray()),
                Arrays.toString(loaded.forward(x).toArray()));
    }

    private static List<String> export(Path folder) throws IOException {
        BitTransformer model = AutoBitModel.fromConfig(
                BitTransformerConfig.builder(256, 256, 1, 2).intermediateSize(256).maxPositionEmbeddings(8).build(), 5);
        model.deploy();
        List<String> results = new ArrayList<>();
        for (ExportFormat format : ExportFormat.values()) {
            Path target = folder.resolve("export-" + format);
            AutoBitModel.export(model, new ByteTokenizer(), target, format,
                    ExportOptions.defaults().withRounding(true));
            results.add(format + " " + AutoBitModel.load(target).getClass().getName());
        }
        return results;
    }

    private static List<String> ownKind() {
        return List.of(outcome("{\"model_type\": \"gain\", \"features\": 3}"));
    }

    private static List<String> unknownKind() {
        return List.of(outcome("{\"model_type\": \"nobody's\"}"));
    }

    /** With the bar of a terminal, which other libraries draw. */
    private static List<String> train() {
        BitMlp model = BitMlpConfig.builder().inChannels(2).hiddenDim(8).outChannels(2).build().newModel();
        ProgressReport report = new ProgressReport("hosted", new PrintStream(OutputStream.nullOutputStream()), true);
        Dataset data = Dataset.of(new float[] {1, 0, 0, 1}, new int[] {0, 1});
        return Arrays.asList(Trainer.builder(model, new AdamW(model.parameters(), 0.01f)).epochs(2).batchSize(2)
                .listener(report).build().fit(data, null).stream().map(epoch -> "loss " + epoch.loss()).toArray(
                        String[]::new));
    }

    private static String outcome(String json) {
        try {
            return AutoBitModel.fromConfig(json).getClass().getName();
        } catch (IOException e) {
            return e.getMessage();
        }
    }

    private static void delete(Path folder) throws IOException {
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file : files.toList().reversed()) {
                Files.delete(file);
            }
        }
    }
}
