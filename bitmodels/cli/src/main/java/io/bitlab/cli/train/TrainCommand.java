package io.bitlab.cli.train;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import picocli.CommandLine.Unmatched;

/** Trains a model; of what kind, its name or the data say. */
@Command(name = "train", mixinStandardHelpOptions = true,
        description = {"Trains a model. 'bitlab train DATA' sees from the data what kind it is: a CSV file becomes a"
                + " model of a table (with --label or --target), another text file a language model, a folder of"
                + " folders of images (or the files of MNIST) a classifier, photographs with boxes (VOC, COCO or"
                + " YOLO) a detector.",
            "The commands below do so by name; their --help lists the options, which both forms take,"
                    + " here after DATA."},
        subcommands = {TrainTable.class, TrainImages.class, TrainDetector.class, TrainGenerator.class, TrainText.class})
public final class TrainCommand implements Callable<Integer> {

    @Spec
    private CommandSpec spec;

    @Parameters(index = "0", arity = "0..1", paramLabel = "DATA", description = "a file or folder")
    private Path data;

    @Unmatched
    private List<String> options = new ArrayList<>();

    @Override
    public Integer call() throws IOException {
        if (data == null) {
            throw new CommandLine.ParameterException(spec.commandLine(),
                    "What shall be trained? Name a file or folder with data before the options, or a command");
        }
        List<String> line = new ArrayList<>(kind(data));
        line.addAll(options);
        System.out.println("bitlab train " + String.join(" ", line));
        return spec.subcommands().get(line.getFirst())
                .execute(line.subList(1, line.size()).toArray(String[]::new));
    }

    /** The command for data, and the options that name them. */
    static List<String> kind(Path data) throws IOException {
        if (!Files.exists(data)) {
            throw new NoSuchFileException(data.toString());
        }
        String path = data.toString();
        if (Files.isRegularFile(data)) {
            if (name(data).endsWith(".csv") || name(data).endsWith(".tsv")) {
                return List.of("table", "--data", path);
            }
            return List.of("text", "--text", path);
        }
        Path annotations = data.resolve("Annotations"); // which some file systems don't tell from annotations of COCO
        if (Files.isDirectory(annotations) && !has(annotations, ".json")) {
            return List.of("detector", "--format", "voc", "--data", path);
        }
        if (Files.isDirectory(data.resolve("labels"))) {
            return List.of("detector", "--format", "yolo", "--data", path);
        }
        if (Files.isDirectory(data.resolve("annotations")) || has(data, ".json")) {
            return List.of("detector", "--format", "coco", "--data", path);
        }
        if (has(data, ".xml")) { // beside the photographs
            return List.of("detector", "--format", "voc", "--data", path);
        }
        return List.of("images", "--data", path);
    }

    private static boolean has(Path folder, String extension) throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.anyMatch(file -> name(file).endsWith(extension));
        }
    }

    private static String name(Path file) {
        return file.getFileName().toString().toLowerCase(Locale.ROOT);
    }
}
