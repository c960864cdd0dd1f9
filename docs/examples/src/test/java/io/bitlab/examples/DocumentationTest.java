package io.bitlab.examples;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.bitlab.cli.BitLab;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
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
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
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
import org.junit.jupiter.api.parallel.ResourceLock;
import org.junit.jupiter.api.parallel.Resources;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Keeps the Markdown true: every Java block compiles, programs and statements run, XML parses, commands name profiles,
 * examples and scripts that exist, and links lead to pages and headings that exist.
 *
 * <p>A Java block is a whole program (it has a class with a {@code main}), a class, a module descriptor, or statements.
 * Statements, and classes without imports, see all packages of the library. Statements stand in a method that may
 * throw; if they begin with what the text has prepared, a comment before the block says so, and they are compiled only:
 *
 * <pre>
 * &lt;!-- given: BitMlp model; Tensor x --&gt;
 * </pre>
 *
 * <p>Code that needs what this module doesn't have is a file of a project of its own, which another test builds. A
 * comment names it, and the block must be equal to it:
 *
 * <pre>
 * &lt;!-- file: docs/integrations/spring-boot/pom.xml --&gt;
 * </pre>
 *
 * <p>Programs run in this module's folder and write below {@code target}.
 */
@ResourceLock(Resources.SYSTEM_OUT)
class DocumentationTest {

    private static final Pattern BLOCK = Pattern.compile(
            "^(?:<!-- (given|file): ?([^\\n]*?) ?-->\\n)?```(\\w*)\\n(.*?)^```$", Pattern.DOTALL | Pattern.MULTILINE);
    private static final Pattern LINK = Pattern.compile("\\]\\(([^)#\\s]*)(#[^)]*)?\\)");
    private static final Pattern HEADING = Pattern.compile("^#+ (.*)$", Pattern.MULTILINE);
    private static final Pattern MODULE = Pattern.compile("^(?:open )?module ", Pattern.MULTILINE);
    private static final Pattern PACKAGE = Pattern.compile("^package ([\\w.]+);", Pattern.MULTILINE);
    private static final String STATEMENTS = "Statements";
    private static final Path EXAMPLES = Path.of("src/main/java/io/bitlab/examples");
    private static final Pattern CLASS = Pattern.compile("^(?:public )?(?:final )?(?:class|record|interface) (\\w+)",
            Pattern.MULTILINE);

    /**
     * A fenced block: which page, the line it begins in, its language, its text, what it takes for granted, and the
     * file that it shows.
     */
    record Block(Path page, int line, String language, String text, Optional<String> given, Optional<String> shown) {
        @Override
        public String toString() {
            return Checkout.ROOT.relativize(page) + ":" + line;
        }
    }

    private static List<Path> pages() throws IOException {
        try (Stream<Path> files = Files.walk(Checkout.ROOT)) {
            return files.filter(file -> file.toString().endsWith(".md"))
                    .filter(file -> !Checkout.ROOT.relativize(file).toString().contains("target"))
                    .filter(file -> !Checkout.ROOT.relativize(file).toString().startsWith(".")).sorted().toList();
        }
    }

    private static List<Block> blocks() throws IOException {
        List<Block> blocks = new ArrayList<>();
        for (Path page : pages()) {
            String text = Files.readString(page);
            Matcher matcher = BLOCK.matcher(text);
            while (matcher.find()) {
                int line = (int) text.substring(0, matcher.start(3)).lines().count();
                Optional<String> said = Optional.ofNullable(matcher.group(2));
                boolean file = "file".equals(matcher.group(1));
                blocks.add(new Block(page, line, matcher.group(3), matcher.group(4), file ? Optional.empty() : said,
                        file ? said : Optional.empty()));
            }
        }
        return blocks;
    }

    private static List<Block> blocks(String language) throws IOException {
        return blocks().stream().filter(block -> block.language.equals(language)).toList();
    }

    static List<Block> javaBlocks() throws IOException {
        return blocks("java").stream().filter(block -> block.shown.isEmpty()).toList();
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
        if (MODULE.matcher(block.text).find()) {
            assertModulesExist(block);
            return;
        }
        Matcher declared = CLASS.matcher(block.text);
        String name = declared.find() ? declared.group(1) : STATEMENTS;
        String source = source(block, name);
        compile(block, name, source, classes);
        if (block.text.contains("void main(") || name.equals(STATEMENTS) && block.given.isEmpty()) {
            Matcher inPackage = PACKAGE.matcher(source);
            run(inPackage.find() ? inPackage.group(1) + "." + name : name, classes);
        }
    }

