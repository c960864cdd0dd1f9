package io.bitlab.cli;

import io.bitlab.models.BitModel;
import io.bitlab.models.tokenizer.Tokenizer;
import java.io.IOException;
import java.util.Arrays;
import java.util.Locale;

/** Prints what is found at once: the files of a large model take a while. */
final class InspectionText implements Inspection {

    private static final String ROW = "%-52s %-9s %-16s %6s %8s %7s%n";

    private String told = ""; // the last problem that was printed

    @Override
    public void files(String kind, Object architecture) {
        System.out.println(kind + (architecture == null ? "" : ", architecture " + visible(architecture)));
        System.out.printf(Locale.ROOT, ROW, "tensor", "type", "shape", "bits", "scales", "zeros");
    }

    @Override
    public void tensor(String name, Object type, int[] shape, double bits) {
        System.out.printf(Locale.ROOT, ROW, visible(name), type, Arrays.toString(shape), shown(bits), "", "");
    }

    @Override
    public void ternary(String name, Object type, int[] shape, double bits, int scales, double zeros) {
        System.out.printf(Locale.ROOT, ROW, visible(name), type, Arrays.toString(shape), shown(bits), scales,
                String.format(Locale.ROOT, "%.1f %%", 100 * zeros));
    }

    /** A text from a file, which must not drive the terminal. */
    private static String visible(Object text) {
        return text.toString().replaceAll("[\\p{Cc}\\p{Cf}]", "?");
    }

    private static String shown(double bits) {
        return String.format(Locale.ROOT, "%.2f", bits);
    }

    /** Its reason is printed only if that is not the last one printed. */
    @Override
    public void problem(String what, IOException reason) {
        System.out.println(what + (told.equals(reason.getMessage()) ? ", for the same reason"
                : ": " + reason.getMessage()));
        told = reason.getMessage();
    }

    @Override
    public void tokenizer(Tokenizer tokenizer) {
        System.out.printf(Locale.ROOT, "tokenizer: %s, %,d tokens%n", tokenizer.getClass().getSimpleName(),
                tokenizer.vocabularySize());
    }

    @Override
    public void runs(BitModel model) {
        System.out.println("runs here, as " + model.getClass().getSimpleName() + ", "
                + model.mode().name().toLowerCase(Locale.ROOT));
    }

    @Override
    public void end() {
    }
}
