package io.bitlab.models.report;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.bitlab.core.tensor.Tensor;
import io.bitlab.layers.BitLinear;
import io.bitlab.layers.Dropout;
import io.bitlab.layers.Layer;
import io.bitlab.layers.ReLU;
import io.bitlab.layers.Sequential;
import io.bitlab.models.AutoBitModel;
import io.bitlab.models.html.HtmlPage;
import io.bitlab.models.mlp.BitMlp;
import io.bitlab.models.mlp.BitMlpConfig;
import io.bitlab.models.train.Dataset;
import io.bitlab.models.train.EpochResult;
import io.bitlab.models.train.Evaluation;
import io.bitlab.models.train.Task;
import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import javax.imageio.ImageIO;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.w3c.dom.Document;

class ModelReportTest {

    private static final List<EpochResult> HISTORY = List.of(new EpochResult(1, 1.5, 0.4, 0.5, 1),
            new EpochResult(2, 0.9, 0.7, 0.65, 1), new EpochResult(3, 0.5, 0.9, 0.8, 1));

    @TempDir
    private Path folder;

    private static Dataset data() {
        return Dataset.of(Tensor.randn(3, 40, 4).data(), IntStream.range(0, 40).map(i -> i % 3).toArray());
    }

    private static Layer model() {
        Layer model = new Sequential(BitLinear.builder(4, 8).bias(true).build(), new ReLU(),
                BitLinear.builder(8, 3).build());
        return model.initialize(1);
    }

    /** A detector has no accuracy, but a measure with a name. */
    @Test
    void curvesOfAnotherMeasure() throws IOException {
        List<EpochResult> history = List.of(
                new EpochResult(1, 2, Double.NaN, Task.Score.higherIsBetter("mAP<50>", 0.25), 1),
                new EpochResult(2, 1, Double.NaN, Task.Score.higherIsBetter("mAP<50>", 0.5), 1));
        Path page = folder.resolve("report.html");
        ModelReport.of(model(), data(), history).writeHtml(page);
        String html = Files.readString(page);
        assertTrue(html.contains("Validation mAP&lt;50&gt;, 0.5000 at the end"), html);
        assertFalse(html.contains("Accuracy at the end"), html);
        HistoryChart.writePng(history, folder.resolve("chart.png"));
        HistoryChart.writePng(List.of(new EpochResult(1, 2, Double.NaN, Task.Score.NONE, 1)),
                folder.resolve("loss.png"));
    }

    @Test
    void statisticsOfAKnownLayer() {
        BitLinear layer = BitLinear.builder(4, 2).build();
        Layer model = new Sequential(layer);
        // mean(abs) is 1: trits 1, 0, -1, 1 and 0, 0, 1, -1
        System.arraycopy(new float[] {2f, 0.25f, -1f, 1f, 0.25f, 0f, 1.5f, -2f}, 0, layer.weight().data(), 0, 8);
        Dataset data = Dataset.of(new float[] {127, 0, 0, 0, 0, 127, 0, 0}, new int[] {0, 1});
        ModelReport report = ModelReport.of(model, data, List.of());
        LayerReport row = report.layers().getFirst();
        assertEquals("0", row.path());
        assertEquals(1f, row.meanScale());
        assertEquals(2 / 8.0, row.minusShare());
        assertEquals(3 / 8.0, row.zeroShare());
        assertEquals(3 / 8.0, row.plusShare());
        assertEquals(32, row.latentBytes());
        assertEquals(127, row.largestOutput(), 1e-4); // outputs are 127, 0 and 0, 0
        assertEquals(127 / 4.0, row.meanOutput(), 1e-4);
        assertEquals(0.75, row.zeroOutputs());
        assertEquals(-2, row.latent().orElseThrow().min());
        assertEquals(2, row.latent().orElseThrow().max());
    }

    @Test
    void histograms() {
        Histogram h = Histogram.of(new float[] {0, 1, 2, 3, 4, 4}, 4);
        assertArrayEquals(new long[] {1, 1, 1, 3}, h.counts());
        assertEquals(3, h.largest());
        assertArrayEquals(new long[] {2}, Histogram.of(new float[] {5, 5}, 10).counts());
        assertThrows(IllegalArgumentException.class, () -> Histogram.of(new float[0], 3));
    }

