package io.bitlab.models;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.bitlab.models.pretrained.ExportFormat;
import java.io.File;
import java.io.IOException;
import java.net.MalformedURLException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ForkJoinPool;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The library in a class loader that is not the system's, as in a servlet container, a plug-in or a fat jar. */
class HostProgramTest {

    private static final String SERVICE = "META-INF/services/" + BitModelType.class.getName();
    private static final String GAIN = Gain.class.getName();

    @TempDir
    private Path folder;

    private static URLClassLoader loader(ClassLoader parent, List<URL> urls) {
        return new URLClassLoader(urls.toArray(URL[]::new), parent);
    }

    /** The class path of this test, in two parts: the test's classes, and all others. */
    private static List<URL> classPath(boolean tests) throws MalformedURLException {
        List<URL> urls = new ArrayList<>();
        for (String entry : System.getProperty("java.class.path").split(File.pathSeparator)) {
            if (entry.endsWith("test-classes") == tests) {
                urls.add(Path.of(entry).toUri().toURL());
            }
        }
        return urls;
    }

    /** Loads the library where the system loader's copy of it can't be seen. */
    private static URLClassLoader library() throws MalformedURLException {
        return loader(ClassLoader.getPlatformClassLoader(), classPath(false));
    }

    /** Runs a program that one loader has in a thread with another one as its context. */
    private static Map<String, List<String>> run(ClassLoader program, ClassLoader context) throws Exception {
        Callable<Map<String, List<String>>> hosted = hosted(program);
        Thread thread = Thread.currentThread();
        ClassLoader before = thread.getContextClassLoader();
        thread.setContextClassLoader(context);
        try {
            return hosted.call();
        } finally {
            thread.setContextClassLoader(before);
        }
    }

    @SuppressWarnings("unchecked")
    private static Callable<Map<String, List<String>>> hosted(ClassLoader loader) throws Exception {
        return (Callable<Map<String, List<String>>>) loader.loadClass(HostedProgram.class.getName())
                .getConstructor().newInstance();
    }

    @Test
    void everythingIsTheSameUnderEachContextClassLoader() throws Exception {
        List<URL> all = new ArrayList<>(classPath(false));
        all.addAll(classPath(true));
        try (URLClassLoader library = loader(ClassLoader.getPlatformClassLoader(), all)) {
            assertNotSame(AutoBitModel.class, library.loadClass(AutoBitModel.class.getName()));
            Map<String, List<String>> expected = run(library, library);
            assertEquals(List.of(library.toString()), expected.get("class loader"));
            assertEquals(List.of("io.bitlab.models.mlp.BitMlp", "io.bitlab.models.transformer.BitTransformer"),
                    expected.get("fromConfig"));
            assertEquals(List.of(GAIN), expected.get("own kind"));
            assertTrue(expected.get("kernels").containsAll(List.of("scalar", "plain")), expected::toString);
            assertEquals(ExportFormat.values().length, expected.get("export").size());
            assertSameResults(expected, run(library, ClassLoader.getSystemClassLoader()), "the system's");
            assertSameResults(expected, run(library, null), "none");
            assertSameResults(expected, ForkJoinPool.commonPool().submit(hosted(library)).get(), "the common pool's");
        }
    }

    private static void assertSameResults(Map<String, List<String>> expected, Map<String, List<String>> found,
            String context) {
        expected.forEach((step, results) -> {
            if (!step.equals("unknown kind")) {
                assertEquals(results, found.get(step), context + ": " + step);
            }
        });
        // The system's loader has another copy of everything, whose kinds are none of this library.
        String unknown = expected.get("unknown kind").getFirst();
        assertTrue(found.get("unknown kind").getFirst().startsWith(unknown), context);
    }

    /** As in a servlet container that shares the library among its applications. */
    @Test
    void kindsOfAnApplicationAreFoundThroughItsContext() throws Exception {
        try (URLClassLoader library = library(); URLClassLoader application = loader(library, classPath(true))) {
            Map<String, List<String>> inside = run(application, application);
            assertEquals(List.of(library.toString()), inside.get("class loader"));
            assertEquals(List.of(GAIN), inside.get("own kind"));
            Map<String, List<String>> outside = run(application, null);
            assertTrue(outside.get("own kind").getFirst().startsWith("configuration: model_type is 'gain', known are "
                    + "[bitdetector, bitdit, bitmlp, bitresnet, bittabular, bittransformer, "
                    + "bittransformer_classifier, bitunet, bitvit]"),
                    outside::toString);
            for (String builtIn : List.of("fromConfig", "load", "export", "kernels")) {
                assertEquals(inside.get(builtIn), outside.get(builtIn), builtIn);
            }
        }
    }

