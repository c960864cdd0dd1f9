package io.bitlab.benchmarks.report;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** The part of a page of documentation that a program writes, between two comments; the prose around it stays. */
final class TablesOfPage {

    private static final String END = "<!-- end of tables -->";

    private TablesOfPage() {
    }

    /** The line below a table. */
    static String origin(String date, String machine, String virtualMachine, String command) {
        return "Measured on " + date + ": " + machine + "; " + virtualMachine + ". `" + command + "`\n";
    }

    /**
     * Replaces the tables.
     *
     * @param page created if it is missing
     * @param title the first line of a new page
     * @param writer the program, as named in the comment
     * @param tables Markdown
     */
    static void replace(Path page, String title, String writer, String tables) throws IOException {
        String begin = "<!-- tables: written by " + writer + " -->";
        String old = Files.exists(page) ? Files.readString(page) : title + "\n\n" + begin + "\n" + END + "\n";
        int from = old.indexOf(begin);
        int to = old.indexOf(END, Math.max(0, from));
        if (from < 0 || to < 0) {
            throw new IllegalStateException(
                    writer + ": " + page + " lacks the lines \"" + begin + "\" and \"" + END + "\"; add them");
        }
        Files.writeString(page, old.substring(0, from) + begin + "\n" + tables + old.substring(to));
    }
}
