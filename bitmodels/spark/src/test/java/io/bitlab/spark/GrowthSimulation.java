package io.bitlab.spark;

import java.util.Arrays;
import java.util.Locale;
import java.util.PriorityQueue;
import java.util.Random;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;

/**
 * How a step of a training grows with its tasks, each on a machine of its own: prints the table of the page about
 * Spark; a program, not a test. Simulated are the weights' way from machine to machine in Spark's pieces, tasks that
 * take up to a fifth longer than others, and the gradients' queue at the driver's network card.
 */
final class GrowthSimulation {

    private static final double LINK = 1.25e9; // bytes a second in each direction: 10 Gbit/s
    private static final double JOB = 0.055; // seconds of a step with hardly any bytes; measured on 2 cores
    private static final double PIECE = 4 << 20; // spark.broadcast.blockSize
    private static final double SLOWEST = 0.2;
    private static final int STEPS = 200;

    private GrowthSimulation() {
    }

    public static void main(String[] arguments) {
        int[] tasks = {1, 2, 4, 8, 16, 32, 64};
        System.out.println("| weights | computation | gradients |"
                + IntStream.of(tasks).mapToObj(count -> " " + count + " |").reduce("", String::concat));
        System.out.println("|---|---|---|" + "---|".repeat(tasks.length));
        for (double weights : new double[] {1e6, 1e7, 1e8}) {
            for (double compute : new double[] {1, 10}) {
                for (int bytes : new int[] {4, 2}) {
                    System.out.printf(Locale.ROOT, "| %.0f M | %.0f s | %s |", weights / 1e6, compute,
                            bytes == 4 ? "float32" : "bfloat16");
                    for (int count : tasks) {
                        System.out.printf(Locale.ROOT, " %.1f |", compute / step(weights, compute, bytes, count));
                    }
                    System.out.println();
                }
            }
        }
    }

    /** The mean seconds of a step. */
    static double step(double weights, double compute, int gradientBytes, int tasks) {
        Random random = new Random(1);
        double sum = 0;
        for (int i = 0; i < STEPS; i++) {
            double[] done = broadcast(weights * 4, tasks, random);
            for (int task = 0; task < tasks; task++) {
                done[task] += compute / tasks * (1 + SLOWEST * random.nextDouble());
            }
            Arrays.sort(done);
            double free = 0;
            for (double ready : done) {
                free = Math.max(free, ready) + weights * gradientBytes / LINK;
            }
            sum += JOB + free;
        }
        return sum / STEPS;
    }

    /** When each task has all pieces: it fetches them in a random order, from whoever has one and is free first. */
    private static double[] broadcast(double bytes, int tasks, Random random) {
        int pieces = (int) Math.ceil(bytes / PIECE);
        double each = bytes / pieces / LINK;
        double[] sends = new double[tasks + 1]; // until when; the driver is the last
        double[][] has = new double[tasks + 1][pieces]; // since when
        for (double[] since : has) {
            Arrays.fill(since, Double.POSITIVE_INFINITY);
        }
        Arrays.fill(has[tasks], 0);
        double[] now = new double[tasks];
        int[] fetched = new int[tasks];
        int[][] order = new int[tasks][];
        PriorityQueue<Integer> next = new PriorityQueue<>((a, b) -> Double.compare(now[a], now[b]));
        for (int task = 0; task < tasks; task++) {
            order[task] = random.ints(0, pieces).distinct().limit(pieces).toArray();
            next.add(task);
        }
        while (!next.isEmpty()) {
            int task = next.poll();
            int piece = order[task][fetched[task]++];
            int from = tasks;
            for (int other = 0; other < tasks; other++) {
                if (has[other][piece] <= now[task] && sends[other] < sends[from]) {
                    from = other;
                }
            }
            now[task] = Math.max(now[task], sends[from]) + each;
            sends[from] = now[task];
            has[task][piece] = now[task];
            if (fetched[task] < pieces) {
                next.add(task);
            }
        }
        return DoubleStream.of(now).toArray();
    }
}