    private static void run(String name, Path classes) throws Exception {
        try (URLClassLoader loader = new URLClassLoader(new URL[] {classes.toUri().toURL()})) {
            Method main = loader.loadClass(name).getMethod("main", String[].class);
            main.setAccessible(true);
            PrintStream out = System.out;
            System.setOut(new PrintStream(OutputStream.nullOutputStream())); // else every build prints pages of it
            try {
                main.invoke(null, (Object) new String[0]);
            } finally {
                System.setOut(out);
            }
        }
    }

    /** A program that is an example belongs to the package of the examples, where services name its classes. */
    private static String source(Block block, String name) {
        if (Files.exists(EXAMPLES.resolve(name + ".java"))) {
            return "package io.bitlab.examples;\n" + block.text;
        }
        String imports = libraryImports() + "import java.nio.file.*;\nimport java.util.*;\n";
        if (!name.equals(STATEMENTS)) {
            return block.text.contains("import ") ? block.text : imports + block.text;
        }
        String own = block.text.lines().filter(line -> line.startsWith("import ")).collect(Collectors.joining("\n"));
        String body = block.text.lines().filter(line -> !line.startsWith("import ")).collect(Collectors.joining("\n"));
        String parameters = block.given.map(given -> given.replace(";", ",")).orElse("String[] args");
        return imports + own + "\nclass Statements {\n    public static void main(" + parameters
                + ") throws Exception {\n" + body + "\n    }\n}\n";
    }

    private static String libraryImports() {
        return Stream.of("bitcore", "bitlayers", "bitmodels")
                .map(module -> Checkout.ROOT.resolve(module).resolve("src/main/java"))
                .flatMap(DocumentationTest::packages)
                .filter(name -> !ModulePathTest.INTERNAL.contains(name))
                .map(name -> "import " + name + ".*;\n").sorted().collect(Collectors.joining());
    }

    /** A descriptor can't be compiled on the class path; what it requires of the library must be a module's name. */
    private static void assertModulesExist(Block block) throws IOException {
        Matcher required =
                Pattern.compile("requires (?:transitive |static )*(io\\.bitlab[\\w.]*);").matcher(block.text);
        while (required.find()) {
            String module = required.group(1);
            boolean exists = false;
            for (String folder : List.of("bitcore", "bitlayers", "bitmodels")) {
                exists |= namesModule(Checkout.ROOT.resolve(folder).resolve("pom.xml"),
                        "<Automatic-Module-Name>" + module + "<")
                        || namesModule(Checkout.ROOT.resolve(folder).resolve("src/main/java/module-info.java"),
                                "module " + module + " ")
                        || namesModule(Checkout.ROOT.resolve(folder).resolve("src/main/module/module-info.java"),
                                "module " + module + " ");
            }
            assertTrue(exists, block + ": no module " + module);
        }
    }

    private static boolean namesModule(Path file, String text) throws IOException {
        return Files.exists(file) && Files.readString(file).contains(text);
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
                List.of("-d", classes.toString(), "-cp", System.getProperty("java.class.path")), null, List.of(file))
                .call();
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
    void commandsNameWhatExists(Block block) throws Exception {
        String pom = Files.readString(Checkout.ROOT.resolve("pom.xml"));
        for (String line : block.text.replaceAll("\\\\\n\\s*", "").lines().toList()) {
            Matcher profile = Pattern.compile("(?:^|\\s)-P(\\w+)").matcher(line);
            while (profile.find()) {
                assertTrue(pom.contains("<id>" + profile.group(1) + "</id>"),
                        block + ": no profile " + profile.group(1));
            }
            Matcher example = Pattern.compile("-Dexample=([\\w.]+)").matcher(line);
            while (example.find()) {
                assertTrue(RunExample.all().containsKey(example.group(1)), block + ": no example " + example.group(1));
            }
            if (line.strip().startsWith("bitlab ")) {
                List<String> words = Pattern.compile("\"([^\"]*)\"|(\\S+)").matcher(line.strip()).results()
                        .map(word -> word.group(1) == null ? word.group(2) : word.group(1)).skip(1).toList();
                BitLab.commandLine(new BitLab()).parseArgs(words.toArray(String[]::new));
            }
            Matcher script = Pattern.compile("(?:^|\\s)(scripts/[\\w.-]+|[\\w./-]+\\.(?:py|sh))").matcher(line);
            while (script.find()) {
                assertTrue(Files.exists(Checkout.ROOT.resolve(script.group(1))),
                        block + ": no script " + script.group(1));
            }
        }
    }