    @Test
    void aBrokenKindOfModelHidesNoOther() throws Exception {
        Path services = folder.resolve(SERVICE);
        Files.createDirectories(services.getParent());
        Files.write(services, List.of("missing.Kind", HostedProgram.class.getName(), Broken.class.getName(),
                Gain.Type.class.getName()));
        List<URL> urls = new ArrayList<>(List.of(folder.toUri().toURL()));
        urls.addAll(classPath(true));
        try (URLClassLoader library = library(); URLClassLoader application = loader(library, urls)) {
            Map<String, List<String>> results = run(application, application);
            assertEquals(List.of(GAIN), results.get("own kind"));
            String unknown = results.get("unknown kind").getFirst();
            assertTrue(unknown.startsWith("configuration: model_type is 'nobody's', known are "
                    + "[bitdetector, bitdit, bitmlp, bitresnet, bittabular, bittransformer, "
                    + "bittransformer_classifier, bitunet, bitvit, gain]"),
                    unknown);
            for (String reason : List.of("missing.Kind not found", HostedProgram.class.getName() + " not a subtype",
                    "java.lang.IllegalStateException: no name today")) {
                assertTrue(unknown.contains(reason), unknown);
            }
        }
    }

    /** Its name can't be asked for. */
    public static final class Broken implements BitModelType {
        /** For the service loader. */
        public Broken() {
        }

        @Override
        public String modelType() {
            throw new IllegalStateException("no name today");
        }

        @Override
        public BitModelConfig<?> readConfig(Map<String, ?> json) {
            throw new UnsupportedOperationException();
        }
    }

    /** Says that it is a Gain. */
    public static final class Rival implements BitModelType {
        /** For the service loader. */
        public Rival() {
        }

        @Override
        public String modelType() {
            return "gain";
        }

        @Override
        public BitModelConfig<?> readConfig(Map<String, ?> json) {
            throw new UnsupportedOperationException();
        }
    }

    /** Takes the name of one of the library's. */
    public static final class Usurper implements BitModelType {
        /** For the service loader. */
        public Usurper() {
        }

        @Override
        public String modelType() {
            return "bitmlp";
        }

        @Override
        public BitModelConfig<?> readConfig(Map<String, ?> json) {
            throw new UnsupportedOperationException();
        }
    }

    @Test
    void twoClassesForOneNameAreRefusedAndNamed() throws Exception {
        Map<String, List<String>> results = runWith(Rival.class, Gain.Type.class);
        assertEquals(List.of("configuration: model_type is 'gain', which two classes are registered for: "
                + Rival.class.getName() + " and " + Gain.Type.class.getName()
                + "; take one of them off the class path"), results.get("own kind"));
    }

    @Test
    void noKindTakesTheNameOfOneOfTheLibrary() throws Exception {
        Map<String, List<String>> results = runWith(Usurper.class, Gain.Type.class);
        assertEquals("io.bitlab.models.mlp.BitMlp", results.get("fromConfig").getFirst());
        assertEquals(List.of(GAIN), results.get("own kind"));
    }

    private Map<String, List<String>> runWith(Class<?>... kinds) throws Exception {
        write(kinds);
        try (URLClassLoader library = library();
                URLClassLoader application = loader(library, List.of(folder.toUri().toURL()))) {
            return run(application, application);
        }
    }

    /** A folder with these classes, those of the program, and the registration: nothing else of the tests. */
    private void write(Class<?>... kinds) throws IOException {
        Path services = folder.resolve(SERVICE);
        Files.createDirectories(services.getParent());
        Files.write(services, Arrays.stream(kinds).map(Class::getName).toList());
        List<Class<?>> classes = new ArrayList<>(List.of(kinds));
        classes.addAll(List.of(HostedProgram.class, Gain.class, Gain.Config.class, Gain.Type.class));
        for (Class<?> each : classes) {
            String file = each.getName().replace('.', '/') + ".class";
            Path copy = folder.resolve(file);
            Files.createDirectories(copy.getParent());
            try (var in = HostProgramTest.class.getClassLoader().getResourceAsStream(file)) {
                Files.write(copy, in.readAllBytes());
            }
        }
    }
}
