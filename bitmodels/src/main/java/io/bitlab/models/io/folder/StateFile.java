package io.bitlab.models.io.folder;

import io.bitlab.core.quant.TernaryMatrix;
import io.bitlab.core.tensor.Tensor;
import io.bitlab.layers.Layer;
import io.bitlab.layers.StateDict;
import io.bitlab.models.io.ModelFormatException;
import io.bitlab.models.io.safetensors.DType;
import io.bitlab.models.io.safetensors.SafetensorsFile;
import io.bitlab.models.io.safetensors.SafetensorsWriter;
import java.io.IOException;
import java.nio.file.Path;

/**
 * The state of any network as one safetensors file of float tensors, as other frameworks read and write it. A PyTorch
 * {@code state_dict} that was saved with {@code safetensors.torch.save_file} loads into the same network written in
 * Java:
 *
 * {@snippet class="io.bitlab.models.snippets.FolderSnippets" region="loadMatching"}
 *
 * <p>For a {@code BitModel} with its configuration, and for packed ternary weights, see
 * {@link io.bitlab.models.AutoBitModel#save}.
 */
public final class StateFile {

    private StateFile() {
    }

    /**
     * Reads all tensors of a file as float32; half precision and integers are converted.
     *
     * @param path the file
     * @param names maps the file's names to the network's
     * @return the state, for {@link Layer#loadStateDict} or {@link Layer#loadMatching}
     * @throws ModelFormatException if the file is damaged, has an empty tensor, or two tensors get the same name
     * @throws IOException if it can't be read
     */
    public static StateDict read(Path path, NameMapping names) throws IOException {
        try (SafetensorsFile file = SafetensorsFile.open(path)) {
            StateDict state = new StateDict();
            for (String name : file.names()) {
                String mapped = names.map(name).orElse(null);
                if (mapped != null) {
                    state.put(mapped, Tensor.of(file.floats(name), file.info(name).shape()));
                }
            }
            return state;
        } catch (IllegalArgumentException e) {
            throw new ModelFormatException(path.toString(), e.getMessage(), e);
        }
    }

    /**
     * Writes a state. Ternary matrices and tables of fewer bits are written as floats, in the shape of the weights.
     *
     * @param path the file; if writing fails, the old one stays
     * @param state what to write, for instance {@link Layer#stateDict()}
     * @throws IOException if it can't be written
     */
    public static void write(Path path, StateDict state) throws IOException {
        SafetensorsWriter writer = new SafetensorsWriter();
        for (String name : state.names()) {
            if (state.isTernary(name)) {
                TernaryMatrix matrix = state.ternary(name); // as floats 20 times as large: one at a time
                writer.floats(name, matrix::dequantize, state.shape(name));
            } else if (state.isEmbeddingTable(name)) {
                EmbeddingTensors.addFloats(writer, name, state.embeddingTable(name), DType.F32);
            } else {
                writer.floats(name, state.tensor(name).data(), state.tensor(name).shape());
            }
        }
        writer.write(path);
    }
}
