package com.example;

import io.bitlab.models.tabular.Classifier;
import java.io.IOException;
import java.nio.file.Path;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.context.annotation.Bean;

@SpringBootApplication
public class FruitApplication {

    public static void main(String[] args) {
        SpringApplication.run(FruitApplication.class, args);
    }

    @Bean
    Classifier classifier(@Value("${fruit.model}") Path folder) throws IOException {
        return Classifier.load(folder); // immutable: all requests share it
    }
}
