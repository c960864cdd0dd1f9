package io.bitlab.benchmarks.tools;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.bitlab.core.tensor.Tensor;
import io.bitlab.layers.Layer;
import java.io.IOException;
import java.lang.reflect.Method;
import java.net.URISyntaxException;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class TokenTimeTest {

    /** A class or method that was renamed would otherwise count as "other", and nobody would notice. */
    @Test
    void everyPartNamesCodeOfTheLibrary() throws Exception {
        List<String> frames = new ArrayList<>();
        for (Class<?> module : List.of(Tensor.class, Layer.class)) {
            for (String name : classes(module)) {
                String simple = name.substring(name.lastIndexOf('.') + 1);
                if (TokenTime.PARTS.stream().anyMatch(part -> part.frame().startsWith(simple))) {
                    for (Method method : Class.forName(name, false, module.getClassLoader()).getDeclaredMethods()) {
                        frames.add(simple + "." + method.getName());
                    }
                }
            }
        }
        assertEquals(List.of(), TokenTime.PARTS.stream().map(TokenTime.Part::frame)
                .filter(frame -> frames.stream().noneMatch(name -> name.startsWith(frame))).toList());
    }

    /** The names of all classes in the folder or jar of a class. */
    private static List<String> classes(Class<?> module) throws IOException, URISyntaxException {
        Path place = Path.of(module.getProtectionDomain().getCodeSource().getLocation().toURI());
        if (Files.isDirectory(place)) {
            return classes(place);
        }
        try (FileSystem jar = FileSystems.newFileSystem(place)) {
            return classes(jar.getPath("/"));
        }
    }

    private static List<String> classes(Path root) throws IOException {
        try (Stream<Path> files = Files.walk(root.resolve("io"))) {
            return files.map(file -> root.relativize(file).toString().replace('\\', '/'))
                    .filter(file -> file.endsWith(".class") && !file.contains("-"))
                    .map(file -> file.substring(0, file.length() - ".class".length()).replace('/', '.')).toList();
        }
    }
}
