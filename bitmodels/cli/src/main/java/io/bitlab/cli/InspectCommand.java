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
import io.bitlab.models.tokenizer.Tokenizer;
import io.bitlab.models.tokenizer.Tokenizers;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Lists what a model folder, a Hugging Face folder or a GGUF file holds, and says whether the library can run it. */
@Command(name = "inspect", mixinStandardHelpOptions = true, description = "Says what a model's files hold.")
final class InspectCommand implements Callable<Integer> {

    private static final String ROW = "%-52s %-9s %-16s %6s %8s %7s%n";

    @Parameters(index = "0", paramLabel = "PATH", description = "a model folder, a Hugging Face folder or a GGUF file")
    private Path path;

    @Option(names = "--read-i2s", defaultValue = "X86",
            description = "the machine on which an I2_S file was made: ${COMPLETION-CANDIDATES}; "
                    + "${DEFAULT-VALUE} unless given")
    private I2sLayout readI2s;

    private String told = ""; // the last problem that was printed

    InspectCommand() {
    }

    @Override
    public Integer call() throws IOException {
        if (!Files.exists(path)) {
            throw new NoSuchFileException(path.toString(), null, "there is nothing to inspect");
        }
        try {
            if (Files.isRegularFile(path)) {
                inspectGguf();
            } else if (ModelFolder.isHere(path)) {
                ModelFolder.read(path, InspectCommand::inspectOwn);
            } else {
                inspectHuggingFace();
            }
        } catch (IOException e) { // too damaged or unusual to be listed to its end
            tell("the list ends here", e);
        }
        printTokenizer();
        return printVerdict() ? 0 : 1;
    }

    /** Prints a problem; its reason only if that is not the last one printed. */
    private void tell(String what, IOException reason) {
        System.out.println(what + (told.equals(reason.getMessage()) ? ", for the same reason"
                : ": " + reason.getMessage()));
        told = reason.getMessage();
    }

    private void printTokenizer() {
        try {
            Tokenizer tokenizer = Tokenizers.ofModel(path);
            System.out.printf(Locale.ROOT, "tokenizer: %s, %,d tokens%n", tokenizer.getClass().getSimpleName(),
                    tokenizer.vocabularySize());
        } catch (IOException e) {
            tell("tokenizer: none that can be read", e);
        }
    }

    private boolean printVerdict() {
        try {
            BitModel model = AutoBitModel.load(path, LoadOptions.defaults().withI2sLayout(readI2s));
            System.out.println("runs here, as " + model.getClass().getSimpleName() + ", "
                    + model.mode().name().toLowerCase(Locale.ROOT));
            return true;
        } catch (IOException e) {
            tell("does NOT run here", e);
            return false;
        }
    }

    // ---------------------------------------------------------------- tensors

    private static void printTitles(String kind, Object architecture) {
        System.out.println(kind + (architecture == null ? "" : ", architecture " + architecture));
        System.out.printf(Locale.ROOT, ROW, "tensor", "type", "shape", "bits", "scales", "zeros");
    }

    private static void print(String name, Object type, int[] shape, double bits) {
        System.out.printf(Locale.ROOT, ROW, name, type, Arrays.toString(shape), bits(bits), "", "");
    }

    private static void printTernary(String name, Object type, int[] shape, double bits, int scales, double zeros) {
        System.out.printf(Locale.ROOT, ROW, name, type, Arrays.toString(shape), bits(bits), scales,
                String.format(Locale.ROOT, "%.1f %%", 100 * zeros));
    }

    private static String bits(double bits) {
        return String.format(Locale.ROOT, "%.2f", bits);
    }

    private void inspectGguf() throws IOException {
        FileOutline<GgufTensor> outline = GgufFile.outline(path, readI2s);
        printTitles("GGUF file", outline.metadata().get("general.architecture"));
        if (outline.problem().isPresent()) {
            outline.tensors().forEach(InspectCommand::print);
            throw outline.problem().get();
        }
        try (GgufFile file = GgufFile.open(path, readI2s)) {
            for (String name : file.names()) {
                GgufTensor info = file.info(name);
                if (info.type().isTernary()) {
                    TernaryMatrix matrix = file.ternary(name);
                    printTernary(name, info.type(), info.shape(), bits(info), matrix.scales().length,
                            matrix.zeroFraction());
                } else {
                    print(info);
                }
            }
        }
    }

    private static void print(GgufTensor info) {
        print(info.name(), info.type(), info.shape(), bits(info));
    }

    private static double bits(GgufTensor info) {
        return 8.0 * info.byteCount() / info.elements();
    }

    private static Void inspectOwn(ModelFolder.Contents contents) {
        printTitles("BitLab folder", contents.config().get("model_type"));
        StateDict state = contents.state();
        for (String name : state.names()) {
            if (state.isTernary(name)) {
                TernaryMatrix matrix = state.ternary(name);
                printTernary(name, "base 3", new int[] {matrix.outFeatures(), matrix.inFeatures()},
                        matrix.bitsPerWeight(), matrix.scales().length, matrix.zeroFraction());
            } else if (state.isEmbeddingTable(name)) {
                EmbeddingTable table = state.embeddingTable(name);
                print(name, table.format().jsonName(), new int[] {table.rows(), table.columns()},
                        table.format().bits());
            } else {
                print(name, DType.F32, state.tensor(name).shape(), Float.SIZE);
            }
        }
        return null;
    }

    private void inspectHuggingFace() throws IOException {
        try {
            Map<String, Object> config = Json.read(path.resolve(ModelFolder.CONFIG_FILE));
            printTitles("Hugging Face folder", config.getOrDefault("architectures", config.get("model_type")));
        } catch (IOException e) {
            tell("the configuration can't be read", e);
            printTitles("Folder", "unknown");
        }
        List<Path> files;
        try (Stream<Path> all = Files.list(path)) {
            files = all.filter(file -> file.toString().endsWith(".safetensors")).sorted().toList();
        }
        for (Path each : files) {
            inspectSafetensors(each);
        }
    }

    private void inspectSafetensors(Path each) throws IOException {
        FileOutline<TensorInfo> outline = SafetensorsFile.outline(each);
        if (outline.problem().isPresent()) {
            outline.tensors().forEach(InspectCommand::print);
            tell("the list of " + each.getFileName() + " ends here", outline.problem().get());
            return;
        }
        try (SafetensorsFile file = SafetensorsFile.open(each)) {
            for (String name : file.names()) {
                inspect(file, name);
            }
        }
    }

    private static void print(TensorInfo info) {
        print(info.name(), info.dtype(), info.shape(), 8.0 * info.dtype().byteSize());
    }

    private static void inspect(SafetensorsFile file, String name) throws ModelFormatException {
        TensorInfo info = file.info(name);
        int[] shape = info.shape();
        if (info.dtype() == DType.U8 && shape.length == 2) {
            printTernary(name, "packed", new int[] {4 * shape[0], shape[1]}, 2, 1, zeros(file.bytes(name)));
        } else {
            print(info);
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
