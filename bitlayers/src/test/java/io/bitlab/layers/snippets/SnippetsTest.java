package io.bitlab.layers.snippets;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.util.Arrays;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/** The code in the Javadoc runs. */
class SnippetsTest {

    @TestFactory
    Stream<DynamicTest> snippets() {
        return Stream.of(LayersSnippets.class, AttentionSnippets.class, ConvertSnippets.class, LossSnippets.class,
                OptimSnippets.class, EmbeddingSnippets.class, VisionSnippets.class)
                .flatMap(topic -> Arrays.stream(topic.getDeclaredMethods()))
                .filter(method -> !Modifier.isPrivate(method.getModifiers()) && !method.isSynthetic())
                .map(method -> DynamicTest.dynamicTest(method.getDeclaringClass().getSimpleName() + "."
                        + method.getName(), () -> run(method)));
    }

    private static void run(Method snippet) throws Throwable {
        try {
            snippet.invoke(null);
        } catch (InvocationTargetException e) {
            throw e.getCause();
        }
    }
}
