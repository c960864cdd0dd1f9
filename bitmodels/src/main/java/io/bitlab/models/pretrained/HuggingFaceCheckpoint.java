package io.bitlab.models.pretrained;

import io.bitlab.core.quant.TernaryMatrix;
import io.bitlab.models.io.Json;
import io.bitlab.models.io.ModelFormatException;
import io.bitlab.models.io.folder.ModelFolder;
import io.bitlab.models.io.safetensors.DType;
import io.bitlab.models.io.safetensors.SafetensorsFile;
import io.bitlab.models.io.safetensors.TensorInfo;
import io.bitlab.models.pretrained.HuggingFaceConfig.Packing;
import io.bitlab.models.transformer.BitTransformerConfig;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.LinkedHashSet;
import java.util.Set;

/** A Hugging Face folder as a checkpoint: {@code config.json} and safetensors files. */
final class HuggingFaceCheckpoint implements PublishedCheckpoint {

    private static final String WEIGHT = ".weight";
    private static final String SCALE = "_scale";

    private final Path folder;
    private final HuggingFaceConfig config;
    private final SafetensorsShards shards;
    private final Set<String> names;

    private HuggingFaceCheckpoint(Path folder, HuggingFaceConfig config, SafetensorsShards shards)
            throws ModelFormatException {
        this.folder = folder;
        this.config = config;
        this.shards = shards;
        this.names = new LinkedHashSet<>(shards.names());
        for (String name : shards.names()) {
            if (isTernary(name)) {
                names.remove(name + SCALE);
            }
        }
    }

    /**
     * Whether a folder is a Hugging Face folder and not a BitLab folder. A folder with safetensors files but a missing
     * or damaged configuration counts too, so that {@link #open} reports what is wrong.
     */
    static boolean isHere(Path folder) {
        Path config = folder.resolve(ModelFolder.CONFIG_FILE);
        boolean possible = SafetensorsShards.areIn(folder);
        try {
            possible = Files.isRegularFile(config) ? HuggingFaceConfig.isOne(Json.read(config)) : possible;
        } catch (IOException e) {
            // reported by open
        }
        return possible && !ModelFolder.isHere(folder); // a BitLab folder has a config.json too
    }

    static HuggingFaceCheckpoint open(Path folder) throws IOException {
        Path config = folder.resolve(ModelFolder.CONFIG_FILE);
        SafetensorsShards shards = SafetensorsShards.open(folder);
        try {
            if (!Files.exists(config)) {
                throw new NoSuchFileException(config.toString(), null, "there is no such file, and the safetensors "
                        + "files beside it don't describe the model (only those of AutoBitModel.save do); get it from "
                        + "where you got the others");
            }
            return new HuggingFaceCheckpoint(folder, HuggingFaceConfig.read(Json.read(config), config.toString(),
                    shards.contains(TensorNames.HEAD)), shards);
        } catch (IllegalArgumentException e) {
            shards.close();
            throw new ModelFormatException(folder.toString(), e.getMessage(), e);
        } catch (Throwable e) {
            shards.close();
            throw e;
        }
    }

    @Override
    public String source() {
        return folder.toString();
    }

    @Override
    public BitTransformerConfig config() {
        return config.transformer();
    }

    @Override
    public Set<String> names() {
        return names;
    }

    private TensorInfo info(String name) throws ModelFormatException {
        return shards.of(name).info(name);
    }

    @Override
    public String describe(String name) throws ModelFormatException {
        return info(name) + " of " + shards.of(name).path().getFileName();
    }

    @Override
    public int[] shape(String name) throws ModelFormatException {
        int[] shape = info(name).shape();
        if (isTernary(name)) {
            shape[0] = Math.multiplyExact(shape[0], HuggingFacePacking.BLOCKS);
        }
        return shape;
    }

    @Override
    public boolean isTernary(String name) throws ModelFormatException {
        TensorInfo info = info(name);
        return name.endsWith(WEIGHT) && info.dtype() == DType.U8 && info.shape().length == 2;
    }

    @Override
    public boolean isBfloat16(String name) throws ModelFormatException {
        return info(name).dtype() == DType.BF16;
    }

    @Override
    public boolean isLatent() {
        return config.packing() == Packing.LATENT;
    }

    @Override
    public TernaryMatrix ternary(String name) throws ModelFormatException {
        float scale = scale(name);
        SafetensorsFile file = shards.of(name);
        int[] packed = info(name).shape();
        try {
            return HuggingFacePacking.read(file.segment(name), packed[0], packed[1], scale);
        } catch (IllegalArgumentException | ArithmeticException e) {
            throw wrong(name, e.getMessage());
        }
    }

    private float scale(String name) throws ModelFormatException {
        if (config.packing() != Packing.MULTIPLIED && config.packing() != Packing.DIVIDED) {
            throw wrong(name,
                    "packed weights, but config.json has no quantization_config with quantization_mode offline, "
                            + "which determines whether to multiply or divide by the scale");
        }
        String scaleName = name + SCALE;
        TensorInfo info = info(scaleName);
        if (info.elements() != 1 || info.dtype().isInteger()) {
            throw wrong(scaleName, "expected one float");
        }
        float stored = shards.of(scaleName).floats(scaleName)[0];
        float scale = config.packing() == Packing.DIVIDED ? 1 / stored : stored;
        if (!Float.isFinite(stored) || !Float.isFinite(scale)) {
            throw wrong(scaleName, "its value is " + stored + ", expected a finite number"
                    + (config.packing() == Packing.DIVIDED ? " to divide by" : ""));
        }
        return scale;
    }

    @Override
    public void floats(String name, long from, float[] into) throws ModelFormatException {
        DType dtype = info(name).dtype();
        if (dtype.isInteger()) {
            throw wrong(name, "expected floats");
        }
        dtype.toFloats(shards.of(name).segment(name), from * dtype.byteSize(), into, 0, into.length);
    }

    @Override
    public void close() {
        shards.close();
    }
}
