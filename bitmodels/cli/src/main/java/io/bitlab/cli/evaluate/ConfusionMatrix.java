package io.bitlab.cli.evaluate;

import io.bitlab.models.image.BitImage;
import io.bitlab.models.image.ImageCanvas;
import io.bitlab.models.train.SampleSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * How often a classifier took one class for another.
 *
 * @param names the classes
 * @param counts number of samples by true and found class
 */
public record ConfusionMatrix(List<String> names, int[][] counts) {

    private static final int CELL = 36;
    private static final int EDGE = 8;

    /**
     * Counts.
     *
     * @param names the classes
     * @param data the samples
     * @param found what the classifier took them for
     * @return the matrix
     */
    public static ConfusionMatrix of(List<String> names, SampleSource data, int[] found) {
        int[][] counts = new int[names.size()][names.size()];
        for (int i = 0; i < found.length; i++) {
            counts[data.label(i)][found[i]]++;
        }
        return new ConfusionMatrix(names, counts);
    }

    /**
     * The share of samples that were recognised.
     *
     * @return from 0 to 1
     */
    public double accuracy() {
        int correct = 0;
        int all = 0;
        for (int c = 0; c < counts.length; c++) {
            correct += counts[c][c];
            all += of(c);
        }
        return correct / (double) all;
    }

    private int of(int truth) {
        return Arrays.stream(counts[truth]).sum();
    }

    private int foundAs(int found) {
        return Arrays.stream(counts).mapToInt(row -> row[found]).sum();
    }

    /**
     * One line a class: how many of its samples were found, and how many of those found as such are right.
     *
     * @return the lines
     */
    public String table() {
        int width = Math.max(5, names.stream().mapToInt(String::length).max().orElse(0));
        StringBuilder table = new StringBuilder(
                String.format(Locale.ROOT, "%-" + width + "s  images   recall  precision%n", "class"));
        for (int c = 0; c < counts.length; c++) {
            table.append(String.format(Locale.ROOT, "%-" + width + "s  %6d  %7s  %9s%n", names.get(c), of(c),
                    percent(counts[c][c], of(c)), percent(counts[c][c], foundAs(c))));
        }
        return table.toString();
    }

    /**
     * The same as JSON.
     *
     * @return the accuracy, and for each class what {@link #table} has; null for a share of nothing
     */
    public Map<String, Object> toJson() {
        List<Map<String, Object>> classes = new ArrayList<>();
        for (int c = 0; c < counts.length; c++) {
            Map<String, Object> one = new LinkedHashMap<>();
            one.put("class", names.get(c));
            one.put("images", of(c));
            one.put("recall", share(counts[c][c], of(c)));
            one.put("precision", share(counts[c][c], foundAs(c)));
            classes.add(one);
        }
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("accuracy", accuracy());
        json.put("classes", classes);
        return json;
    }

    private static Double share(int part, int all) {
        return all == 0 ? null : Double.valueOf((double) part / all);
    }

    private static String percent(int part, int all) {
        return all == 0 ? "-" : String.format(Locale.ROOT, "%.1f %%", 100.0 * part / all);
    }

    /**
     * A row for each true class, a column for each found one: the darker, the more of the row.
     *
     * @return the picture
     */
    public BitImage toImage() {
        int left = names.stream().mapToInt(name -> ImageCanvas.textWidth(name, 1)).max().orElse(0) + 2 * EDGE;
        int top = 2 * EDGE + ImageCanvas.textHeight(1);
        ImageCanvas canvas = new ImageCanvas(left + counts.length * CELL + EDGE, top + counts.length * CELL + EDGE,
                0xffffff);
        for (int truth = 0; truth < counts.length; truth++) {
            int y = top + truth * CELL;
            int middle = y + (CELL - ImageCanvas.textHeight(1)) / 2;
            canvas.text(names.get(truth), EDGE, middle, 1, 0x000000);
            for (int found = 0; found < counts.length; found++) {
                int x = left + found * CELL;
                double share = counts[truth][found] / (double) Math.max(1, of(truth));
                int light = (int) Math.round(255 * (1 - share));
                canvas.fill(x, y, CELL - 1, CELL - 1, light << 16 | light << 8 | 0xff);
                if (counts[truth][found] > 0) {
                    String number = Integer.toString(counts[truth][found]);
                    canvas.text(number, x + (CELL - ImageCanvas.textWidth(number, 1)) / 2, middle, 1,
                            share > 0.5 ? 0xffffff : 0x000000);
                }
            }
            String heading = names.get(truth).substring(0, Math.min(5, names.get(truth).length()));
            canvas.text(heading, left + truth * CELL + 2, EDGE, 1, 0x000000);
        }
        return canvas.toImage();
    }
}
