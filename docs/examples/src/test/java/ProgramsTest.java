import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.bitlab.core.BitQuantConfig;
import io.bitlab.core.Granularity;
import io.bitlab.core.kernel.KernelRegistry;
import io.bitlab.core.kernel.KernelReport;
import io.bitlab.core.kernel.TernaryKernel;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.ResourceLock;
import org.junit.jupiter.api.parallel.Resources;

/** The programs without a package print what their comments promise. */
@ResourceLock(Resources.SYSTEM_OUT)
@ResourceLock(Resources.LOCALE)
class ProgramsTest {

    /** A program's {@code main}. */
    private interface Program {
        void main(String... arguments) throws Exception;
    }

    private static List<String> linesOf(Program program) throws Exception {
        PrintStream out = System.out;
        Locale locale = Locale.getDefault();
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try {
            Locale.setDefault(Locale.ROOT); // the programs print numbers as their user's machine does
            System.setOut(new PrintStream(bytes, true, StandardCharsets.UTF_8));
            program.main();
        } finally {
            System.setOut(out);
            Locale.setDefault(locale);
        }
        return bytes.toString(StandardCharsets.UTF_8).lines().toList();
    }

    private static Matcher match(String pattern, String line) {
        Matcher matcher = Pattern.compile(pattern).matcher(line);
        assertTrue(matcher.matches(), line);
        return matcher;
    }

    @Test
    void verifyInstallation() throws Exception {
        BitQuantConfig config = BitQuantConfig.defaults().withActivationGranularity(Granularity.PER_TENSOR);
        TernaryKernel kernel = KernelRegistry.kernelFor(config);
        List<String> lines = linesOf(VerifyInstallation::main);
        assertEquals("Kernel: " + kernel.name(), lines.get(0));
        assertEquals("Vectorized: " + kernel.isVectorized(), lines.get(1));
        List<KernelReport> reports = KernelRegistry.explain(config);
        assertEquals(reports.stream().map(KernelReport::toString).toList(), lines.subList(2, lines.size()));
        List<KernelReport> chosen = reports.stream().filter(KernelReport::chosen).toList();
        assertEquals(1, chosen.size());
        assertEquals(kernel.name(), chosen.get(0).kernel());
        assertTrue(lines.stream().anyMatch(line -> line.contains("scalar")), lines.toString());
    }

    @Test
    void firstLayer() throws Exception {
        List<String> lines = linesOf(FirstLayer::main);
        assertEquals(List.of("Training output shape: [32, 256]", "Ternary output shape: [32, 256]",
                "Weight values: [-1, 0, 1]"), lines.subList(0, 3));
        match("Bits a weight: 1\\.6\\d, memory saved: 9\\d\\.\\d %", lines.get(3));
        assertEquals(4, lines.size());
    }

    @Test
    void ownNetwork() throws Exception {
        List<String> lines = linesOf(OwnNetwork::main);
        assertEquals("Output shape: [64, 10]", lines.get(0));
        Matcher loss = match("Loss (\\d+\\.\\d{4}) -> (\\d+\\.\\d{4})", lines.get(1));
        assertTrue(Double.parseDouble(loss.group(2)) < Double.parseDouble(loss.group(1)), lines.get(1));
        assertEquals("""
                Converted: Sequential  203,530 parameters
                ├─ 0: BitLinear(784 -> 256)  200,960 parameters
                ├─ 1: ReLU
                └─ 2: BitLinear(256 -> 10)  2,570 parameters""", String.join("\n", lines.subList(2, lines.size())));
    }

    @Test
    void prebuiltModel() throws Exception {
        List<String> lines = linesOf(PrebuiltModel::main);
        assertEquals("Output: [1, 10]", lines.get(0));
        Matcher memory =
                match("Float memory: (\\d+\\.\\d) KB, ternary memory: (\\d+\\.\\d) KB, reduction: (\\d+\\.\\d) %",
                        lines.get(1));
        // 256 x 128, 128 x 128 and 128 x 10 weights with their biases
        assertEquals(4 * (49152 + 1280 + 266) / 1024.0, Double.parseDouble(memory.group(1)), 0.06);
        assertTrue(Double.parseDouble(memory.group(3)) > 80, lines.get(1));
        assertEquals("Same after loading: true", lines.get(2));
        assertEquals(3, lines.size());
    }
}
