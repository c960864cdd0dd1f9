package io.bitlab.cli;

import io.bitlab.cli.data.ShippedModel;
import io.bitlab.models.AutoBitModel;
import io.bitlab.models.detection.BitDetector;
import io.bitlab.models.detection.DetectedObject;
import io.bitlab.models.detection.DetectedObjects;
import io.bitlab.models.image.BitImage;
import io.bitlab.models.image.Box;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Says what is on pictures and where, with a model that {@code bitlab train detector} has saved, and draws it. */
@Command(name = "detect", mixinStandardHelpOptions = true,
        description = "Finds objects on pictures, and draws boxes around them.")
final class DetectCommand implements Callable<Integer> {

    /** The model that comes along, and its pictures. */
    private static final String SHIPPED = "blood-cells";
    private static final List<String> MODEL_FILES = List.of("config.json", "model.safetensors");
    private static final List<String> PICTURES = List.of("BloodImage_00007.jpg", "BloodImage_00015.jpg");

    @Spec
    private CommandSpec command;

    @Parameters(index = "0", arity = "0..1", paramLabel = "MODEL", description = "folder of the model;"
            + " 'blood-cells' is one that comes along, with pictures to try")
    private Path model;

    @Parameters(index = "1..*", arity = "0..*", paramLabel = "FILE", description = "the pictures")
    private List<Path> files = List.of();

    @Option(names = "--out", description = "folder for the pictures with boxes; ${DEFAULT-VALUE} unless given")
    private Path out = Path.of("objects");

    @Option(names = "--score", description = "smallest score, from 0 to 1; that of the model unless given")
    private Float score;

    @Option(names = "--json", description = "print a line of JSON for each picture, instead of a table")
    private boolean json;

    private boolean picturesComeAlong;

    @Override
    public Integer call() throws IOException {
        boolean shipped = model == null || model.toString().equals(SHIPPED) && !Files.exists(model);
        if (!shipped && files.isEmpty()) {
            throw new CommandLine.ParameterException(command.commandLine(), "Name pictures: MODEL FILE...");
        }
        BitDetector detector = shipped
                ? ShippedModel.read(SHIPPED, MODEL_FILES, folder -> AutoBitModel.load(folder, BitDetector.class))
                : AutoBitModel.load(model, BitDetector.class);
        Files.createDirectories(out);
        if (!files.isEmpty()) {
            detect(detector);
            return 0;
        }
        picturesComeAlong = true;
        return ShippedModel.read(SHIPPED, PICTURES, folder -> {
            files = PICTURES.stream().map(folder::resolve).toList();
            detect(detector);
            return 0;
        });
    }

    private void detect(BitDetector detector) throws IOException {
        int nameWidth = files.stream().mapToInt(file -> shown(file).length()).max().orElse(0);
        int classWidth = detector.config().classNames().toList().stream().mapToInt(String::length).max().orElse(0);
        for (int i = 0; i < files.size(); i++) {
            Path file = files.get(i);
            BitImage image = BitImage.read(file);
            DetectedObjects found = score == null ? detector.detect(image)
                    : detector.detect(image, detector.config().options().withScoreThreshold(score));
            found.drawOn(image).write(out.resolve(pictureName(i)));
            if (json) {
                System.out.println(found.toJson());
                continue;
            }
            for (DetectedObject object : found.objects()) {
                Box box = object.box();
                System.out.printf(Locale.ROOT,
                        "%-" + nameWidth + "s  %-" + classWidth + "s  %.2f  (%.0f, %.0f) to (%.0f, %.0f)%n",
                        shown(file),
                        object.name(), object.score(), box.left(), box.top(), box.right(), box.bottom());
            }
            if (found.objects().isEmpty()) {
                System.out.printf("%-" + nameWidth + "s  nothing%n", shown(file));
            }
        }
        if (!json) {
            System.out.println("pictures with boxes are in " + out);
        }
    }

    /** The pictures that come along lie in no folder that a user knows. */
    private String shown(Path file) {
        return picturesComeAlong ? file.getFileName().toString() : file.toString();
    }

    /** Files of the same name in different folders must not replace each other. */
    private String pictureName(int index) {
        String name = files.get(index).getFileName().toString();
        boolean again = files.subList(0, index).stream().anyMatch(file -> baseName(file).equals(baseName(name)));
        return baseName(name) + (again ? "-" + (index + 1) : "") + ".png";
    }

    private static String baseName(Path file) {
        return baseName(file.getFileName().toString());
    }

    private static String baseName(String name) {
        int dot = name.lastIndexOf('.');
        return dot > 0 ? name.substring(0, dot) : name;
    }
}