    @Test
    void linksLeadToFilesAndHeadings() throws IOException {
        List<String> broken = new ArrayList<>();
        for (Path page : pages()) {
            Matcher link = LINK.matcher(withoutBlocks(page));
            while (link.find()) {
                if (!link.group(1).contains("://") && !link.group(1).startsWith("mailto:")
                        && !leadsSomewhere(page, link.group(1), link.group(2))) {
                    broken.add(Checkout.ROOT.relativize(page) + " -> " + link.group(1)
                            + Objects.toString(link.group(2), ""));
                }
            }
        }
        assertEquals(List.of(), broken);
    }

    private static boolean leadsSomewhere(Path page, String file, String anchor) throws IOException {
        Path target = file.isEmpty() ? page : page.getParent().resolve(file);
        return Files.exists(target) && (anchor == null || anchors(target).contains(anchor));
    }

    /** What GitHub makes of headings: lower case, without punctuation, a hyphen for each space. */
    private static Set<String> anchors(Path page) throws IOException {
        return HEADING.matcher(withoutBlocks(page)).results()
                .map(heading -> heading.group(1).toLowerCase(Locale.ROOT).replaceAll("[^\\w\\- ]", ""))
                .map(heading -> "#" + heading.replace(' ', '-'))
                .collect(Collectors.toSet());
    }

    private static String withoutBlocks(Path page) throws IOException {
        return BLOCK.matcher(Files.readString(page)).replaceAll("");
    }

    @Test
    void everyPageIsInTheIndex() throws IOException {
        Path index = Checkout.ROOT.resolve("docs/index.md");
        Set<Path> linked = LINK.matcher(Files.readString(index)).results()
                .map(link -> index.resolveSibling(link.group(1)).normalize()).collect(Collectors.toSet());
        List<Path> forgotten = pages().stream()
                .filter(page -> page.startsWith(index.getParent()) && !page.equals(index) && !linked.contains(page))
                .toList();
        assertEquals(List.of(), forgotten);
    }

    @Test
    void theVersionsOfDependenciesAreThoseOfTheBuild() throws IOException {
        Set<String> versions = Pattern.compile("<[\\w.-]+\\.version>([^<]+)<")
                .matcher(Files.readString(Checkout.ROOT.resolve("pom.xml"))).results()
                .map(property -> property.group(1))
                .collect(Collectors.toSet());
        List<String> listed = Pattern.compile("^\\| `([^`]+)` \\| (\\d[^ ]*) \\|", Pattern.MULTILINE)
                .matcher(Files.readString(Checkout.ROOT.resolve("docs/dependencies.md"))).results()
                .map(row -> row.group(1) + " " + row.group(2)).toList();
        assertFalse(listed.isEmpty());
        List<String> outdated =
                listed.stream().filter(row -> !versions.contains(row.substring(row.indexOf(' ') + 1))).toList();
        assertEquals(List.of(), outdated);
    }

    /** A reader can copy such a project from the pages: they show all of its files. */
    @Test
    void filesOfIntegrationsAreShownAsTheyAre() throws IOException {
        Set<Path> shown = new TreeSet<>();
        for (Block block : blocks()) {
            if (block.shown.isPresent()) {
                Path file = Checkout.ROOT.resolve(block.shown.get());
                assertEquals(Files.readString(file), block.text, block.toString());
                shown.add(file);
            }
        }
        try (Stream<Path> files = Files.walk(Checkout.ROOT.resolve("docs/integrations"))) {
            assertEquals(shown, files.filter(Files::isRegularFile)
                    .filter(file -> !file.toString().endsWith(".md")
                            && !Checkout.ROOT.relativize(file).toString().contains("target"))
                    .collect(Collectors.toCollection(TreeSet::new)));
        }
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
    void programsThatAreExamplesAreEqualToThem() throws IOException {
        int examples = 0;
        for (Block block : javaBlocks()) {
            Matcher declared = CLASS.matcher(block.text);
            String file = (declared.find() ? declared.group(1) : STATEMENTS) + ".java";
            for (String folder : List.of("src/main/java", "src/main/java/io/bitlab/examples")) {
                Path example = Path.of(folder, file);
                if (Files.exists(example) && block.text.contains("void main(")) {
                    // a reader copies the block into any package
                    String program = Files.readString(example).replaceFirst("^package .*;\n\n", "");
                    assertEquals(Arrays.asList(program.split("\n")), Arrays.asList(block.text.split("\n")),
                            block.toString());
                    examples++;
                }
            }
        }
        assertTrue(examples > 0, "no page shows an example");
    }
}
