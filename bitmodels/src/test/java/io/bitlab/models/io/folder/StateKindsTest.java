package io.bitlab.models.io.folder;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.bitlab.core.BitQuantConfig;
import io.bitlab.core.Granularity;
import io.bitlab.core.embedding.EmbeddingFormat;
import io.bitlab.core.embedding.EmbeddingTable;
import io.bitlab.core.quant.TernaryMatrix;
import io.bitlab.core.tensor.Tensor;
import io.bitlab.layers.BitConv2d;
import io.bitlab.layers.BitLinear;
import io.bitlab.layers.Embedding;
import io.bitlab.layers.Initializer;
import io.bitlab.layers.Layer;
import io.bitlab.layers.RMSNorm;
import io.bitlab.layers.StateDict;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.Function;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Every kind of state goes through every writer of states and comes back equal. */
class StateKindsTest {

    private static final String NAME = "layer.weight";
    /** More rows than a table packs together, columns that no format divides. */
    private static final int ROWS = 70;
    private static final int COLUMNS = 131;

    @TempDir
    Path folder;

    // ---------------------------------------------------------------- kinds

    enum Kind {
        SCALAR(name -> new StateDict().put(name, Tensor.scalar(-1.5f))),
        VECTOR(name -> new StateDict().put(name, Tensor.randn(1, 7))),
        MATRIX(name -> new StateDict().put(name, Tensor.randn(2, 3, 5))),
        CONVOLUTION(name -> new StateDict().put(name, Tensor.randn(3, 4, 2, 3, 3))),
        ONE_SCALE(name -> new StateDict().put(name, TernaryMatrix.of(trits(), ROWS, COLUMNS, scales(1)))),
        SCALES_OF_ROWS(name -> new StateDict().put(name, TernaryMatrix.of(trits(), ROWS, COLUMNS, scales(ROWS)))),
        SCALES_OF_BLOCKS(name -> new StateDict().put(name,
                TernaryMatrix.ofBlocks(trits(), ROWS, COLUMNS, scales(ROWS * 3), 64))),
        TERNARY_CONVOLUTION(name -> new StateDict().put(name,
                TernaryMatrix.of(trits(), ROWS / 2, 2 * COLUMNS, scales(1)), ROWS / 2, COLUMNS, 2, 1)),
        FLOAT32_TABLE(name -> table(name, EmbeddingFormat.FLOAT32)),
        BFLOAT16_TABLE(name -> table(name, EmbeddingFormat.BFLOAT16)),
        INT8_TABLE(name -> table(name, EmbeddingFormat.INT8)),
        NF4_TABLE(name -> table(name, EmbeddingFormat.NF4)),
        /** The name that the scales of other tables have. */
        BFLOAT16_TABLE_BESIDE_SCALES(name -> table(name, EmbeddingFormat.BFLOAT16)
                .put(name + "_scale", Tensor.randn(5, 2))),
        DEFERRED_TENSOR(name -> deferred(MATRIX.state(name), Tensor.class, StateDict::tensor)),
        DEFERRED_MATRIX(name -> deferred(SCALES_OF_ROWS.state(name), TernaryMatrix.class, StateDict::ternary)),
        DEFERRED_TABLE(name -> deferred(INT8_TABLE.state(name), EmbeddingTable.class, StateDict::embeddingTable));

        private final Function<String, StateDict> state;

        Kind(Function<String, StateDict> state) {
            this.state = state;
        }

        StateDict state(String name) {
            return state.apply(name);
        }
    }

    private interface Getter<T> {
        T get(StateDict state, String name);
    }

    private static <T> StateDict deferred(StateDict state, Class<T> kind, Getter<T> getter) {
        StateDict deferred = new StateDict();
        state.names().forEach(
                name -> deferred.putDeferred(name, kind, state.shape(name), () -> getter.get(state, name)));
        return deferred;
    }

    private static byte[] trits() {
        Random random = new Random(4);
        byte[] trits = new byte[ROWS * COLUMNS];
        for (int i = 0; i < trits.length; i++) {
            trits[i] = (byte) (random.nextInt(3) - 1);
        }
        return trits;
    }

    private static float[] scales(int count) {
        float[] scales = new float[count];
        for (int i = 0; i < count; i++) {
            scales[i] = 0.1f + 0.01f * i;
        }
        return scales;
    }

    private static StateDict table(String name, EmbeddingFormat format) {
        return new StateDict().put(name,
                EmbeddingTable.of(format, Tensor.randn(4, ROWS, COLUMNS).toArray(), ROWS, COLUMNS));
    }

    // ---------------------------------------------------------------- writers

    enum Writer {
        STATE_FILE {
            @Override
            StateDict rewritten(Path folder, StateDict state) throws IOException {
                Path file = folder.resolve("state.safetensors");
                StateFile.write(file, state);
                return StateFile.read(file, NameMapping.NONE);
            }
        },
        MODEL_FOLDER {
            @Override
            StateDict rewritten(Path folder, StateDict state) throws IOException {
                ModelFolder.write(folder, new ModelFolder.Contents(Map.of("model_type", "any"), state));
                return ModelFolder.read(folder).state();
            }
        };

