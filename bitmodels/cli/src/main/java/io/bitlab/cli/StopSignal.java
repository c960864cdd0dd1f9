package io.bitlab.cli;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Ctrl-C while something runs that can be stopped: the first one asks it to stop, the next one ends the program, as it
 * does when nothing runs.
 *
 * <p>Java's own class for signals, {@code sun.misc.Signal}, is reached by name: compilers warn of it, and a JVM may
 * lack it. Ctrl-C then ends the program at once.
 */
final class StopSignal implements AutoCloseable {

    private final AtomicBoolean requested = new AtomicBoolean();
    private final Object before; // the handler to put back; null if there is none

    private StopSignal() {
        before = handle(requested);
    }

    /** Listens until it is closed. */
    static StopSignal listen() {
        return new StopSignal();
    }

    /** Whether Ctrl-C was pressed, or nobody reads the output any more. */
    boolean isStopped() {
        return requested.get() || System.out.checkError();
    }

    /** Whether Ctrl-C was pressed. */
    boolean isRequested() {
        return requested.get();
    }

    private static Object handle(AtomicBoolean requested) {
        try {
            Class<?> handler = Class.forName("sun.misc.SignalHandler");
            return install(Proxy.newProxyInstance(StopSignal.class.getClassLoader(), new Class<?>[] {handler},
                    (proxy, method, arguments) -> switch (method.getName()) {
                        case "handle" -> {
                            if (requested.getAndSet(true)) {
                                Runtime.getRuntime().halt(BitLab.INTERRUPTED);
                            }
                            yield null;
                        }
                        case "equals" -> proxy == arguments[0];
                        case "hashCode" -> System.identityHashCode(proxy);
                        default -> "StopSignal";
                    }));
        } catch (ReflectiveOperationException | IllegalArgumentException _) { // IllegalArgument: the JVM uses it itself
            return null;
        }
    }

    private static Object install(Object handler) throws ReflectiveOperationException {
        Class<?> signal = Class.forName("sun.misc.Signal");
        Class<?> type = Class.forName("sun.misc.SignalHandler");
        try {
            return signal.getMethod("handle", signal, type).invoke(null,
                    signal.getConstructor(String.class).newInstance("INT"), handler);
        } catch (InvocationTargetException e) {
            if (e.getCause() instanceof IllegalArgumentException wrong) {
                throw wrong;
            }
            throw e;
        }
    }

    @Override
    public void close() {
        if (before != null) {
            try {
                install(before);
            } catch (ReflectiveOperationException e) {
                throw new IllegalStateException("the handler of Ctrl-C could not be put back", e);
            }
        }
    }
}
