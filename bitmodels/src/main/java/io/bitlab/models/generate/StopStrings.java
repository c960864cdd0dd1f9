package io.bitlab.models.generate;

import java.util.List;

/**
 * Passes streamed text through up to the first stop string, and holds back text that may turn out to be one. The result
 * does not depend on how the text is split into pieces: the stop string that is completed first ends it, the longest
 * one if several end at the same character.
 */
final class StopStrings {

    private final List<String> stops;
    private final StringBuilder held = new StringBuilder();
    private boolean stopped;

    StopStrings(List<String> stops) {
        this.stops = stops;
    }

    /** Adds text; returns the part that can be shown now. */
    String accept(String text) {
        int from = held.length();
        held.append(text);
        for (int end = from + 1; end <= held.length(); end++) {
            int length = longestStopBefore(end);
            if (length > 0) {
                stopped = true;
                held.setLength(end - length);
                return finish();
            }
        }
        return release(held.length() - heldBack());
    }

    /** Whether a stop string is complete. Nothing may be added then. */
    boolean stopped() {
        return stopped;
    }

    /** Ends the text: returns what was held back. */
    String finish() {
        return release(held.length());
    }

    private int longestStopBefore(int end) {
        int longest = 0;
        for (String stop : stops) {
            if (stop.length() > longest && endsWith(end, stop, stop.length())) {
                longest = stop.length();
            }
        }
        return longest;
    }

    /** The number of last characters that are the beginning of a stop string. */
    private int heldBack() {
        int most = 0;
        for (String stop : stops) {
            for (int length = Math.min(stop.length() - 1, held.length()); length > most; length--) {
                if (endsWith(held.length(), stop, length)) {
                    most = length;
                }
            }
        }
        return most;
    }

    /** Whether the held text, cut at {@code end}, ends with the first {@code length} characters of a stop string. */
    private boolean endsWith(int end, String stop, int length) {
        if (length > end) {
            return false;
        }
        for (int i = 0; i < length; i++) {
            if (held.charAt(end - length + i) != stop.charAt(i)) {
                return false;
            }
        }
        return true;
    }

    private String release(int length) {
        String released = held.substring(0, length);
        held.delete(0, length);
        return released;
    }
}
