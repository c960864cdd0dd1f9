package io.bitlab.models.image;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class ImageGridTest {

    private static final BitImage RED = LabelledImagesTest.plain(3, 2, 0xff0000);
    private static final BitImage BLUE = LabelledImagesTest.plain(3, 2, 0x0000ff);

    /** One character for each pixel. */
    private static String drawn(BitImage image) {
        return IntStream.range(0, image.height()).mapToObj(y -> IntStream.range(0, image.width())
                .mapToObj(x -> switch (image.rgb(x, y)) {
                    case 0xffffff -> ".";
                    case 0x000000 -> "#";
                    case 0xff0000 -> "r";
                    case 0x0000ff -> "b";
                    default -> "?";
                }).collect(Collectors.joining())).collect(Collectors.joining("\n", "", "\n"));
    }

    @Test
    void arrangesImagesInRows() {
        assertEquals("""
                ............
                ............
                ..rrr..bbb..
                ..rrr..bbb..
                ............
                ............
                ..bbb.......
                ..bbb.......
                ............
                ............
                """, drawn(ImageGrid.of(List.of(RED, BLUE, BLUE), 2).toImage()));
    }

    @Test
    void scalesAndCaptions() {
        assertEquals("""
                ...............
                ...............
                ..rrrrrr.......
                ..rrrrrr.......
                ..rrrrrr.......
                ..rrrrrr.......
                ...............
                ...............
                ..#.......#....
                ..#............
                ..#.##...##....
                ..##..#...#....
                ..#...#...#....
                ..#...#...#....
                ..####...###...
                ...............
                ...............
                """, drawn(ImageGrid.of(List.of(RED), 1).withScale(2).withCaptions(List.of("bi")).toImage()));
        BitImage rows = ImageGrid.of(List.of(RED, BLUE), 1).withRowCaptions(List.of("A", "longer")).toImage();
        assertEquals(2 + 35 + 2 + 3 + 2, rows.width());
        assertEquals(0xff0000, rows.rgb(39, 2));
        assertEquals(0x0000ff, rows.rgb(39, 6));
    }

    @Test
    void takesBatches() {
        float[] batch = {0, 1, .5f, .25f};
        BitImage grid = ImageGrid.of(batch, 2, 1, ImageNormalization.UNIT_GREY, 2).toImage();
        assertEquals(0x000000, grid.rgb(2, 2));
        assertEquals(0xffffff, grid.rgb(3, 2));
        assertEquals(0x808080, grid.rgb(6, 2));
        assertEquals(0x404040, grid.rgb(7, 2));
    }

    @Test
    void refusesWrongArguments() {
        refused("0 images", () -> ImageGrid.of(List.of(), 1));
        refused("0 columns", () -> ImageGrid.of(List.of(RED), 0));
        refused("image 1 is 2 x 2, the first 3 x 2", () -> ImageGrid.of(List.of(RED, RED.resize(2, 2)), 1));
        refused("1 captions for 2 images", () -> ImageGrid.of(List.of(RED, RED), 1).withCaptions(List.of("a")));
        refused("2 row captions for 1 rows", () -> ImageGrid.of(List.of(RED, RED), 2)
                .withRowCaptions(List.of("a", "b")));
        refused("scale 0", () -> ImageGrid.of(List.of(RED), 1).withScale(0));
        refused("5 floats", () -> ImageGrid.of(new float[5], 2, 1, ImageNormalization.UNIT_GREY, 2));
        refused("scale 0", () -> new ImageCanvas(RED).text("a", 0, 0, 0, 0));
        refused("thickness 0", () -> new ImageCanvas(RED).outline(0, 0, 1, 1, 0, 0));
    }

    private static void refused(String part, Runnable call) {
        String message = assertThrows(IllegalArgumentException.class, call::run).getMessage();
        assertTrue(message.contains(part), message);
    }

    @Test
    void drawsRectanglesAndCutsOffWhatIsOutside() {
        ImageCanvas canvas = new ImageCanvas(8, 5, 0xffffff);
        canvas.outline(1, 1, 5, 4, 1, 0x000000).fill(-3, -3, 4, 4, 0xff0000).fill(6, 4, 99, Integer.MAX_VALUE,
                0x0000ff);
        assertEquals("""
                r.......
                .#####..
                .#...#..
                .#...#..
                .#####bb
                """, drawn(canvas.toImage()));
        BitImage before = canvas.toImage();
        canvas.image(RED, -1, -1).image(BLUE, 6, 3).image(RED, 8, 0).image(RED, -3, 0)
                .image(RED, Integer.MIN_VALUE, Integer.MAX_VALUE);
        assertEquals("""
                rr......
                .#####..
                .#...#..
                .#...#bb
                .#####bb
                """, drawn(canvas.toImage()));
        assertEquals('r', drawn(before).charAt(0));
        canvas.text("W", -3, -3, 9, 0).text("W", 7, 4, 1, 0); // partly outside
        assertEquals(2, drawn(new ImageCanvas(2, 1, 0).outline(0, 0, 2, 1, 5, 0xff0000).toImage()).indexOf('\n'));
    }

    @Test
    void lettersDifferAndOthersAreReplaced() {
        Set<String> pictures = new HashSet<>();
        for (char c = ' '; c <= '~'; c++) {
            pictures.add(drawn(new ImageCanvas(5, 7, 0xffffff).text("" + c, 0, 0, 1, 0).toImage()));
        }
        assertEquals(95, pictures.size());
        assertEquals("Angstrom ? ?", PixelFont.letters("\u00c5ngstr\u00f6m \u732b \ud83d\ude00"));
        assertEquals(11, ImageCanvas.textWidth("ab", 1));
        assertEquals(22, ImageCanvas.textWidth("\u00e4b", 2));
        assertEquals(0, ImageCanvas.textWidth("", 3));
    }
}
