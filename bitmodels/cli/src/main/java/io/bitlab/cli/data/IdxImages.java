package io.bitlab.cli.data;

import io.bitlab.models.image.LabelledImages;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;

/** The four files in which MNIST, Fashion-MNIST and KMNIST are published. */
public final class IdxImages {

    /** The classes of Fashion-MNIST, in the order of their numbers. */
    public static final List<String> FASHION = List.of("t-shirt", "trouser", "pullover", "dress", "coat", "sandal",
            "shirt", "sneaker", "bag", "ankle boot");

    private IdxImages() {
    }

    /**
     * Whether a folder holds them.
     *
     * @param folder any path
     * @return true if it does
     */
    public static boolean areIn(Path folder) {
        return Files.isRegularFile(file(folder, "train-images-idx3-ubyte"));
    }

    /**
     * Reads the official split. The files don't name classes; a folder with "fashion" in its name gets the known
     * names; of a folder {@code raw}, as torchvision makes it, the name of the one that holds it counts.
     *
     * @param folder that holds the files
     * @return the split
     * @throws IOException if a file is missing or damaged
     */
    public static LabelledImages.Split read(Path folder) throws IOException {
        List<String> names = isFashion(folder) ? FASHION : Digits.NAMES;
        return new LabelledImages.Split(read(folder, "train", names), read(folder, "t10k", names));
    }

    private static boolean isFashion(Path folder) {
        Path path = folder.toAbsolutePath().normalize();
        Path named = path.endsWith("raw") && path.getNameCount() > 1 ? path.getParent() : path;
        return named.getFileName() != null
                && named.getFileName().toString().toLowerCase(Locale.ROOT).contains("fashion");
    }

    private static LabelledImages read(Path folder, String part, List<String> names) throws IOException {
        return LabelledImages.readIdx(file(folder, part + "-images-idx3-ubyte"),
                file(folder, part + "-labels-idx1-ubyte"), names);
    }

    private static Path file(Path folder, String name) {
        Path packed = folder.resolve(name + ".gz");
        return Files.exists(packed) ? packed : folder.resolve(name);
    }
}
