package io.bitlab.models.train;

import io.bitlab.core.tensor.Tensor;
import io.bitlab.layers.Layer;
import io.bitlab.layers.optim.Optimizer;
import io.bitlab.layers.optim.ParameterGroup;
import io.bitlab.layers.optim.Schedule;
import io.bitlab.models.internal.Checksum;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SequencedMap;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * The facts that determine the result of a training. A checkpoint stores those of its training, so that it is not
 * resumed with others by mistake. Large content, such as data, is represented by a {@link Checksum}; code, such as a
 * schedule, by the values it returns. Names and values are part of the file format.
 */
final class TrainingFingerprint {

    static final String STEPS = "steps an epoch";

    /** The maximum number of steps whose factors are compared; longer trainings are sampled evenly. */
    private static final int SAMPLED_STEPS = 1 << 16;

    private TrainingFingerprint() {
    }

    /**
     * The facts that don't depend on the progress. Causes come first, because only the first difference is reported.
     */
    static SequencedMap<String, String> of(TrainingSettings settings, Task task, int stepsPerEpoch) {
        Optimizer optimizer = settings.optimizer();
        Map<Tensor, String> names = new IdentityHashMap<>();
        settings.model().namedParameters().forEach((name, parameter) -> names.put(parameter, name));
        long steps = (long) settings.epochs() * stepsPerEpoch;
        SequencedMap<String, String> causes = new LinkedHashMap<>();
        causes.put("epochs", Integer.toString(settings.epochs()));
        causes.put("batch size", Integer.toString(settings.batchSize()));
        causes.put("accumulated batches", Integer.toString(settings.accumulate()));
        if (settings.exchange() != null) {
            causes.put("gradient shards", settings.exchange().shards()
                    + (settings.exchange().precision() == GradientPrecision.FLOAT32 ? "" : " of bfloat16"));
        }
        causes.put("seed", Long.toString(settings.seed()));
        causes.put("learning rate", Float.toString(optimizer.learningRate()));
        causes.put("weight decay", Float.toString(optimizer.weightDecay()));
        causes.put("largest gradient norm", Float.toString(settings.clipNorm()));
        SequencedMap<String, String> facts = new LinkedHashMap<>();
        facts.put("early stopping", String.valueOf(settings.earlyStopping()));
        facts.put("keeping the best", Boolean.toString(settings.keepBest()));
        if (settings.average() != null) {
            facts.put("decay of the averaged parameters", Double.toString(settings.average().decay()));
        }
        facts.put("model", settings.model().toString());
        facts.put("optimiser", optimizer.toString());
        facts.put("optimiser's formula", optimizer.formulaDigest());
        facts.put("parameter groups", groups(optimizer.groups(), names));
        facts.put("trained parameters", trained(settings.model()));
        facts.put("learning-rate schedule", schedule(settings.schedule(), steps));
        facts.put("weight-decay schedule", schedule(settings.weightDecaySchedule(), steps));
        facts.put("quantisation schedule", schedule(settings.quantStrengthSchedule(), steps));
        facts.put(STEPS, Integer.toString(stepsPerEpoch));
        task.facts().forEach((name, value) -> {
            if (facts.containsKey(name) || causes.putIfAbsent(name, value) != null) {
                throw new IllegalArgumentException("Trainer.fit: the task has a fact named '" + name
                        + "', which is the name of one of the trainer's; take another");
            }
        });
        causes.putAll(facts);
        return causes;
    }

    private static String groups(List<ParameterGroup> groups, Map<Tensor, String> names) {
        return groups.stream().map(group -> {
            Checksum digest = new Checksum();
            group.parameters().forEach(parameter -> digest.text(names.get(parameter)));
            return group.parameters().size() + " parameters (" + digest + ") with rate x " + group.learningRateFactor()
                    + " and decay x " + group.weightDecayFactor();
        }).collect(Collectors.joining(", "));
    }

    private static String trained(Layer model) {
        Checksum digest = new Checksum();
        List<String> trained = model.namedParameters().entrySet().stream()
                .filter(parameter -> parameter.getValue().requiresGrad()).map(Map.Entry::getKey).toList();
        trained.forEach(digest::text);
        return trained.size() + " (" + digest + ")";
    }

    private static String schedule(Schedule schedule, long steps) {
        if (schedule == null) {
            return "none";
        }
        int count = (int) Math.min(steps, SAMPLED_STEPS);
        float[] factors = new float[count];
        for (int i = 0; i < count; i++) {
            factors[i] = schedule.factor(count == steps ? i : (long) (i * ((steps - 1) / (count - 1.0))), steps);
        }
        return factors[0] + " to " + factors[count - 1] + " (" + new Checksum().floats(factors) + ")";
    }

    /** Describes the first fact that there no longer is; null if there is none. */
    static String dropped(Map<String, String> before, Map<String, String> now, Map<String, String> probe) {
        return before.entrySet().stream()
                .filter(fact -> !now.containsKey(fact.getKey()) && !probe.containsKey(fact.getKey()))
                .map(fact -> fact.getKey() + " was " + fact.getValue() + " and there is none now")
                .findFirst().orElse(null);
    }

    /** Describes the first fact that differs; null if none does. */
    static String difference(Map<String, String> before, SequencedMap<String, String> now) {
        return now.entrySet().stream().filter(fact -> !Objects.equals(fact.getValue(), before.get(fact.getKey())))
                .map(fact -> fact.getKey() + " was " + different(before.get(fact.getKey()), fact.getValue())
                        + " and is now " + different(fact.getValue(), before.get(fact.getKey())))
                .findFirst().orElse(null);
    }

    /** The first line in which a fact differs from another: a network is described by many. */
    private static String different(String fact, String other) {
        if (fact == null || other == null) {
            return fact;
        }
        List<String> lines = fact.lines().toList();
        List<String> others = other.lines().toList();
        return IntStream.range(0, lines.size())
                .filter(i -> i >= others.size() || !lines.get(i).equals(others.get(i))).mapToObj(lines::get).findFirst()
                .map(String::strip).orElse(lines.size() + " lines");
    }
}
