package io.bitlab.core.internal;

import java.util.ServiceConfigurationError;
import java.util.ServiceLoader;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.Marker;
import org.slf4j.event.Level;
import org.slf4j.helpers.LegacyAbstractLogger;
import org.slf4j.helpers.MessageFormatter;
import org.slf4j.helpers.NOPLoggerFactory;
import org.slf4j.spi.SLF4JServiceProvider;

/**
 * The loggers of the library. Without an SLF4J provider they pass messages to {@link System.Logger}, which prints INFO
 * and above to the error stream unless configured otherwise. SLF4J would drop the messages, although the library logs
 * only what its user should act on: slow kernels and why, or a kernel that computed a wrong result.
 *
 * <p>Where there is a provider, it alone decides, even {@code slf4j-nop}, which drops everything. The same holds for
 * SLF4J 1 in place of SLF4J 2.
 *
 * <p><b>Thread safety:</b> may be called from any thread.
 */
public final class LastResortLogger {

    private LastResortLogger() {}

    /**
     * The logger for a class of the library.
     *
     * @param type the class that logs
     * @return SLF4J's logger, or the JDK's where SLF4J has no provider
     */
    public static Logger of(Class<?> type) {
        Logger logger = LoggerFactory.getLogger(type);
        try {
            boolean drops = LoggerFactory.getILoggerFactory() instanceof NOPLoggerFactory;
            return drops && !isProviderHere() ? new JdkLogger(type.getName()) : logger;
        } catch (LinkageError e) { // SLF4J 1 has no providers, nor the superclass of JdkLogger
            return logger;
        }
    }

    /** Whether there is a provider, such as {@code slf4j-nop}, where SLF4J looks for one. */
    private static boolean isProviderHere() {
        ClassLoader loader = LoggerFactory.class.getClassLoader();
        try {
            return ServiceLoader.load(SLF4JServiceProvider.class, loader).stream().findAny().isPresent();
        } catch (ServiceConfigurationError e) { // SLF4J can't use it either, and says so
            return false;
        }
    }

    /** A separate class, so that the enclosing one loads without the classes of SLF4J 2. */
    private static final class JdkLogger extends LegacyAbstractLogger {

        private static final long serialVersionUID = 1L;

        JdkLogger(String name) {
            this.name = name;
        }

        private boolean isLoggable(System.Logger.Level level) {
            return System.getLogger(name).isLoggable(level);
        }

        @Override
        public boolean isTraceEnabled() {
            return isLoggable(System.Logger.Level.TRACE);
        }

        @Override
        public boolean isDebugEnabled() {
            return isLoggable(System.Logger.Level.DEBUG);
        }

        @Override
        public boolean isInfoEnabled() {
            return isLoggable(System.Logger.Level.INFO);
        }

        @Override
        public boolean isWarnEnabled() {
            return isLoggable(System.Logger.Level.WARNING);
        }

        @Override
        public boolean isErrorEnabled() {
            return isLoggable(System.Logger.Level.ERROR);
        }

        @Override
        protected String getFullyQualifiedCallerName() {
            return null;
        }

        @Override
        protected void handleNormalizedLoggingCall(Level level, Marker marker, String pattern, Object[] arguments,
                Throwable cause) {
            System.Logger.Level jdkLevel = switch (level) {
                case TRACE -> System.Logger.Level.TRACE;
                case DEBUG -> System.Logger.Level.DEBUG;
                case INFO -> System.Logger.Level.INFO;
                case WARN -> System.Logger.Level.WARNING;
                case ERROR -> System.Logger.Level.ERROR;
            };
            System.getLogger(name).log(jdkLevel, MessageFormatter.basicArrayFormat(pattern, arguments), cause);
        }
    }
}
