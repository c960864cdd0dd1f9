package io.bitlab.models.snippets;

import io.bitlab.models.generate.TextGenerator;
import io.bitlab.models.grammar.Grammar;
import io.bitlab.models.grammar.TokenConstraint;
import io.bitlab.models.grammar.TokenGrammars;
import io.bitlab.models.tokenizer.Tokenizer;
import java.util.List;

/** Snippets in the Javadoc of {@link io.bitlab.models.grammar}. */
final class GrammarSnippets {

    private GrammarSnippets() {}

    static String grammar(TextGenerator generator) {
        // @start region="grammar"
        Grammar mood = Grammar.choice(List.of("happy", "sad"));
        Grammar date = Grammar.regex("\\d{4}-\\d{2}-\\d{2}");
        Grammar json = Grammar.jsonObject();
        String day = generator.toBuilder().grammar(date).build().generate("The first moon landing: ").text();
        // @end
        return day + mood + json;
    }

    static void constraint(Tokenizer tokenizer, float[] logits) {
        // @start region="constraint"
        TokenGrammars grammars = new TokenGrammars(tokenizer, tokenizer.endTokens()); // one for all texts
        TokenConstraint constraint = grammars.constraint(Grammar.json()); // one for each text
        constraint.mask(logits);
        int token = mostLikely(logits);
        constraint.accept(token);
        boolean over = tokenizer.endTokens().contains(token) || constraint.isFinished();
        // @end
        System.out.println(over);
    }

    private static int mostLikely(float[] logits) {
        int best = 0;
        for (int id = 1; id < logits.length; id++) {
            best = logits[id] > logits[best] ? id : best;
        }
        return best;
    }
}
