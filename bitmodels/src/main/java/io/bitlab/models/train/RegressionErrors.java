package io.bitlab.models.train;

/**
 * How far predicted numbers are from the true ones, in the unit of the numbers.
 *
 * {@snippet class="io.bitlab.models.snippets.RegressionSnippets" region="errors"}
 *
 * @param rootMeanSquare the root of the mean squared error; large errors weigh more
 * @param meanAbsolute the mean absolute error
 * @param r2 the share of the variance that is explained, the coefficient of determination: 1 is perfect, 0 is no better
 *     than the mean of the true numbers, less than 0 is worse; NaN if the true numbers are all the same
 */
public record RegressionErrors(double rootMeanSquare, double meanAbsolute, double r2) {

    /**
     * Compares predictions with the truth. Sums are computed in double, in the order of the samples.
     *
     * @param predictions at least one number; not modified
     * @param targets the true numbers, as many; not modified
     * @return the errors
     * @throws IllegalArgumentException if there are no numbers, or not as many of both
     */
    public static RegressionErrors of(double[] predictions, double[] targets) {
        if (predictions.length == 0 || predictions.length != targets.length) {
            throw new IllegalArgumentException("RegressionErrors: " + predictions.length + " predictions and "
                    + targets.length + " true numbers, expected as many of both, at least one");
        }
        double sum = 0;
        for (double target : targets) {
            sum += target;
        }
        double mean = sum / targets.length;
        double squares = 0;
        double absolutes = 0;
        double total = 0;
        boolean constant = true;
        for (int i = 0; i < targets.length; i++) {
            double error = predictions[i] - targets[i];
            squares += error * error;
            absolutes += Math.abs(error);
            total += (targets[i] - mean) * (targets[i] - mean);
            constant &= targets[i] == targets[0];
        }
        return new RegressionErrors(Math.sqrt(squares / targets.length), absolutes / targets.length,
                constant ? Double.NaN : 1 - squares / total);
    }
}
