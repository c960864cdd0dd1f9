package io.bitlab.cli;

import io.bitlab.core.embedding.EmbeddingFormat;
import io.bitlab.models.AutoBitModel;
import io.bitlab.models.generate.ChatTemplates;
import io.bitlab.models.io.gguf.I2sLayout;
import io.bitlab.models.pretrained.ExportFormat;
import io.bitlab.models.pretrained.ExportOptions;
import io.bitlab.models.pretrained.ExportReport;
import io.bitlab.models.pretrained.LoadOptions;
import io.bitlab.models.pretrained.ModelDifference;
import io.bitlab.models.tokenizer.Tokenizer;
import io.bitlab.models.tokenizer.Tokenizers;
import io.bitlab.models.transformer.BitTransformer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.TypeConversionException;

/**
 * Converts a transformer between BitLab folders, Hugging Face folders and GGUF files. Loads the result again, and
 * compares all ternary weights, scales and other values with the original.
 */
@Command(name = "convert", mixinStandardHelpOptions = true,
        description = "Converts a model and checks the result.")
final class ConvertCommand implements Callable<Integer> {

    /** Errors are compared up to rounding in float. */
    private static final double TOLERANCE = 1e-6;

    @Parameters(index = "0", paramLabel = "IN", description = "a model folder, a Hugging Face folder or a GGUF file")
    private Path in;

    @Parameters(index = "1", paramLabel = "OUT", description = "a folder, or a .gguf file")
    private Path out;

    @Option(names = "--to", required = true, converter = FormatName.class,
            description = "bitlab, huggingface, tq1_0, tq2_0 or i2_s")
    private ExportFormat format;

    @Option(names = "--allow-rounding", description = "round what the format can't hold exactly, and say by how much")
    private boolean allowRounding;

    @Option(names = "--table",
            description = "embedding and head as ${COMPLETION-CANDIDATES}; an exact format unless given")
    private EmbeddingFormat table;

    @Option(names = "--bfloat16-scales", description = "scales of a Hugging Face folder as BF16, not F32")
    private boolean bfloat16Scales;

    @Option(names = "--read-i2s", defaultValue = "X86",
            description = "the machine on which an I2_S file was made: ${COMPLETION-CANDIDATES}; "
                    + "${DEFAULT-VALUE} unless given")
    private I2sLayout readI2s;

    @Option(names = "--write-i2s", defaultValue = "X86",
            description = "the machine on which an I2_S file will run: ${COMPLETION-CANDIDATES}; "
                    + "${DEFAULT-VALUE} unless given")
    private I2sLayout writeI2s;

    /** Reads the name of a format, with or without underscores, in any case. */
    static final class FormatName implements ITypeConverter<ExportFormat> {
        @Override
        public ExportFormat convert(String value) {
            String wanted = plain(value);
            return Stream.of(ExportFormat.values()).filter(format -> plain(format.name()).equals(wanted)).findFirst()
                    .orElseThrow(() -> new TypeConversionException("'" + value + "' is not one of "
                            + Arrays.toString(ExportFormat.values()).toLowerCase(Locale.ROOT)));
        }

        private static String plain(String name) {
            return name.toLowerCase(Locale.ROOT).replace("_", "");
        }
    }

    @Override
    public Integer call() throws IOException {
        BitTransformer model = load("loading " + in, in, readI2s);
        Tokenizer tokenizer = tokenizer();
        ExportOptions options = ExportOptions.defaults().withEmbeddingFormat(table).withRounding(allowRounding)
                .withBfloat16Scales(bfloat16Scales).withI2sLayout(writeI2s).withChatTemplate(chatTemplate())
                .withProgress((_, done, total) -> progress("writing " + out, done, total));
        ExportReport report = AutoBitModel.export(model, tokenizer, out, format, options);
        return verify(model, report) ? 0 : 1;
    }

    private static BitTransformer load(String what, Path path, I2sLayout i2s) throws IOException {
        return AutoBitModel.load(path, BitTransformer.class,
                LoadOptions.defaults().withI2sLayout(i2s)
                        .withProgress((_, done, total) -> progress(what, done, total)));
    }

    /** Prints a line for each tenth of the work. */
    private static void progress(String what, int done, int total) {
        if (done * 10 / total != (done - 1) * 10 / total) {
            System.out.printf(Locale.ROOT, "%s: %d of %d tensors%n", what, done, total);
        }
    }

    private Tokenizer tokenizer() {
        try {
            Tokenizer tokenizer = Tokenizers.ofModel(in);
            tokenizer.toMap(); // whether it can be written
            return tokenizer;
        } catch (IOException | IllegalStateException e) {
            System.out.println("without a tokenizer: " + e.getMessage());
            return null;
        }
    }

    private String chatTemplate() {
        try {
            return ChatTemplates.textOf(in).orElse(null);
        } catch (IOException e) {
            System.out.println("without a chat template: " + e.getMessage());
            return null;
        }
    }

    private boolean verify(BitTransformer model, ExportReport report) throws IOException {
        ModelDifference difference = ModelDifference.between(model, load("checking " + out, out, writeI2s));
        boolean right = difference.trits() == 0 && difference.scaleError() <= report.scaleError() + TOLERANCE
                && difference.floatError() <= report.embeddingError() + TOLERANCE;
        System.out.printf(Locale.ROOT, "%s: %,d bytes, before %,d%n", report.model(), report.bytes(), size(in));
        System.out.println("tokenizer: " + (report.tokenizer() == null ? "none" : report.tokenizer()));
        System.out.printf(Locale.ROOT,
                "checked: %d tensors, %d ternary weights differ, largest relative error of a scale"
                        + " %.2g, of another value %.2g%n",
                difference.tensors(), difference.trits(), difference.scaleError(),
                difference.floatError());
        System.out.println(difference.isNone() ? "the same model, exactly"
                : right ? "the same model, rounded as allowed" : "NOT the same model");
        return right;
    }

    private static long size(Path path) throws IOException {
        if (Files.isRegularFile(path)) {
            return Files.size(path);
        }
        try (Stream<Path> files = Files.list(path)) {
            return files.filter(file -> file.toString().endsWith(".safetensors"))
                    .mapToLong(file -> file.toFile().length())
                    .sum();
        }
    }
}
