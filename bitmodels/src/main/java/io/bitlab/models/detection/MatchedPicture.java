package io.bitlab.models.detection;

import io.bitlab.models.detection.data.ScoredBox;
import io.bitlab.models.detection.score.ImageMatches;
import io.bitlab.models.html.HtmlPage;
import io.bitlab.models.image.BitImage;
import io.bitlab.models.image.Box;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.Base64;
import java.util.Formatter;
import java.util.List;
import java.util.Locale;
import javax.imageio.ImageIO;
import javax.imageio.stream.ImageOutputStream;
import javax.imageio.stream.MemoryCacheImageOutputStream;

/**
 * A picture in SVG with the boxes of objects that were found, missed and made up. The boxes lie above the picture, so
 * they are sharp at any size, and the pointer shows what each is.
 */
final class MatchedPicture {

    /** The style of the boxes; on a photograph the colours are the same on light and dark pages. */
    static final String STYLE = """
            .seen svg { border-radius: .4rem; overflow: hidden; }
            .seen rect { fill: none; stroke-width: 2.5; }
            .seen .edge { stroke: #000; stroke-opacity: .55; stroke-width: 5; }
            .seen text { fill: #fff; font-weight: 600; font-size: 13px; paint-order: stroke; stroke: #000c;
              stroke-width: 3px; stroke-linejoin: round; }
            .found { stroke: #56b4e9; } .missed { stroke: #f0e442; stroke-dasharray: 7 4; } .wrong { stroke: #ff5a36; }
            .seen .wrong { stroke-width: 1.5; }
            .confused { stroke: #e58ac5; } .ignored { stroke: #bbb; stroke-dasharray: 2 3; }
            .legend { display: flex; flex-wrap: wrap; gap: .3rem 1.4rem; font-size: .88rem; color: var(--soft); }
            .legend span { display: flex; align-items: center; gap: .5rem; } .legend svg { width: 1.6rem; }
            .legend rect { fill: #4449; stroke-width: 3; }
            """;

    /** Units from left to right. */
    private static final int UNITS = 400;

    /** More columns of pixels are not visible on a page. */
    private static final int COLUMNS = 480;

    /** With more wrong boxes, their labels would hide the picture. */
    private static final int MOST_LABELLED = 8;

    /** Lines of text are about so high. */
    private static final int TEXT = 14;

    /** Letters are about so wide. */
    private static final int LETTER = 7;

    private final List<String> names;
    private final double scale;
    private final StringBuilder labels = new StringBuilder(); // above all boxes
    private final Formatter svg = new Formatter(Locale.ROOT);

    private MatchedPicture(List<String> names, int width, int height, String title) {
        this.names = names;
        this.scale = UNITS / (double) width;
        String text = HtmlPage.escape(title);
        svg.format("<svg viewBox=\"0 0 %d %.1f\" role=\"img\" aria-label=\"%s\"><title>%s</title>", UNITS,
                height * scale,
                text, text);
    }

    /** What is on a picture; the pixels are embedded where {@code id} is first used. */
    static String of(BitImage image, String id, boolean first, ImageMatches matches, List<String> names, String title)
            throws IOException {
        MatchedPicture picture = new MatchedPicture(names, image.width(), image.height(), title);
        if (first) {
            picture.svg.format("<image id=\"%s\" width=\"%d\" height=\"%.1f\" href=\"data:image/jpeg;base64,%s\"/>", id,
                    UNITS,
                    image.height() * picture.scale, jpeg(image));
        } else {
            picture.svg.format("<use href=\"#%s\"/>", id);
        }
        picture.draw(matches);
        return picture.svg + "</svg>";
    }

    /** What is right lies on top; where there are many boxes, only that has labels, so that it can be seen. */
    private void draw(ImageMatches matches) {
        boolean few = matches.wrong().size() + matches.confused().size() <= MOST_LABELLED;
        matches.leftOut().forEach(box -> box("ignored", box.box(), "", said(box) + ", does not count"));
        matches.wrong().forEach(box -> box("wrong", box.box(), few ? said(box) : "", "wrong: " + said(box)));
        matches.confused().forEach(pair -> {
            String what = said(pair.detection()) + ", is " + names.get(pair.object().label());
            box("confused", pair.detection().box(), few ? what : "", "confused: " + what);
        });
        matches.missed().forEach(object -> {
            String what = names.get(object.label());
            box("missed", object.box(), what, "missed: " + what);
        });
        matches.found().forEach(pair -> box("found", pair.detection().box(), said(pair.detection()),
                "found: " + said(pair.detection())));
        svg.format("%s", labels);
    }

    /** What the colours mean. */
    static String legend() {
        StringBuilder legend = new StringBuilder("<div class=\"legend\">");
        String[][] meanings =
                {{"found", "found"}, {"missed", "missed"}, {"wrong", "wrong: nothing is there, or found twice"},
                    {"confused", "taken for another class"}};
        for (String[] meaning : meanings) {
            legend.append("<span><svg viewBox=\"0 0 24 16\" aria-hidden=\"true\"><rect class=\"").append(meaning[0])
                    .append("\" x=\"2\" y=\"2\" width=\"20\" height=\"12\"/></svg>").append(meaning[1])
                    .append("</span>");
        }
        return legend.append("</div>\n").toString();
    }

    private static String jpeg(BitImage image) throws IOException {
        BitImage shown = image.width() <= COLUMNS ? image
                : image.resize(COLUMNS, Math.max(1, Math.round(image.height() * COLUMNS / (float) image.width())));
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (ImageOutputStream out = new MemoryCacheImageOutputStream(bytes)) { // not in a temporary file
            ImageIO.write(shown.toBufferedImage(), "jpg", out);
        }
        return Base64.getEncoder().encodeToString(bytes.toByteArray());
    }

    private String said(ScoredBox box) {
        return String.format(Locale.ROOT, "%s %.0f %%", names.get(box.label()), 100 * box.score());
    }

    /** Labels stand above the box, or inside where there is no room. */
    private void box(String style, Box box, String label, String hint) {
        for (String layer : List.of("edge", style)) {
            svg.format(
                    "<rect class=\"%s\" x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"%.1f\"><title>%s</title></rect>",
                    layer,
                    scale * box.left(), scale * box.top(), scale * box.width(), scale * box.height(),
                    HtmlPage.escape(hint));
        }
        int length = LETTER * label.length();
        boolean right = scale * box.left() + length > UNITS;
        double x = right ? Math.max(length, scale * box.right() - 2) : scale * box.left() + 2;
        double top = scale * box.top();
        labels.append(String.format(Locale.ROOT, "<text x=\"%.1f\" y=\"%.1f\"%s>%s</text>", x,
                top > TEXT + 4 ? top - 4 : top + TEXT, right ? " text-anchor=\"end\"" : "", HtmlPage.escape(label)));
    }
}