        abstract StateDict rewritten(Path folder, StateDict state) throws IOException;
    }

    static Stream<Arguments> kindsAndWriters() {
        return Stream.of(Kind.values())
                .flatMap(kind -> Stream.of(Writer.values()).map(writer -> Arguments.of(kind, writer)));
    }

    @ParameterizedTest
    @MethodSource("kindsAndWriters")
    void comesBackEqual(Kind kind, Writer writer) throws IOException {
        StateDict state = kind.state(NAME);
        StateDict read = writer.rewritten(folder, state);
        assertEquals(state.names(), read.names());
        for (String name : state.names()) {
            assertEquals(writer == Writer.MODEL_FOLDER && state.isTernary(name), read.isTernary(name));
            assertEquals(writer == Writer.MODEL_FOLDER && state.isEmbeddingTable(name), read.isEmbeddingTable(name));
            if (read.isTernary(name)) {
                assertEquals(state.ternary(name), read.ternary(name));
            } else if (read.isEmbeddingTable(name)) {
                assertEquals(state.embeddingTable(name).format(), read.embeddingTable(name).format());
                assertArrayEquals(state.shape(name), read.shape(name));
            } else {
                assertArrayEquals(state.shape(name), read.shape(name), name);
            }
            assertArrayEquals(floats(state, name), floats(read, name), name);
        }
    }

    /** The values of an entry. */
    private static float[] floats(StateDict state, String name) {
        if (state.isTernary(name)) {
            return state.ternary(name).dequantize();
        }
        if (!state.isEmbeddingTable(name)) {
            return state.tensor(name).toArray();
        }
        EmbeddingTable table = state.embeddingTable(name);
        float[] values = new float[table.rows() * table.columns()];
        for (int row = 0; row < table.rows(); row++) {
            table.row(row, values, row * table.columns());
        }
        return values;
    }

    // ---------------------------------------------------------------- layers

    @ParameterizedTest
    @EnumSource(value = EmbeddingFormat.class, names = "FLOAT16", mode = EnumSource.Mode.EXCLUDE)
    void aDeployedEmbeddingIsWrittenAsTheFloatsItStandsFor(EmbeddingFormat format) throws IOException {
        Embedding embedding = new Embedding(9, 6, Initializer.normal(1), format);
        embedding.initialize(3);
        embedding.deploy();
        StateDict read = Writer.STATE_FILE.rewritten(folder, embedding.stateDict());
        Embedding floats = new Embedding(9, 6);
        floats.loadStateDict(read);
        for (int id = 0; id < 9; id++) {
            assertArrayEquals(embedding.forward(new int[] {id}).toArray(), floats.forward(new int[] {id}).toArray());
        }
    }

    /** As PyTorch's Conv2d wants it: four axes, not a matrix. */
    @Test
    void aDeployedConvolutionIsWrittenInTheShapeOfItsWeights() throws IOException {
        for (int groups : List.of(1, 2)) {
            BitConv2d.Builder builder = BitConv2d.builder(4, 6, 3).groups(groups);
            BitConv2d layer = builder.build();
            layer.initialize(5);
            float[] latent = layer.weight().toArray();
            layer.deploy();
            StateDict read = Writer.STATE_FILE.rewritten(folder, layer.stateDict());
            assertArrayEquals(new int[] {6, 4 / groups, 3, 3}, read.shape("weight"));
            BitConv2d fresh = builder.build();
            fresh.loadStateDict(read);
            assertArrayEquals(layer.ternaryWeight().dequantize(), fresh.weight().toArray());
            assertTrue(latent.length == fresh.weight().size() && !Arrays.equals(latent, fresh.weight().toArray()));
        }
    }

    @Test
    void aDeployedNetworkOfAllKindsLoadsFromItsFolder() throws IOException {
        Layer network = network();
        network.initialize(6);
        network.deploy();
        StateDict read = Writer.MODEL_FOLDER.rewritten(folder, network.stateDict());
        Layer again = network();
        again.loadStateDict(read);
        StateDict expected = network.stateDict();
        StateDict actual = again.stateDict();
        assertEquals(expected.names(), actual.names());
        expected.names().forEach(name -> assertArrayEquals(floats(expected, name), floats(actual, name), name));
    }

    private static Layer network() {
        return new Layer() {
            {
                for (EmbeddingFormat format : EmbeddingFormat.inMemory()) {
                    child("table" + format, new Embedding(9, 6, Initializer.normal(1), format));
                }
                child("linear", BitLinear.builder(6, 5).build());
                child("rows", BitLinear.builder(6, 5).quantConfig(BitQuantConfig.defaults()
                        .withWeightGranularity(Granularity.PER_CHANNEL)).build());
                child("convolution", BitConv2d.builder(2, 4, 3).groups(2).build());
                child("norm", new RMSNorm(5));
            }

            @Override
            public Tensor forward(Tensor x) {
                return x;
            }
        };
    }
}
