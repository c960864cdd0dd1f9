package io.bitlab.examples;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.bitlab.core.kernel.KernelRegistry;
import io.bitlab.layers.Layer;
import io.bitlab.models.AutoBitModel;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;

/** The jars of the library as this build made them, for tests that build projects of their own. */
final class BuiltLibrary {

    private static final String VERSION = "0.1.0-SNAPSHOT";

    private BuiltLibrary() {
    }

    /** Puts the library where {@code mvn install} would, in place of what was there. */
    static void installIn(Path repository) throws IOException, URISyntaxException {
        for (Class<?> type : List.of(KernelRegistry.class, Layer.class, AutoBitModel.class)) {
            Path jar = jarOf(type);
            String module = jar.getFileName().toString().replace("-" + VERSION + ".jar", "");
            Path pom = Checkout.ROOT.resolve(module).resolve(".flattened-pom.xml");
            assumeTrue(Files.exists(pom), () -> "no " + pom);
            Path target = repository.resolve("io/bitlab").resolve(module).resolve(VERSION);
            Files.createDirectories(target);
            Files.copy(jar, target.resolve(jar.getFileName()), StandardCopyOption.REPLACE_EXISTING);
            Files.copy(pom, target.resolve(module + "-" + VERSION + ".pom"), StandardCopyOption.REPLACE_EXISTING);
        }
    }

    private static Path jarOf(Class<?> type) throws URISyntaxException {
        Path jar = Path.of(type.getProtectionDomain().getCodeSource().getLocation().toURI());
        assumeTrue(Files.isRegularFile(jar), () -> "no jar: " + jar);
        return jar;
    }
}
