package io.bitlab.examples;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.StringWriter;
import java.lang.reflect.Method;
import java.net.URI;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import javax.tools.JavaCompiler;
import javax.tools.SimpleJavaFileObject;
import javax.tools.ToolProvider;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Keeps the Markdown true: every Java block compiles, programs run, XML parses, commands name profiles and examples that
 * exist, and links lead somewhere.
 *
 * <p>A Java block is a whole program (it has a class with a {@code main}, and is run), a class, or statements. Statements
 * stand in a method that may throw, with all packages of the library imported.
 */
class DocumentationTest {

    private static final Path ROOT = Path.of("").toAbsolutePath().getParent().getParent();
    private static final Pattern BLOCK = Pattern.compile("^```(\\w*)\\n(.*?)^```$", Pattern.DOTALL | Pattern.MULTILINE);
    private static final Pattern LINK = Pattern.compile("\\]\\(([^)#\\s]+)(#[^)]*)?\\)");
    private static final Pattern CLASS = Pattern.compile("^(?:public )?(?:final )?(?:class|record|interface) (\\w+)",
            Pattern.MULTILINE);

    /** A fenced block: which file, the line it begins in, its language and its text. */
    record Block(Path file, int line, String language, String text) {
        @Override
        public String toString() {
            return ROOT.relativize(file) + ":" + line;
        }
    }

    private static List<Path> pages() throws IOException {
        try (Stream<Path> files = Files.walk(ROOT)) {
            return files.filter(file -> file.toString().endsWith(".md"))
                    .filter(file -> !ROOT.relativize(file).toString().contains("target"))
                    .filter(file -> !ROOT.relativize(file).toString().startsWith(".")).sorted().toList();
        }
    }

    private static List<Block> blocks(String language) throws IOException {
        List<Block> blocks = new ArrayList<>();
        for (Path page : pages()) {
            String text = Files.readString(page);
            Matcher matcher = BLOCK.matcher(text);
            while (matcher.find()) {
                if (matcher.group(1).equals(language)) {
                    int line = (int) text.substring(0, matcher.start()).lines().count() + 1;
                    blocks.add(new Block(page, line, language, matcher.group(2)));
                }
            }
        }
        return blocks;
    }

    static List<Block> javaBlocks() throws IOException {
        return blocks("java");
    }

    static List<Block> xmlBlocks() throws IOException {
        return blocks("xml");
    }

    static List<Block> shellBlocks() throws IOException {
        return blocks("sh");
    }

    @ParameterizedTest
    @MethodSource("javaBlocks")
    void javaCompilesAndProgramsRun(Block block, @TempDir Path classes) throws Exception {
        Matcher declared = CLASS.matcher(block.text);
        String name = declared.find() ? declared.group(1) : "Statements";
        compile(block, name, name.equals("Statements") ? wrap(block.text) : block.text, classes);
        if (block.text.contains("void main(")) {
            try (URLClassLoader loader = new URLClassLoader(new URL[] {classes.toUri().toURL()})) {
                Method main = loader.loadClass(name).getMethod("main", String[].class);
                main.setAccessible(true);
                main.invoke(null, (Object) new String[0]);
            }
        }
    }

    private static String wrap(String statements) throws IOException {
        String imports = Stream.of("bitcore", "bitlayers", "bitmodels")
                .map(module -> ROOT.resolve(module).resolve("src/main/java"))
                .flatMap(DocumentationTest::packages)
                .filter(name -> !name.contains("kernel.vector"))
                .map(name -> "import " + name + ".*;\n").sorted().collect(Collectors.joining());
        String own = statements.lines().filter(line -> line.startsWith("import ")).collect(Collectors.joining("\n"));
        String body = statements.lines().filter(line -> !line.startsWith("import ")).collect(Collectors.joining("\n"));
        return imports + "import java.nio.file.*;\nimport java.util.*;\n" + own
                + "\nclass Statements {\n    void run() throws Exception {\n" + body + "\n    }\n}\n";
    }

    private static Stream<String> packages(Path sources) {
        try (Stream<Path> files = Files.walk(sources)) {
            return files.filter(file -> file.endsWith("package-info.java"))
                    .map(file -> sources.relativize(file.getParent()).toString().replace('/', '.').replace('\\', '.'))
                    .toList().stream();
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    private static void compile(Block block, String name, String source, Path classes) {
        JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
        SimpleJavaFileObject file = new SimpleJavaFileObject(URI.create("string:///" + name + ".java"),
                SimpleJavaFileObject.Kind.SOURCE) {
            @Override
            public CharSequence getCharContent(boolean ignoreEncodingErrors) {
                return source;
            }
        };
        StringWriter messages = new StringWriter();
        boolean compiled = compiler.getTask(messages, null, null,
                List.of("-d", classes.toString(), "-cp", System.getProperty("java.class.path")), null, List.of(file)).call();
        assertTrue(compiled, () -> block + " does not compile:\n" + messages + "\n" + source);
    }

    @ParameterizedTest
    @MethodSource("xmlBlocks")
    void xmlIsWellFormed(Block block) throws Exception {
        byte[] wrapped = ("<root>" + block.text + "</root>").getBytes(StandardCharsets.UTF_8);
        DocumentBuilderFactory.newInstance().newDocumentBuilder().parse(new ByteArrayInputStream(wrapped));
    }

    @ParameterizedTest
    @MethodSource("shellBlocks")
    void commandsNameWhatExists(Block block) throws IOException {
        String pom = Files.readString(ROOT.resolve("pom.xml"));
        for (String line : block.text.lines().toList()) {
            Matcher profile = Pattern.compile("(?:^|\\s)-P(\\w+)").matcher(line);
            while (profile.find()) {
                assertTrue(pom.contains("<id>" + profile.group(1) + "</id>"), block + ": no profile " + profile.group(1));
            }
            Matcher example = Pattern.compile("-Dexample=([\\w.]+)").matcher(line);
            while (example.find()) {
                Path source = Path.of("src/main/java", example.group(1).replace('.', '/') + ".java");
                assertTrue(Files.exists(source), block + ": no example " + example.group(1));
            }
        }
    }

    @Test
    void linksLeadToFiles() throws IOException {
        List<String> broken = new ArrayList<>();
        for (Path page : pages()) {
            Matcher link = LINK.matcher(Files.readString(page));
            while (link.find()) {
                String target = link.group(1);
                if (!target.contains("://") && !target.startsWith("mailto:")
                        && !Files.exists(page.getParent().resolve(target))) {
                    broken.add(ROOT.relativize(page) + " -> " + target);
                }
            }
        }
        assertEquals(List.of(), broken);
    }

    @Test
    void thereIsSomethingToCheck() throws IOException {
        assertFalse(javaBlocks().isEmpty());
        assertFalse(xmlBlocks().isEmpty());
        assertFalse(shellBlocks().isEmpty());
        assertTrue(javaBlocks().stream().anyMatch(block -> block.text.contains("class Quickstart")),
                () -> "the README's program is missing");
    }

    @Test
    void theReadmesProgramIsTheExample() throws IOException {
        String example = Files.readString(Path.of("src/main/java/Quickstart.java"));
        Block readme = javaBlocks().stream().filter(block -> block.text.contains("class Quickstart")).findFirst()
                .orElseThrow();
        assertEquals(Arrays.asList(readme.text.split("\n")), Arrays.asList(example.split("\n")));
    }
}
