package io.bitlab.cli.serve;

import java.util.Arrays;
import java.util.Comparator;
import java.util.Map;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.IntSupplier;

/**
 * Counts what the server does, and writes it in the text format of Prometheus. Labels are paths of endpoints and
 * statuses only, so clients can't make them many.
 */
final class Metrics {

    private static final double[] BUCKETS = {0.005, 0.02, 0.1, 0.5, 2, 10, 60, 300};
    private static final double NANOS = 1e9;

    private record Outcome(String path, int status) {
    }

    /** How many requests took at most so long. */
    private static final class Durations {
        private final long[] counts = new long[BUCKETS.length + 1];
        private double sum;

        synchronized void add(double seconds) {
            int place = Arrays.binarySearch(BUCKETS, seconds);
            counts[place >= 0 ? place : -place - 1]++;
            sum += seconds;
        }

        synchronized void write(String path, StringBuilder text) {
            long count = 0;
            for (int i = 0; i < counts.length; i++) {
                count += counts[i];
                String bound = i < BUCKETS.length ? String.valueOf(BUCKETS[i]) : "+Inf";
                sample(text, "bitlab_request_seconds_bucket" + labels(path, "le", bound), count);
            }
            sample(text, "bitlab_request_seconds_sum" + labels(path), sum);
            sample(text, "bitlab_request_seconds_count" + labels(path), count);
        }
    }

    private final Map<Outcome, LongAdder> requests = new ConcurrentSkipListMap<>(
            Comparator.comparing(Outcome::path).thenComparingInt(Outcome::status));
    private final Map<String, Durations> durations = new ConcurrentSkipListMap<>();
    private final LongAdder promptTokens = new LongAdder();
    private final LongAdder generatedTokens = new LongAdder();
    private final LongAdder clientsGone = new LongAdder();

    /** Counts a request; the status is 0 if nothing was sent. */
    void request(String path, int status, long nanos) {
        requests.computeIfAbsent(new Outcome(path, status), _ -> new LongAdder()).increment();
        durations.computeIfAbsent(path, _ -> new Durations()).add(nanos / NANOS);
    }

    void tokens(int prompt, int generated) {
        promptTokens.add(prompt);
        generatedTokens.add(generated);
    }

    void clientGone() {
        clientsGone.increment();
    }

    /** What Prometheus reads. */
    String text(Admission admission, IntSupplier open) {
        StringBuilder text = new StringBuilder();
        head(text, "bitlab_requests_total", "counter", "Requests by path and status; status 0 if none was sent");
        requests.forEach((outcome, count) -> sample(text,
                "bitlab_requests_total" + labels(outcome.path, "status", String.valueOf(outcome.status)), count.sum()));
        head(text, "bitlab_request_seconds", "histogram",
                "Time from the headers of a request to the end of its answer");
        durations.forEach((path, histogram) -> histogram.write(path, text));
        single(text, "bitlab_prompt_tokens_total", "counter", "Tokens of prompts that were read", promptTokens.sum());
        single(text, "bitlab_generated_tokens_total", "counter", "Tokens that were generated", generatedTokens.sum());
        single(text, "bitlab_clients_gone_total", "counter", "Clients that went away or were too slow",
                clientsGone.sum());
        single(text, "bitlab_requests_open", "gauge", "Requests that arrive, wait or are answered", open.getAsInt());
        single(text, "bitlab_answers_running", "gauge", "Answers that are computed", admission.running());
        single(text, "bitlab_answers_waiting", "gauge", "Requests that wait for their turn", admission.waiting());
        return text.toString();
    }

    private static String labels(String path, String... more) {
        return "{path=\"" + path + "\"" + (more.length == 0 ? "" : "," + more[0] + "=\"" + more[1] + "\"") + "}";
    }

    private static void single(StringBuilder text, String name, String type, String help, long value) {
        head(text, name, type, help);
        sample(text, name, value);
    }

    private static void head(StringBuilder text, String name, String type, String help) {
        text.append("# HELP ").append(name).append(' ').append(help).append('\n');
        text.append("# TYPE ").append(name).append(' ').append(type).append('\n');
    }

    private static void sample(StringBuilder text, String name, Number value) {
        text.append(name).append(' ').append(value).append('\n');
    }
}
