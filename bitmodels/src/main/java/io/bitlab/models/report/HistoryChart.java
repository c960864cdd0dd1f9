package io.bitlab.models.report;

import io.bitlab.models.io.AtomicFile;
import io.bitlab.models.train.EpochResult;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.function.ToDoubleFunction;
import javax.imageio.ImageIO;
import javax.imageio.stream.ImageOutputStream;
import javax.imageio.stream.MemoryCacheImageOutputStream;
import org.knowm.xchart.BitmapEncoder;
import org.knowm.xchart.XYChart;
import org.knowm.xchart.XYChartBuilder;
import org.knowm.xchart.style.markers.SeriesMarkers;

/**
 * Draws training curves as a PNG. Needs the library XChart, an optional dependency that the application must add.
 *
 * {@snippet class="io.bitlab.models.snippets.ReportSnippets" region="chart"}
 */
public final class HistoryChart {

    private HistoryChart() {
    }

    /**
     * Draws the loss and the accuracies over the epochs, side by side; for a task without accuracy, the measure of its
     * validation.
     *
     * @param history at least one epoch
     * @param file the PNG file to write, 1200 x 450 pixels; replaced as a whole
     * @throws IOException if it can't be written; an existing file is unchanged
     * @throws IllegalArgumentException if there are no epochs
     * @throws IllegalStateException if XChart is not on the class path
     */
    public static void writePng(List<EpochResult> history, Path file) throws IOException {
        if (history.isEmpty()) {
            throw new IllegalArgumentException("HistoryChart: there are no epochs to draw");
        }
        BufferedImage picture;
        try {
            picture = Drawing.of(history);
        } catch (NoClassDefFoundError e) {
            throw new IllegalStateException("HistoryChart needs XChart: add the dependency org.knowm.xchart:xchart", e);
        }
        ByteArrayOutputStream png = new ByteArrayOutputStream();
        try (ImageOutputStream out = new MemoryCacheImageOutputStream(png)) { // not in a temporary file
            ImageIO.write(picture, "png", out);
        }
        AtomicFile.replace(file, png::writeTo);
    }

    /** A separate class, so that XChart is loaded only when a chart is drawn. */
    private static final class Drawing {

        static BufferedImage of(List<EpochResult> history) {
            XYChart loss = chart("loss");
            add(loss, "training", history, EpochResult::loss);
            String measure = measure(history);
            XYChart score = chart(measure);
            if (isKnown(history, EpochResult::accuracy)) {
                add(score, "training", history, EpochResult::accuracy);
            }
            if (isKnown(history, result -> result.validation().number(measure))) {
                add(score, "validation", history, result -> result.validation().number(measure));
            }
            if (isKnown(history, result -> result.averaged().number(measure))) {
                add(score, "averaged weights", history, result -> result.averaged().number(measure));
            }
            BufferedImage both = new BufferedImage(1200, 450, BufferedImage.TYPE_INT_RGB);
            both.getGraphics().drawImage(BitmapEncoder.getBufferedImage(loss), 0, 0, null);
            both.getGraphics().drawImage(BitmapEncoder.getBufferedImage(score), 600, 0, null);
            return both;
        }

        /** The accuracy, where one is known. */
        private static String measure(List<EpochResult> history) {
            String measure = history.getLast().validation().measure();
            return measure.isEmpty() || isKnown(history, EpochResult::accuracy) ? "accuracy" : measure;
        }

        private static boolean isKnown(List<EpochResult> history, ToDoubleFunction<EpochResult> value) {
            return history.stream().anyMatch(result -> !Double.isNaN(value.applyAsDouble(result)));
        }

        private static XYChart chart(String what) {
            return new XYChartBuilder().width(600).height(450).title(what).xAxisTitle("epoch").yAxisTitle(what).build();
        }

        private static void add(XYChart chart, String name, List<EpochResult> history,
                ToDoubleFunction<EpochResult> value) {
            double[] epochs = history.stream().mapToDouble(EpochResult::epoch).toArray();
            chart.addSeries(name, epochs, history.stream().mapToDouble(value).toArray()).setMarker(SeriesMarkers.NONE);
        }
    }
}
