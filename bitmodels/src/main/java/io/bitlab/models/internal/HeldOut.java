package io.bitlab.models.internal;

import io.bitlab.core.math.CounterRandom;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Samples that are held out for a test, the same share of each class (stratified). The same seed gives the same ones on
 * every machine.
 *
 * @param train the other samples, ascending
 * @param test the held-out samples, ascending; at least one
 */
public record HeldOut(int[] train, int[] test) {

    /**
     * Chooses samples.
     *
     * @param operation name of the calling operation, for the message
     * @param samples what is chosen, in the plural, for the message
     * @param share share of each class: of n samples the largest k with {@code k / (double) n <= share}
     * @param seed seed of the random choice
     * @param labels the class of each sample
     * @return both parts
     * @throws IllegalArgumentException if the share is not between 0 and 1, or so small that the test part is empty
     */
    public static HeldOut of(String operation, String samples, double share, long seed, int... labels) {
        if (!(share > 0 && share < 1)) {
            throw new IllegalArgumentException(operation + ": test share " + share + " is not between 0 and 1");
        }
        boolean[] isTest = new boolean[labels.length];
        List<int[]> byClass = indicesByClass(labels);
        for (int[] ofClass : byClass) {
            new CounterRandom(seed, labels[ofClass[0]]).shuffle(ofClass);
            int count = count(share, ofClass.length);
            for (int i = 0; i < count; i++) {
                isTest[ofClass[i]] = true;
            }
        }
        int[] test = IntStream.range(0, labels.length).filter(i -> isTest[i]).toArray();
        if (test.length == 0) {
            int classes = byClass.size();
            throw new IllegalArgumentException(operation + ": a share of " + share + " of " + labels.length + " "
                    + samples + (classes > 1 ? " in " + classes + " classes" : "")
                    + " leaves the test part empty; take a larger share"
                    + (classes > 1 && 2 * classes > labels.length
                            ? ", and see whether the labels are classes: few " + samples + " share one" : ""));
        }
        return new HeldOut(IntStream.range(0, labels.length).filter(i -> !isTest[i]).toArray(), test);
    }

    /**
     * The largest k with {@code k / (double) n <= share}. The product of the two can miss it: {@code 100 * 0.29} is
     * 28.999999999999996.
     *
     * @param share from 0 to 1
     * @param n how many samples
     * @return how many of them are held out
     */
    public static int count(double share, int n) {
        int count = (int) (n * share);
        if (count / (double) n > share) {
            return count - 1;
        }
        return (count + 1) / (double) n <= share ? count + 1 : count;
    }

    /** The ascending indices of the samples of each class, for the classes that occur, in ascending order. */
    private static List<int[]> indicesByClass(int... labels) {
        long[] keys = new long[labels.length];
        for (int i = 0; i < keys.length; i++) {
            keys[i] = (long) labels[i] << 32 | i;
        }
        Arrays.sort(keys);
        List<int[]> all = new ArrayList<>();
        for (int from = 0, to; from < keys.length; from = to) {
            to = from + 1;
            while (to < keys.length && keys[to] >> 32 == keys[from] >> 32) {
                to++;
            }
            all.add(Arrays.stream(keys, from, to).mapToInt(key -> (int) key).toArray());
        }
        return all;
    }
}
