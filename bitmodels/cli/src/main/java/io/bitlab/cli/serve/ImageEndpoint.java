package io.bitlab.cli.serve;

import io.bitlab.models.image.BitImage;
import io.bitlab.models.io.JsonObject;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * An endpoint that says something about a picture.
 *
 * @param <M> the kind of model
 * @param <O> what a request may set
 */
abstract class ImageEndpoint<M, O> implements Endpoint {

    /**
     * What a request asks for.
     *
     * @param model the model that answers
     * @param options what the request sets
     */
    record Settings<M, O>(Served<M> model, O options) {
    }

    private final String object; // what the answer is, in OpenAI's manner
    private final ServerLimits limits;
    private final Admission admission;

    ImageEndpoint(String object, ServerLimits limits, Admission admission) {
        this.object = object;
        this.limits = limits;
        this.admission = admission;
    }

    /** What a request asks for; an {@link IllegalArgumentException} is the client's mistake. */
    abstract Settings<M, O> settings(JsonObject request);

    /** Adds what the model finds on a picture to the answer. */
    abstract void find(M model, O options, BitImage image, Map<String, Object> answer);

    @Override
    public final void answer(Request request, Reply reply) throws IOException {
        ImageRequest<Settings<M, O>> asked = ImageRequest.read(request, this::settings);
        admission.run(() -> reply.json(200, answer(asked.settings(), asked.decode(limits))));
    }

    private Map<String, Object> answer(Settings<M, O> settings, BitImage image) {
        Map<String, Object> answer = new LinkedHashMap<>();
        answer.put("object", object);
        answer.put("model", settings.model().id());
        find(settings.model().model(), settings.options(), image, answer);
        return answer;
    }
}
