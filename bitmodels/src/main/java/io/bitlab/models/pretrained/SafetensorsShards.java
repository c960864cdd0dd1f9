package io.bitlab.models.pretrained;

import io.bitlab.models.internal.Quote;
import io.bitlab.models.io.Json;
import io.bitlab.models.io.JsonObject;
import io.bitlab.models.io.ModelFormatException;
import io.bitlab.models.io.folder.ModelFolder;
import io.bitlab.models.io.safetensors.SafetensorsFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;

/** The safetensors files of a Hugging Face folder: a single one, or several with an index of the tensors. */
final class SafetensorsShards implements AutoCloseable {

    static final String INDEX_FILE = "model.safetensors.index.json";

    private final Path folder;
    private final Map<String, SafetensorsFile> files = new LinkedHashMap<>();
    private final Map<String, SafetensorsFile> owners = new LinkedHashMap<>();

    private SafetensorsShards(Path folder) {
        this.folder = folder;
    }

    /** Whether a folder contains such files. */
    static boolean areIn(Path folder) {
        return Files.exists(folder.resolve(ModelFolder.MODEL_FILE)) || Files.exists(folder.resolve(INDEX_FILE));
    }

    /**
     * Opens all files and checks that each contains the tensors that the index lists.
     *
     * @throws ModelFormatException if a file is damaged or the index is wrong
     * @throws NoSuchFileException if a file is missing
     */
    static SafetensorsShards open(Path folder) throws IOException {
        SafetensorsShards shards = new SafetensorsShards(folder);
        try {
            if (Files.exists(folder.resolve(ModelFolder.MODEL_FILE))) {
                shards.openSingle();
            } else if (Files.exists(folder.resolve(INDEX_FILE))) {
                shards.openIndexed();
            } else {
                throw new NoSuchFileException(folder.resolve(ModelFolder.MODEL_FILE).toString(), null,
                        "nor is there " + INDEX_FILE + "; only safetensors files are read, so convert others (.bin)");
            }
            return shards;
        } catch (Throwable e) {
            shards.close();
            throw e;
        }
    }

    private void openSingle() throws IOException {
        SafetensorsFile file = openFile(ModelFolder.MODEL_FILE);
        file.names().forEach(name -> owners.put(name, file));
    }

    private void openIndexed() throws IOException {
        Path index = folder.resolve(INDEX_FILE);
        for (Map.Entry<String, String> entry : shards(index).entrySet()) {
            String name = entry.getKey();
            SafetensorsFile file = openFile(entry.getValue());
            if (!file.contains(name)) {
                throw new ModelFormatException(file.path().toString(), "there is no tensor " + Quote.value(name)
                        + ", which " + INDEX_FILE + " says is here");
            }
            owners.put(name, file);
        }
        for (SafetensorsFile file : files.values()) {
            file.names().forEach(name -> owners.putIfAbsent(name, file)); // so that unused tensors are reported
        }
    }

    /** The file of each tensor, by the index. */
    private Map<String, String> shards(Path index) throws IOException {
        Map<String, String> shards = new LinkedHashMap<>();
        Map<String, Object> json = Json.read(index);
        try {
            JsonObject map = JsonObject.at("", json).object("weight_map");
            for (String tensor : map.members().keySet()) {
                if (!(map.members().get(tensor) instanceof String shard) || !isPlainName(shard)) {
                    throw map.wrong(tensor, "the name of a file in the same folder");
                }
                shards.put(tensor, shard);
            }
            if (shards.isEmpty()) {
                throw new IllegalArgumentException("weight_map is empty, expected the file of each tensor");
            }
        } catch (IllegalArgumentException e) {
            throw new ModelFormatException(index.toString(), e.getMessage(), e);
        }
        return shards;
    }

    /** A path with folders could point anywhere. */
    private boolean isPlainName(String shard) {
        try {
            Path path = folder.getFileSystem().getPath(shard);
            return path.getNameCount() == 1 && !path.isAbsolute() && !shard.equals("..") && !shard.isEmpty()
                    && shard.indexOf('/') < 0 && shard.indexOf('\\') < 0;
        } catch (InvalidPathException e) {
            return false;
        }
    }

    private SafetensorsFile openFile(String name) throws IOException {
        SafetensorsFile file = files.get(name);
        if (file == null) {
            file = SafetensorsFile.open(folder.resolve(name));
            files.put(name, file);
        }
        return file;
    }

    Set<String> names() {
        return Collections.unmodifiableSet(owners.keySet());
    }

    boolean contains(String name) {
        return owners.containsKey(name);
    }

    /** The file that contains a tensor. */
    SafetensorsFile of(String name) throws ModelFormatException {
        SafetensorsFile file = owners.get(name);
        if (file == null) {
            throw new ModelFormatException(folder.toString(), "there is no tensor " + Quote.value(name)
                    + " among the " + owners.size() + " of this folder");
        }
        return file;
    }

    @Override
    public void close() {
        files.values().forEach(SafetensorsFile::close);
    }
}
