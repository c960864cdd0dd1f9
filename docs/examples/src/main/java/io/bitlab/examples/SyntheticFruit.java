package io.bitlab.examples;

import io.bitlab.core.math.CounterRandom;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;

/**
 * A table of fruit for the tutorials: weight, length, width, colour and price of apples, lemons, oranges and plums. All
 * of it is drawn from a formula; no fruit was measured.
 */
public final class SyntheticFruit {

    private static final String[] NAMES = {"apple", "lemon", "orange", "plum"};
    private static final double[] LENGTHS = {7.5, 9, 8, 5}; // cm
    private static final double[] WIDTHS = {8, 6, 8.2, 4.2}; // cm
    private static final String[][] COLOURS = {{"red", "green"}, {"yellow", "green"}, {"orange"}, {"purple", "red"}};
    private static final double[] PRICES = {3, 5, 2.5, 4}; // a kilogram

    private SyntheticFruit() {
    }

    /**
     * Writes the table.
     *
     * @param file the CSV file to write; its folder is created
     * @param rows the number of rows
     * @return the file
     * @throws IOException if it can't be written
     */
    public static Path write(Path file, int rows) throws IOException {
        CounterRandom random = new CounterRandom(1, 0);
        StringBuilder csv = new StringBuilder("weight,length,width,colour,price,fruit\n");
        for (int i = 0; i < rows; i++) {
            int kind = random.nextInt(NAMES.length);
            double length = LENGTHS[kind] * (0.65 + 0.7 * random.nextFloat());
            double width = WIDTHS[kind] * (0.65 + 0.7 * random.nextFloat());
            double weight = 0.5 * length * width * width * (0.8 + 0.4 * random.nextFloat()); // grams
            String colour = COLOURS[kind][random.nextInt(COLOURS[kind].length)];
            double price = weight / 1000 * PRICES[kind] * (0.9 + 0.2 * random.nextFloat());
            csv.append(String.format(Locale.ROOT, "%.0f,%.1f,%.1f,%s,%.2f,%s%n", weight, length, width, colour, price,
                    NAMES[kind]));
        }
        Files.createDirectories(file.toAbsolutePath().getParent());
        return Files.writeString(file, csv);
    }
}
