package io.bitlab.cli;

import io.bitlab.core.embedding.EmbeddingTable;
import io.bitlab.core.quant.TernaryMatrix;
import io.bitlab.layers.StateDict;
import io.bitlab.models.AutoBitModel;
import io.bitlab.models.BitModel;
import io.bitlab.models.io.FileOutline;
import io.bitlab.models.io.Json;
import io.bitlab.models.io.ModelFormatException;
import io.bitlab.models.io.folder.ModelFolder;
import io.bitlab.models.io.gguf.GgufFile;
import io.bitlab.models.io.gguf.GgufTensor;
import io.bitlab.models.io.gguf.I2sLayout;
import io.bitlab.models.io.safetensors.DType;
import io.bitlab.models.io.safetensors.SafetensorsFile;
import io.bitlab.models.io.safetensors.TensorInfo;
import io.bitlab.models.pretrained.LoadOptions;
import io.bitlab.models.tokenizer.Tokenizers;
import io.bitlab.models.transformer.BitTransformer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Lists what a model folder, a Hugging Face folder or a GGUF file holds, and says whether the library can run it. */
@Command(name = "inspect", mixinStandardHelpOptions = true, description = "Says what a model's files hold.")
final class InspectCommand implements Callable<Integer> {

    @Parameters(index = "0", paramLabel = "PATH", description = "a model folder, a Hugging Face folder or a GGUF file")
    private Path path;

    @Option(names = "--read-i2s", defaultValue = "X86",
            description = "the machine on which an I2_S file was made: ${COMPLETION-CANDIDATES}; "
                    + "${DEFAULT-VALUE} unless given")
    private I2sLayout readI2s;

    @Option(names = "--json", description = "print JSON when everything is read")
    private boolean json;

    @Override
    public Integer call() throws IOException {
        if (!Files.exists(path)) {
            throw new NoSuchFileException(path.toString(), null, "there is nothing to inspect");
        }
        Inspection found = json ? new InspectionJson() : new InspectionText();
        try {
            if (Files.isRegularFile(path)) {
                inspectGguf(found);
            } else if (ModelFolder.isHere(path)) {
                ModelFolder.read(path, contents -> inspectOwn(contents, found));
            } else {
                inspectHuggingFace(found);
            }
        } catch (IOException e) { // too damaged or unusual to be listed to its end
            found.problem("the list ends here", e);
        }
        boolean runs = inspectUse(found);
        found.end();
        return runs ? 0 : 1;
    }

    private void inspectTokenizer(Inspection found) {
        try {
            found.tokenizer(Tokenizers.ofModel(path));
        } catch (IOException e) {
            found.problem("tokenizer: none that can be read", e);
        }
    }

    /** Whether the model runs here; models of pictures and tables have no tokenizer. */
    private boolean inspectUse(Inspection found) {
        try {
            BitModel model = AutoBitModel.load(path, LoadOptions.defaults().withI2sLayout(readI2s));
            if (model instanceof BitTransformer) {
                inspectTokenizer(found);
            }
            found.runs(model);
            return true;
        } catch (IOException e) {
            inspectTokenizer(found);
            found.problem("does NOT run here", e);
            return false;
        }
    }

    // ---------------------------------------------------------------- tensors

    private void inspectGguf(Inspection found) throws IOException {
        FileOutline<GgufTensor> outline = GgufFile.outline(path, readI2s);
        found.files("GGUF file", outline.metadata().get("general.architecture"));
        if (outline.problem().isPresent()) {
            outline.tensors().forEach(tensor -> tell(tensor, found));
            throw outline.problem().get();
        }
        try (GgufFile file = GgufFile.open(path, readI2s)) {
            for (String name : file.names()) {
                GgufTensor info = file.info(name);
                if (info.type().isTernary()) {
                    TernaryMatrix matrix = file.ternary(name);
                    found.ternary(name, info.type(), info.shape(), bits(info), matrix.scales().length,
                            matrix.zeroFraction());
                } else {
                    tell(info, found);
                }
            }
        }
    }

    private static void tell(GgufTensor info, Inspection found) {
        found.tensor(info.name(), info.type(), info.shape(), bits(info));
    }

    private static double bits(GgufTensor info) {
        return 8.0 * info.byteCount() / info.elements();
    }

    private static Void inspectOwn(ModelFolder.Contents contents, Inspection found) {
        found.files("BitLab folder", contents.config().get("model_type"));
        StateDict state = contents.state();
        for (String name : state.names()) {
            if (state.isTernary(name)) {
                TernaryMatrix matrix = state.ternary(name);
                found.ternary(name, "base 3", new int[] {matrix.outFeatures(), matrix.inFeatures()},
                        matrix.bitsPerWeight(), matrix.scales().length, matrix.zeroFraction());
            } else if (state.isEmbeddingTable(name)) {
                EmbeddingTable table = state.embeddingTable(name);
                found.tensor(name, table.format().jsonName(), new int[] {table.rows(), table.columns()},
                        table.format().bits());
            } else {
                found.tensor(name, DType.F32, state.tensor(name).shape(), Float.SIZE);
            }
        }
        return null;
    }

    private void inspectHuggingFace(Inspection found) throws IOException {
        try {
            Map<String, Object> config = Json.read(path.resolve(ModelFolder.CONFIG_FILE));
            found.files("Hugging Face folder", config.getOrDefault("architectures", config.get("model_type")));
        } catch (IOException e) {
            found.problem("the configuration can't be read", e);
            found.files("Folder", "unknown");
        }
        List<Path> files;
        try (Stream<Path> all = Files.list(path)) {
            files = all.filter(file -> file.toString().endsWith(".safetensors")).sorted().toList();
        }
        for (Path each : files) {
            inspectSafetensors(each, found);
        }
    }

    private void inspectSafetensors(Path each, Inspection found) throws IOException {
        FileOutline<TensorInfo> outline = SafetensorsFile.outline(each);
        if (outline.problem().isPresent()) {
            outline.tensors().forEach(tensor -> tell(tensor, found));
            found.problem("the list of " + each.getFileName() + " ends here", outline.problem().get());
            return;
        }
        try (SafetensorsFile file = SafetensorsFile.open(each)) {
            for (String name : file.names()) {
                inspect(file, name, found);
            }
        }
    }

    private static void tell(TensorInfo info, Inspection found) {
        found.tensor(info.name(), info.dtype(), info.shape(), 8.0 * info.dtype().byteSize());
    }

    private static void inspect(SafetensorsFile file, String name, Inspection found) throws ModelFormatException {
        TensorInfo info = file.info(name);
        int[] shape = info.shape();
        if (info.dtype() == DType.U8 && shape.length == 2) {
            found.ternary(name, "packed", new int[] {4 * shape[0], shape[1]}, 2, 1, zeros(file.bytes(name)));
        } else {
            tell(info, found);
        }
    }

    /** The fraction of zero weights: a byte has four codes of two bits, and code 1 is the weight 0. */
    private static double zeros(byte[] packed) {
        long zeros = 0;
        for (byte four : packed) {
            for (int shift = 0; shift < 8; shift += 2) {
                zeros += (four >> shift & 3) == 1 ? 1 : 0;
            }
        }
        return zeros / (4.0 * packed.length);
    }
}
