import de.kherud.llama.InferenceParameters;
import de.kherud.llama.LlamaModel;
import de.kherud.llama.ModelParameters;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;

/**
 * What llama.cpp makes of a GGUF file: for each text the ids of its tokens, and how it goes on.
 *
 * <p>Arguments: the model, a file with a text a line (base64 of UTF-8), the file to write, the number of tokens. Two
 * lines come out for each text: ids, and the continuation in base64.
 */
final class LlamaPeer {
    public static void main(String[] args) throws Exception {
        LlamaModel model = new LlamaModel(new ModelParameters().setModel(args[0]).setCtxSize(256).setThreads(2)
                .setThreadsBatch(2).setGpuLayers(0).skipWarmup());
        List<String> lines = new ArrayList<>();
        for (String line : Files.readAllLines(Path.of(args[1]))) {
            String text = new String(Base64.getDecoder().decode(line), StandardCharsets.UTF_8);
            lines.add(Arrays.toString(model.encode(text)));
            String more = model.complete(new InferenceParameters(text).setNPredict(Integer.parseInt(args[3]))
                    .setTemperature(0f).setTopK(1).setRepeatPenalty(1f).setIgnoreEos(true).setCachePrompt(false));
            lines.add(Base64.getEncoder().encodeToString(more.getBytes(StandardCharsets.UTF_8)));
        }
        Files.write(Path.of(args[2]), lines);
        Runtime.getRuntime().halt(0); // closing the model can end the process in native code
    }
}
