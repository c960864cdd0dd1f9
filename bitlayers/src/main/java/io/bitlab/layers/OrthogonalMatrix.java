package io.bitlab.layers;

import java.util.random.RandomGenerator;

/** Random matrices with orthonormal rows or columns, by the Gram-Schmidt process. */
final class OrthogonalMatrix {

    private OrthogonalMatrix() {
    }

    /** {@code [rows, columns]}, row-major; the vectors along the longer side are orthonormal. */
    static float[] draw(int rows, int columns, RandomGenerator random) {
        int count = Math.min(rows, columns);
        double[][] vectors = new double[count][Math.max(rows, columns)];
        for (int i = 0; i < count; i++) {
            for (int j = 0; j < vectors[i].length; j++) {
                vectors[i][j] = random.nextGaussian(); // equally likely in all directions
            }
            for (int round = 0; round < 2; round++) { // the second removes what rounding left ("twice is enough")
                for (int earlier = 0; earlier < i; earlier++) {
                    addMultiple(vectors[i], -dot(vectors[i], vectors[earlier]), vectors[earlier]);
                }
            }
            double length = Math.sqrt(dot(vectors[i], vectors[i]));
            for (int j = 0; j < vectors[i].length; j++) {
                vectors[i][j] /= length;
            }
        }
        float[] matrix = new float[rows * columns];
        for (int row = 0; row < rows; row++) {
            for (int column = 0; column < columns; column++) {
                matrix[row * columns + column] =
                        (float) (rows <= columns ? vectors[row][column] : vectors[column][row]);
            }
        }
        return matrix;
    }

    private static double dot(double[] a, double[] b) {
        double sum = 0;
        for (int i = 0; i < a.length; i++) {
            sum += a[i] * b[i];
        }
        return sum;
    }

    private static void addMultiple(double[] to, double factor, double[] from) {
        for (int i = 0; i < to.length; i++) {
            to[i] += factor * from[i];
        }
    }
}
