package io.bitlab.models.pretrained;

import io.bitlab.core.quant.TernaryMatrix;
import io.bitlab.models.internal.Quote;
import io.bitlab.models.io.ModelFormatException;
import io.bitlab.models.io.gguf.GgufFile;
import io.bitlab.models.io.gguf.GgufType;
import io.bitlab.models.io.gguf.I2sLayout;
import io.bitlab.models.transformer.BitTransformerConfig;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;

/** A GGUF file of llama.cpp or bitnet.cpp as a checkpoint. */
final class GgufCheckpoint implements PublishedCheckpoint {

    private final GgufFile file;
    private final BitTransformerConfig config;

    private final Map<String, String> names; // in the file, by the name in the model

    private GgufCheckpoint(GgufFile file) throws ModelFormatException {
        this.file = file;
        this.names = names(file);
        this.config = GgufConfig.read(file);
    }

    static GgufCheckpoint open(Path path, I2sLayout layout) throws IOException {
        GgufFile file = GgufFile.open(path, layout);
        try {
            if (file.metadata().get("split.count") instanceof Number parts && parts.intValue() > 1) {
                throw new ModelFormatException(path.toString(), "is one of " + parts + " parts of a model; merge them"
                        + " with 'llama-gguf-split --merge'");
            }
            return new GgufCheckpoint(file);
        } catch (Throwable e) {
            file.close();
            throw e;
        }
    }

    private static Map<String, String> names(GgufFile file) throws ModelFormatException {
        Map<String, String> names = new LinkedHashMap<>();
        for (String name : file.names()) {
            if (names.put(GgufNames.toModel(name), name) != null) {
                throw new ModelFormatException(file.path().toString(), "holds two tensors for "
                        + Quote.value(GgufNames.toModel(name)));
            }
        }
        return names;
    }

    @Override
    public String source() {
        return file.path().toString();
    }

    @Override
    public BitTransformerConfig config() {
        return config;
    }

    @Override
    public Set<String> names() {
        return Collections.unmodifiableSet(names.keySet());
    }

    private String nameInFile(String name) {
        return names.getOrDefault(name, name);
    }

    @Override
    public String describe(String name) throws ModelFormatException {
        return file.info(nameInFile(name)).toString();
    }

    @Override
    public int[] shape(String name) throws ModelFormatException {
        return file.info(nameInFile(name)).shape();
    }

    @Override
    public boolean isTernary(String name) throws ModelFormatException {
        return file.info(nameInFile(name)).type().isTernary();
    }

    @Override
    public boolean isBfloat16(String name) throws ModelFormatException {
        return file.info(nameInFile(name)).type() == GgufType.BF16;
    }

    @Override
    public boolean isLatent() {
        return false;
    }

    @Override
    public TernaryMatrix ternary(String name) throws ModelFormatException {
        return file.ternary(nameInFile(name));
    }

    @Override
    public void floats(String name, long from, float[] into) throws ModelFormatException {
        file.floats(nameInFile(name), from, into);
    }

    @Override
    public void close() {
        file.close();
    }
}
