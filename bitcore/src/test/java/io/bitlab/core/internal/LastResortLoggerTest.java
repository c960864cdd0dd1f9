package io.bitlab.core.internal;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;
import org.slf4j.helpers.NOPLogger;

class LastResortLoggerTest {

    @TempDir
    Path temp;

    /** An application with this library and SLF4J, but not with all of SLF4J's classes. */
    private static final class Application extends URLClassLoader {

        private final String missing;

        Application(String missing, Path more) throws IOException {
            super(new URL[] {more.toUri().toURL(), place(LastResortLogger.class), place(LoggerFactory.class)},
                    getPlatformClassLoader());
            this.missing = missing;
        }

        private static URL place(Class<?> type) {
            return type.getProtectionDomain().getCodeSource().getLocation();
        }

        @Override
        protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
            if (name.equals(missing)) {
                throw new ClassNotFoundException(name);
            }
            return super.loadClass(name, resolve);
        }

        String logger() throws ReflectiveOperationException {
            Class<?> type = loadClass(LastResortLogger.class.getName());
            return type.getMethod("of", Class.class).invoke(null, type).getClass().getName();
        }
    }

    @Test
    void slf4j1WhichLacksClassesOfSlf4j2Decides() throws Exception {
        try (Application application = new Application("org.slf4j.helpers.LegacyAbstractLogger", temp)) {
            assertEquals(NOPLogger.class.getName(), application.logger());
        }
    }

    @Test
    void aProviderThatCannotBeLoadedIsNone() throws Exception {
        Path services = Files.createDirectories(temp.resolve("META-INF/services"));
        Files.writeString(services.resolve("org.slf4j.spi.SLF4JServiceProvider"), "no.such.Provider");
        try (Application application = new Application("", temp)) {
            assertEquals(LastResortLogger.class.getName() + "$JdkLogger", application.logger());
        }
    }
}
