package io.bitlab.core.internal;

import java.util.HashSet;
import java.util.Iterator;
import java.util.ServiceConfigurationError;
import java.util.ServiceLoader;
import java.util.Set;
import java.util.function.Consumer;

/** Loads service providers; one that fails to load does not affect the others. */
public final class ServiceProviders {

    private ServiceProviders() {
    }

    /**
     * Loads all providers in order.
     *
     * @param <S> the service
     * @param loader finds the providers; created by the caller, whose module must declare that it uses the service
     * @param found receives each provider that loads; its exceptions are passed on
     * @param failed receives a sentence for each provider that doesn't load
     */
    public static <S> void forEach(ServiceLoader<S> loader, Consumer<? super S> found, Consumer<String> failed) {
        Iterator<S> providers = loader.iterator();
        Set<String> reasons = new HashSet<>();
        while (true) {
            S provider;
            try {
                if (!providers.hasNext()) {
                    return;
                }
                provider = providers.next();
            } catch (ServiceConfigurationError | LinkageError e) {
                String reason = reason(e);
                // The iterator continues after a bad provider, but not after a class path that it can't read.
                if (!reasons.add(reason) && e instanceof ServiceConfigurationError) {
                    return;
                }
                failed.accept(reason);
                continue;
            }
            found.accept(provider);
        }
    }

    private static String reason(Error error) {
        StringBuilder reason = new StringBuilder("the service provider failed to load: ").append(error);
        for (Throwable cause = error.getCause(); cause != null; cause = cause.getCause()) {
            reason.append(", caused by ").append(cause);
        }
        return reason.toString();
    }
}
