package io.bitlab.models.pretrained;

import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.bitlab.core.parallel.Parallel;
import io.bitlab.models.AutoBitModel;
import io.bitlab.models.testing.FileFuzz;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;

/** A damaged folder is either loaded or refused with a documented exception, soon and with little memory. */
class HuggingFaceFuzzTest extends FileFuzz {

    /** What loading any of the folders may allocate; the model has 0.5 MB. */
    private static final long MOST_BYTES = 100_000_000;

    /** Replacements of a value. */
    private static final List<String> VALUES = List.of("0", "-1", "1", "2", "3", "7", "1000000", "2147483647",
            "4294967296", "9223372036854775807", "1e999", "-0.5", "1e-30", "null", "true", "\"\"", "\"..\"", "\"silu\"",
            "\"bitlinear\"", "\"online\"", "\"F32\"", "\"U8\"", "\"llama\"", "[]", "{}", "[0]", "[1, 2, 3]",
            "[0, 4294967296]", "[1000000, 1000000]");

    private final com.sun.management.ThreadMXBean threads =
            (com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean();

    private final Map<Path, byte[]> valid = new LinkedHashMap<>();

    HuggingFaceFuzzTest() {
        super(400);
    }

    @Override
    protected void prepare() throws IOException {
        CheckpointFolder checkpoint = CheckpointFolder.read(CheckpointFolder.GOLDEN.resolve("bitnet-tiny"));
        checkpoint.writeShards(folder, 2);
        for (String name : List.of("config.json", SafetensorsShards.INDEX_FILE, "model-00001-of-00002.safetensors",
                "model-00002-of-00002.safetensors")) {
            valid.put(folder.resolve(name), Files.readAllBytes(folder.resolve(name)));
        }
    }

    @Override
    protected boolean isRefused(int mutation, Random random, String replay) throws IOException {
        List<Path> files = List.copyOf(valid.keySet());
        Path file = files.get(random.nextInt(files.size()));
        byte[] bytes = valid.get(file);
        int from = file.toString().endsWith(".json") ? 0 : 8;
        int end = from == 0 ? bytes.length : 8 + (bytes[0] & 255 | (bytes[1] & 255) << 8 | (bytes[2] & 255) << 16);
        Files.write(file, mutate(bytes, from, end, random));
        boolean refused = isRefused(replay + " of " + file.getFileName());
        Files.write(file, bytes);
        return refused;
    }

    @Override
    protected void checkRefused(int refused, int count) throws IOException {
        assertTrue(refused < count, "all folders were refused");
        AutoBitModel.load(folder);
    }

    private boolean isRefused(String replay) {
        return assertTimeoutPreemptively(Duration.ofSeconds(20), () -> {
            long before = threads.getCurrentThreadAllocatedBytes();
            try {
                Parallel.sequential().<Object, IOException>call(
                        () -> AutoBitModel.load(folder, LoadOptions.defaults()));
                return false;
            } catch (IOException e) {
                assertTrue(e.getMessage().startsWith(folder.toString()), replay + ": " + e);
                return true;
            } catch (RuntimeException | Error e) {
                throw new AssertionError(replay + ": " + e, e);
            } finally {
                long allocated = threads.getCurrentThreadAllocatedBytes() - before;
                assertTrue(allocated < MOST_BYTES, replay + ": loading took " + allocated + " bytes");
            }
        }, replay);
    }

    /** Changes the JSON between two places, or the file's end. */
    private static byte[] mutate(byte[] valid, int from, int end, Random random) {
        byte[] bytes = valid.clone();
        switch (random.nextInt(6)) {
            case 0 -> flipOne(bytes, from, end, random);
            case 1 -> flipSome(bytes, random);
            case 2 -> bytes = truncated(bytes, random);
            case 3 -> {
                int length = 1 + random.nextInt(Math.min(40, end - from - 1));
                System.arraycopy(valid, from + random.nextInt(end - from - length), bytes,
                        from + random.nextInt(end - from - length), length);
            }
            default -> bytes = withValue(valid, from, end, random);
        }
        return bytes;
    }

    /** Another value behind one of the colons; the length of a safetensors header is kept right. */
    private static byte[] withValue(byte[] valid, int from, int end, Random random) {
        String json = new String(valid, from, end - from, StandardCharsets.ISO_8859_1);
        int[] colons = json.chars().filter(c -> c == ':').toArray();
        int colon = -1;
        for (int i = random.nextInt(colons.length); i >= 0; i--) {
            colon = json.indexOf(':', colon + 1);
        }
        int after = endOfValue(json, colon + 1);
        byte[] changed = (json.substring(0, colon + 1) + VALUES.get(random.nextInt(VALUES.size()))
                + json.substring(after)).getBytes(StandardCharsets.ISO_8859_1);
        byte[] bytes = Arrays.copyOf(valid, valid.length - (end - from) + changed.length);
        System.arraycopy(changed, 0, bytes, from, changed.length);
        System.arraycopy(valid, end, bytes, from + changed.length, valid.length - end);
        for (int i = 0; i < from; i++) {
            bytes[i] = (byte) (i < 4 ? changed.length >>> 8 * i : 0);
        }
        return bytes;
    }

    private static int endOfValue(String json, int from) {
        int depth = 0;
        for (int i = from; i < json.length(); i++) {
            char c = json.charAt(i);
            if (depth == 0 && (c == ',' || c == '}' || c == ']')) {
                return i;
            }
            depth += c == '[' || c == '{' ? 1 : c == ']' || c == '}' ? -1 : 0;
        }
        return json.length();
    }
}
