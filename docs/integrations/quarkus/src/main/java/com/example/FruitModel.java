package com.example;

import io.bitlab.models.tabular.Classifier;
import io.quarkus.runtime.Startup;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Singleton;
import java.io.IOException;
import java.nio.file.Path;
import org.eclipse.microprofile.config.inject.ConfigProperty;

@ApplicationScoped
class FruitModel {

    @Produces
    @Startup // loads it before the first request
    @Singleton
    Classifier classifier(@ConfigProperty(name = "fruit.model") Path folder) throws IOException {
        return Classifier.load(folder); // immutable: all requests share it
    }
}