    @Test
    void packingCostsNothingAndTheModeStays() {
        Layer model = model();
        ModelReport report = ModelReport.of(model, data(), HISTORY);
        assertEquals(0.0, report.roundTripGap().orElseThrow());
        assertEquals(Layer.Mode.TRAIN, model.mode());
        assertTrue(report.toText().contains("round-trip gap           exactly 0"), report.toText());
        assertTrue(report.toText().lines().anyMatch(line -> line.startsWith("2 ") && line.contains("3 x 8")),
                report.toText());
    }

    /** A BitMlp always has dropout layers, which do nothing unless a rate is set. */
    @Test
    void theRoundTripGapOfABitMlpIsKnownUnlessItDropsOutAtRandom() {
        BitMlpConfig.Builder config = BitMlpConfig.builder().nLayers(2).inChannels(4).hiddenDim(8).outChannels(3);
        BitMlp model = AutoBitModel.fromConfig(config.build(), 1);
        ModelReport report = ModelReport.of(model, data(), HISTORY);
        assertEquals(Evaluation.accuracy(model, data()), report.trainingAccuracy().orElseThrow());
        assertEquals(0.0, report.roundTripGap().orElseThrow());
        assertTrue(report.toText().contains("round-trip gap           exactly 0"), report.toText());
        assertEquals(Layer.Mode.TRAIN, model.mode());
        BitMlp dropping = AutoBitModel.fromConfig(config.dropout(0.1f).build(), 1);
        assertTrue(ModelReport.of(dropping, data(), HISTORY).roundTripGap().isEmpty());
    }

    @Test
    void whatCantBeKnownIsSaid() {
        Layer evaluated = model().eval();
        ModelReport report = ModelReport.of(evaluated, data(), List.of());
        assertTrue(report.roundTripGap().isEmpty());
        assertTrue(report.toText().contains("not known"));
        assertEquals(Layer.Mode.EVAL, evaluated.mode());
        Layer deployed = model().eval().deploy();
        assertTrue(ModelReport.of(deployed, data(), List.of()).layers().getFirst().latent().isEmpty());
        Layer dropping = new Sequential(BitLinear.builder(4, 3).build(), new Dropout(0.5f));
        assertTrue(ModelReport.of(dropping, data(), List.of()).trainingAccuracy().isEmpty());
    }

    @Test
    void thePageIsWellFormedAndStandsAlone() throws Exception {
        Path file = folder.resolve("report.html");
        ModelReport.of(model(), data(), HISTORY).writeHtml(file);
        String page = Files.readString(file);
        DocumentBuilderFactory factory = DocumentBuilderFactory.newInstance();
        Document document = factory.newDocumentBuilder()
                .parse(new ByteArrayInputStream(page.getBytes(StandardCharsets.UTF_8)));
        assertEquals(2 + 2 * 3, document.getElementsByTagName("svg").getLength(), "two curves, three pictures a layer");
        assertEquals(2, document.getElementsByTagName("section").getLength());
        assertEquals(0, document.getElementsByTagName("script").getLength());
        assertFalse(page.replace("http://www.w3.org/1999/xhtml", "").contains("http"));
        assertFalse(page.contains("NaN"));
    }

    @Test
    void namesAreEscaped() {
        assertEquals("a&lt;b&gt; &amp; &quot;c&quot;", HtmlPage.escape("a<b> & \"c\""));
        assertTrue(Svg.trits("<x>", 0.2, 0.5, 0.3).contains("aria-label=\"&lt;x&gt;\""));
    }

    @Test
    void chartOfTheHistory() throws IOException {
        Path file = folder.resolve("history.png");
        HistoryChart.writePng(HISTORY, file);
        BufferedImage picture = ImageIO.read(file.toFile());
        assertEquals(1200, picture.getWidth());
        assertEquals(450, picture.getHeight());
        Set<Integer> colours = new HashSet<>();
        for (int x = 0; x < 1200; x += 3) {
            for (int y = 0; y < 450; y += 3) {
                colours.add(picture.getRGB(x, y));
            }
        }
        assertTrue(colours.size() > 10, colours.size() + " colours");
        assertThrows(IllegalArgumentException.class, () -> HistoryChart.writePng(List.of(), file));
    }
}
