package com.example;

import io.bitlab.models.tabular.Classification;
import io.bitlab.models.tabular.Classifier;
import java.util.Map;
import org.springframework.http.HttpStatus;
import org.springframework.http.ProblemDetail;
import org.springframework.web.bind.annotation.ExceptionHandler;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RestController;

@RestController
class FruitController {

    record Answer(String label, float probability) {
    }

    private final Classifier classifier;

    FruitController(Classifier classifier) {
        this.classifier = classifier;
    }

    @PostMapping("/classify")
    Answer classify(@RequestBody Map<String, Object> fruit) {
        Classification found = classifier.predict(fruit);
        return new Answer(found.label(), found.probability());
    }

    /** A column that the model does not have, or a value that does not fit: the message says which. */
    @ExceptionHandler
    ProblemDetail badFruit(IllegalArgumentException e) {
        return ProblemDetail.forStatusAndDetail(HttpStatus.BAD_REQUEST, e.getMessage());
    }
}
