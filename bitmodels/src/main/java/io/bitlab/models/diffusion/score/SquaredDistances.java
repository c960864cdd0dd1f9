package io.bitlab.models.diffusion.score;

import io.bitlab.core.parallel.Parallel;
import java.util.Arrays;

/**
 * Squared Euclidean distances from each of some points to each of others, a block of the others at a time. Each is one
 * chain over the features, ascending, in double: of differences, not of products, so that near points keep their
 * distance.
 */
final class SquaredDistances {

    /** The values of a block, which should stay in the cache. */
    private static final int BLOCK_VALUES = 1 << 15;
    private static final int LEAST = 32;
    private static final int MOST = 512;

    private SquaredDistances() {
    }

    /** Takes the distances of one point to a block of others. */
    @FunctionalInterface
    interface Visitor {

        /**
         * Called once for each point and block; for a point in the order of the others, for several points at once.
         *
         * @param point number of the point
         * @param first number of the first of the others
         * @param distances squared distances; valid during the call
         * @param count how many
         */
        void visit(int point, int first, double[] distances, int count);
    }

    /** Both with values row by row. */
    static void visit(FeatureRows points, FeatureRows others, Visitor visitor) {
        int features = points.features();
        int size = Math.clamp(BLOCK_VALUES / Math.max(1, features), LEAST, MOST);
        double[] block = new double[features * size];
        for (int first = 0; first < others.count(); first += size) {
            int from = first;
            int count = Math.min(size, others.count() - first);
            transpose(others, first, count, block, size);
            long nanos = (long) points.count() * count * features / 2;
            Parallel.current().forRange(points.count(), 1, nanos, (begin, end) -> {
                double[] distances = new double[size];
                for (int p = begin; p < end; p++) {
                    Arrays.fill(distances, 0);
                    for (int f = 0; f < features; f++) {
                        addSquares(points.values()[p * features + f], block, f * size, distances, count);
                    }
                    visitor.visit(p, from, distances, count);
                }
            });
        }
    }

    /** The feature of all others behind one another, so that they are computed at once. */
    private static void transpose(FeatureRows others, int first, int count, double[] block, int size) {
        for (int o = 0; o < count; o++) {
            for (int f = 0; f < others.features(); f++) {
                block[f * size + o] = others.values()[(first + o) * others.features() + f];
            }
        }
    }

    private static void addSquares(double value, double[] block, int offset, double[] distances, int count) {
        for (int o = 0; o < count; o++) {
            double difference = value - block[offset + o];
            distances[o] += difference * difference;
        }
    }
}
