package io.bitlab.models.image;

import java.text.Normalizer;
import java.util.HexFormat;
import java.util.stream.IntStream;

/**
 * Letters of 5 x 7 pixels for ASCII, so that captions look the same on every machine and need no installed fonts.
 * Accents are left out, other characters are question marks.
 */
final class PixelFont {

    static final int HEIGHT = 7;
    /** Columns of a letter and the gap after it. */
    static final int ADVANCE = 6;

    private static final int COLUMNS = 5;
    private static final char FIRST = ' ';

    /** Five columns of each letter from the space to the tilde; the lowest bit is the uppermost pixel. */
    private static final byte[] GLYPHS = HexFormat.of().parseHex(
            "000000000000005f00000007000700147f147f14242a7f2a12231308646236495620500000070000" // space to '
                    + "001c2241000041221c002a1c7f1c2a08083e08080050300000080808080800606000002010080402" // ( to /
                    + "3e5149453e00427f400042615149462141454b311814127f1027454545393c4a4949300171090503" // 0 to 7
                    + "3649494936064949291e003636000000563600000814224100141414141400412214080201510906" // 8 to ?
                    + "324979413e7e1111117e7f494949363e414141227f4141221c7f494949417f090909013e4149497a" // @ to G
                    + "7f0808087f00417f41002040413f017f081422417f404040407f020c027f7f0408107f3e4141413e" // H to O
                    + "7f090909063e4151215e7f09192946464949493101017f01013f4040403f1f2040201f3f4038403f" // P to W
                    + "631408146307087008076151494543007f41410002040810200041417f0004020102044040404040" // X to _
                    + "000102040020545454787f484444383844444420384444487f3854545418087e0901020c5252523e" // ` to g
                    + "7f0804047800447d40002040443d007f1028440000417f40007c041804787c080404783844444438" // h to o
                    + "7c14141408081414187c7c080404084854545420043f4440203c4040207c1c2040201c3c4030403c" // p to w
                    + "44281028440c5050503c4464544c44000836410000007f000000413608000804081008"); // x to ~

    private PixelFont() {
    }

    /** The text in letters that there are. */
    static String letters(String text) {
        StringBuilder letters = new StringBuilder();
        withoutAccents(text).forEach(c -> letters.append(isLetter(c) ? (char) c : '?'));
        return letters.toString();
    }

    /** Whether no question mark takes the place of a letter. */
    static boolean hasLetters(String text) {
        return withoutAccents(text).allMatch(PixelFont::isLetter);
    }

    private static IntStream withoutAccents(String text) {
        return Normalizer.normalize(text, Normalizer.Form.NFD).codePoints()
                .filter(c -> Character.getType(c) != Character.NON_SPACING_MARK);
    }

    private static boolean isLetter(int c) {
        return c >= FIRST && c - FIRST < GLYPHS.length / COLUMNS;
    }

    /** Whether a pixel of a letter is set. */
    static boolean isSet(char letter, int column, int row) {
        return column < COLUMNS && (GLYPHS[(letter - FIRST) * COLUMNS + column] >> row & 1) != 0;
    }
}
