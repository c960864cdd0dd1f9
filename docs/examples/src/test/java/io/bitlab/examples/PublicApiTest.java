package io.bitlab.examples;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import io.bitlab.core.BitQuantConfig;
import io.bitlab.layers.Layer;
import io.bitlab.models.BitModel;
import java.io.IOException;
import java.lang.reflect.Member;
import java.lang.reflect.Modifier;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Compares what each module exports to applications with its {@code public-api.txt}, so that every change of the API
 * shows in a review. An intended change: copy the listing that the failure names.
 */
class PublicApiTest {

    private static final Pattern EXPORTED = Pattern.compile("^    exports ([\\w.]+);", Pattern.MULTILINE);
    private static final Map<String, Class<?>> MODULES =
            Map.of("bitcore", BitQuantConfig.class, "bitlayers", Layer.class, "bitmodels", BitModel.class);

    @ParameterizedTest
    @CsvSource({"bitcore", "bitlayers", "bitmodels"})
    void publicApiIsAsListed(String module) throws Exception {
        List<String> actual = listing(module);
        Path written = Files.createDirectories(Path.of("target/public-api")).resolve(module + ".txt");
        Files.write(written, actual);
        Path listed = Checkout.ROOT.resolve(module).resolve("public-api.txt");
        List<String> expected = Files.exists(listed) ? Files.readAllLines(listed) : List.of();
        if (!expected.equals(actual)) {
            List<String> added = new ArrayList<>(actual);
            added.removeAll(expected);
            List<String> removed = new ArrayList<>(expected);
            removed.removeAll(actual);
            assertEquals(String.join("\n", expected), String.join("\n", actual),
                    "The public API of " + module + " has changed; new: " + added + ", gone: " + removed
                            + ". If that is intended, copy docs/examples/" + written + " to " + module
                            + "/public-api.txt");
        }
    }

    private static List<String> listing(String module) throws Exception {
        String descriptor = Files.readString(Checkout.ROOT.resolve(module).resolve("src/main/module/module-info.java"));
        List<String> packages = EXPORTED.matcher(descriptor).results().map(match -> match.group(1)).sorted().toList();
        assertFalse(packages.isEmpty(), module + " exports nothing");
        Path place = Path.of(MODULES.get(module).getProtectionDomain().getCodeSource().getLocation().toURI());
        if (Files.isDirectory(place)) {
            return listing(place, packages);
        }
        try (FileSystem jar = FileSystems.newFileSystem(place)) {
            return listing(jar.getPath("/"), packages);
        }
    }

    private static List<String> listing(Path root, List<String> packages) throws Exception {
        List<String> lines = new ArrayList<>();
        for (String name : packages) {
            for (Class<?> type : classes(root.resolve(name.replace('.', '/')), name)) {
                if (isVisible(type)) {
                    describe(type, lines);
                }
            }
        }
        return lines;
    }

    private static List<Class<?>> classes(Path folder, String packageName) throws IOException, ClassNotFoundException {
        Map<String, Class<?>> classes = new TreeMap<>();
        try (Stream<Path> files = Files.list(folder)) {
            for (Path file : files.toList()) {
                String name = file.getFileName().toString();
                if (name.endsWith(".class") && !name.contains("-")) {
                    name = name.substring(0, name.length() - ".class".length());
                    classes.put(name, Class.forName(packageName + "." + name, false,
                            PublicApiTest.class.getClassLoader()));
                }
            }
        }
        return List.copyOf(classes.values());
    }

    /** Public, or protected in a class that applications may extend, and so are the classes around it. */
    private static boolean isVisible(Class<?> type) {
        if (type.isAnonymousClass() || type.isLocalClass() || type.isSynthetic()) {
            return false;
        }
        Class<?> around = type.getDeclaringClass();
        return isVisible(type.getModifiers(), around) && (around == null || isVisible(around));
    }

    private static boolean isVisible(int modifiers, Class<?> owner) {
        return Modifier.isPublic(modifiers)
                || Modifier.isProtected(modifiers) && owner != null && !Modifier.isFinal(owner.getModifiers());
    }

    private static void describe(Class<?> type, List<String> lines) {
        lines.add(withoutPackages(type.toGenericString()).replace(simpleName(type), type.getName())
                + supertypes(type));
        Stream.of(Arrays.stream(type.getDeclaredFields()).map(field -> line(field, field.toGenericString())),
                Arrays.stream(type.getDeclaredConstructors())
                        .map(constructor -> line(constructor, constructor.toGenericString())),
                methods(type)).flatMap(part -> part).filter(line -> !line.isEmpty()).sorted().distinct()
                .forEach(lines::add);
    }

    /** Those of the class and of hidden classes above it, whose public methods count as its own. */
    private static Stream<String> methods(Class<?> type) {
        Stream<String> own =
                Arrays.stream(type.getDeclaredMethods()).map(method -> line(method, method.toGenericString()));
        Class<?> above = type.getSuperclass();
        boolean hidden = above != null && !isVisible(above) && above.getName().startsWith("io.bitlab.");
        return hidden ? Stream.concat(own, methods(above)) : own;
    }

    private static String supertypes(Class<?> type) {
        Stream<Class<?>> parents = type.getSuperclass() == null || type.isEnum() || type.isRecord()
                || type.getSuperclass() == Object.class ? Stream.empty() : Stream.of(type.getSuperclass());
        String names = Stream.concat(parents, Arrays.stream(type.getInterfaces())).filter(PublicApiTest::isVisible)
                .map(Class::getSimpleName).collect(Collectors.joining(", "));
        return names.isEmpty() ? "" : " : " + names;
    }

    private static String line(Member member, String text) {
        boolean visible = isVisible(member.getModifiers(), member.getDeclaringClass()) && !member.isSynthetic();
        String owner = withoutPackages(member.getDeclaringClass().getName());
        return visible ? "    " + withoutPackages(text).replaceAll(Pattern.quote(owner) + "\\.(?=\\w)", "") : "";
    }

    private static String simpleName(Class<?> type) {
        return withoutPackages(type.getName());
    }

    /** Names without their packages, which the lines above them give. */
    private static String withoutPackages(String text) {
        return text.replaceAll("\\b(?:[a-z]\\w*\\.)+(?=[A-Z])", "");
    }
}
