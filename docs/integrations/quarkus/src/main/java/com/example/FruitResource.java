package com.example;

import io.bitlab.models.tabular.Classification;
import io.bitlab.models.tabular.Classifier;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.core.Response;
import java.util.Map;
import org.jboss.resteasy.reactive.RestResponse;
import org.jboss.resteasy.reactive.server.ServerExceptionMapper;

@Path("/classify")
class FruitResource {

    public record Answer(String label, float probability) {
    }

    private final Classifier classifier;

    FruitResource(Classifier classifier) {
        this.classifier = classifier;
    }

    @POST
    public Answer classify(Map<String, Object> fruit) {
        Classification found = classifier.predict(fruit);
        return new Answer(found.label(), found.probability());
    }

    /** A column that the model does not have, or a value that does not fit: the message says which. */
    @ServerExceptionMapper
    RestResponse<String> badFruit(IllegalArgumentException e) {
        return RestResponse.status(Response.Status.BAD_REQUEST, e.getMessage());
    }
}
