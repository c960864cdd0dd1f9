package io.bitlab.examples;

import java.io.IOException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.net.URISyntaxException;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Stream;
import picocli.CommandLine.Command;

/**
 * Runs the example that the first argument names, with the other arguments. Maven's profile {@code example} uses it.
 */
public final class RunExample {

    private static final String SUFFIX = ".class";
    private static final String USAGE =
            "Usage: mvn -q -Pexample -Dexample=NAME [-Dexample.args=\"ARGUMENTS\"] package";

    private RunExample() {
    }

    /**
     * Runs an example.
     *
     * @param arguments the name of its class, with or without the package, then its arguments
     * @throws Exception what the example throws
     */
    public static void main(String[] arguments) throws Exception {
        String name = arguments.length == 0 ? "" : arguments[0];
        SortedMap<String, Class<?>> examples = all();
        Class<?> example = examples.get(name.substring(name.lastIndexOf('.') + 1));
        if (example == null || name.contains(".") && !name.equals(example.getName())) {
            exit("no example is named '" + name + "'; there are " + String.join(", ", examples.keySet()));
            return;
        }
        String[] rest = Arrays.copyOfRange(arguments, 1, arguments.length);
        if (rest.length > 0 && !takesArguments(example)) {
            exit(name + " takes no arguments, got " + Arrays.toString(rest));
            return;
        }
        try {
            example.getMethod("main", String[].class).invoke(null, (Object) rest);
        } catch (InvocationTargetException e) {
            throw e.getCause() instanceof Exception cause ? cause : e;
        }
    }

    /** Programs with a command line are picocli commands; the others would silently ignore arguments. */
    private static boolean takesArguments(Class<?> example) {
        return example.isAnnotationPresent(Command.class);
    }

    private static void exit(String message) {
        System.err.println(message);
        System.err.println(USAGE);
        System.exit(2);
    }

    /** The programs by their simple names: all classes with a {@code main} in the folder or jar of this class. */
    static SortedMap<String, Class<?>> all() throws IOException, URISyntaxException, ClassNotFoundException {
        Path place = Path.of(RunExample.class.getProtectionDomain().getCodeSource().getLocation().toURI());
        if (Files.isDirectory(place)) {
            return in(place);
        }
        try (FileSystem jar = FileSystems.newFileSystem(place)) {
            return in(jar.getPath("/"));
        }
    }

    private static SortedMap<String, Class<?>> in(Path root) throws IOException, ClassNotFoundException {
        SortedMap<String, Class<?>> programs = new TreeMap<>();
        for (String folder : new String[] {"", "io/bitlab/examples/"}) {
            try (Stream<Path> files = Files.list(root.resolve(folder))) {
                for (String file : files.map(path -> path.getFileName().toString()).toList()) {
                    if (file.endsWith(SUFFIX) && !file.contains("$") && !file.contains("-")) {
                        String name = (folder + file.substring(0, file.length() - SUFFIX.length())).replace('/', '.');
                        Class<?> type = Class.forName(name, false, RunExample.class.getClassLoader());
                        if (type != RunExample.class && isProgram(type)) {
                            programs.put(type.getSimpleName(), type);
                        }
                    }
                }
            }
        }
        return programs;
    }

    private static boolean isProgram(Class<?> type) {
        for (Method method : type.getMethods()) {
            if (method.getName().equals("main")
                    && Arrays.equals(method.getParameterTypes(), new Class<?>[] {String[].class})) {
                return true;
            }
        }
        return false;
    }
}
