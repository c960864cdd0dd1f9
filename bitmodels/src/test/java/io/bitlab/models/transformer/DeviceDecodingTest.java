package io.bitlab.models.transformer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.bitlab.core.BitQuantConfig;
import io.bitlab.core.kernel.KernelRegistry;
import io.bitlab.core.tensor.OnDevice;
import io.bitlab.layers.Observation;
import io.bitlab.models.AutoBitModel;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/** A model on the OpenCL of this machine, such as pocl, in a JVM whose layers it computes; else skipped. */
class DeviceDecodingTest {

    private static final String KEPT = "kept: ";
    private static final String HASHES = "hashes: ";

    /** The forms of a block: with everything that a device keeps, and with an activation function that it doesn't. */
    private static List<BitTransformerConfig> configs() {
        BitTransformerConfig.Builder sizes = BitTransformerConfig.builder(50, 64, 2, 4).numKeyValueHeads(2)
                .intermediateSize(176).maxPositionEmbeddings(64);
        return List.of(sizes.subNorms(true).build(), sizes.subNorms(false).hiddenAct(HiddenAct.SILU).build(),
                sizes.hiddenAct(HiddenAct.GELU).gated(false).build());
    }

    private static BitTransformer model(BitTransformerConfig config) {
        BitTransformer model = AutoBitModel.fromConfig(config, 3);
        model.eval();
        return model;
    }

    private static int[] hashes() {
        int[] hashes = new int[configs().size()];
        for (int i = 0; i < hashes.length; i++) {
            DecodingSession session = model(configs().get(i)).newSession();
            for (int length : new int[] {1, 1, 7, 30, 1}) {
                int[] tokens = new int[length];
                Arrays.setAll(tokens, at -> at % 50);
                hashes[i] = 31 * hashes[i] + Arrays.hashCode(session.append(tokens));
            }
        }
        return hashes;
    }

    /** The program of the other JVM. */
    static final class Decoding {

        private Decoding() {
        }

        public static void main(String[] args) {
            Optional<String> refusal = KernelRegistry.kernel("gpu").refusal(BitQuantConfig.defaults(), 64, 64);
            if (refusal.isPresent()) {
                System.out.println(refusal.get());
                return;
            }
            BitTransformer model = model(configs().getFirst());
            DecodingSession session = model.newSession();
            session.append(1); // with the checks of the kernel
            TreeSet<String> kept = new TreeSet<>();
            try (Observation _ = model.observe((path, output) -> {
                if (OnDevice.holds(output)) {
                    kept.add(path);
                }
            })) {
                session.append(2);
            }
            System.out.println(KEPT + kept.stream().filter(path -> path.contains(".0.")).toList());
            System.out.println(HASHES + Arrays.toString(hashes()));
        }
    }

    @Test
    void theLogitsAreThoseOfTheProcessor() throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-Dbitlab.kernel=gpu",
                "--enable-native-access=ALL-UNNAMED", "-cp", System.getProperty("java.class.path"),
                Decoding.class.getName()));
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        List<String> lines = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).lines()
                .toList();
        assertEquals(0, process.waitFor(), () -> String.join("\n", lines));
        assumeTrue(lines.getLast().startsWith(HASHES), () -> "no OpenCL here: " + String.join("\n", lines));
        String block = "model.layers.0.";
        assertEquals(
                KEPT + List.of(block + "attn_dropout", block + "mlp", block + "mlp.down_proj",
                        block + "mlp.ffn_sub_norm",
                        block + "mlp.gate_proj", block + "mlp.up_proj", block + "mlp_dropout",
                        block + "post_attention_layernorm",
                        block + "self_attn", block + "self_attn.k_proj", block + "self_attn.o_proj",
                        block + "self_attn.q_proj", block + "self_attn.v_proj"),
                lines.stream().filter(line -> line.startsWith(KEPT)).findFirst().orElse(""));
        assertEquals(HASHES + Arrays.toString(hashes()), lines.getLast());
    }
}
