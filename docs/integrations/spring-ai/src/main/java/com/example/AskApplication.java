package com.example;

import org.springframework.ai.chat.client.ChatClient;
import org.springframework.ai.embedding.EmbeddingModel;
import org.springframework.boot.CommandLineRunner;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.context.annotation.Bean;

@SpringBootApplication
public class AskApplication {

    public static void main(String[] args) {
        System.exit(SpringApplication.exit(SpringApplication.run(AskApplication.class, args)));
    }

    @Bean
    CommandLineRunner ask(ChatClient.Builder builder, EmbeddingModel embeddingModel) {
        return args -> {
            ChatClient client = builder.build();
            System.out.println("answer: " + client.prompt("Call me ").call().content());

            System.out.print("stream: ");
            client.prompt("Call me ").stream().content().doOnNext(System.out::print).blockLast();
            System.out.println();

            float[] embedding = embeddingModel.embed("The white whale");
            System.out.println("embedding: " + embedding.length + " numbers, the first is " + embedding[0]);
        };
    }
}
