package io.bitlab.cli;

import io.bitlab.models.BitModel;
import io.bitlab.models.tokenizer.Tokenizer;
import java.io.IOException;

/** Receives what {@code bitlab inspect} finds, in the order in which it is told here. */
interface Inspection {

    /**
     * What is inspected.
     *
     * @param kind such as "GGUF file"
     * @param architecture as the files name it; null if they don't
     */
    void files(String kind, Object architecture);

    /**
     * A tensor that is not ternary.
     *
     * @param type the type of its values
     * @param bits the bits of a value
     */
    void tensor(String name, Object type, int[] shape, double bits);

    /**
     * A ternary matrix.
     *
     * @param type how its trits are stored
     * @param bits the bits of a trit
     * @param scales how many scales it has
     * @param zeros the fraction of its trits that are 0
     */
    void ternary(String name, Object type, int[] shape, double bits, int scales, double zeros);

    /**
     * Something that can't be read.
     *
     * @param what the consequence
     * @param reason why
     */
    void problem(String what, IOException reason);

    /** The tokenizer that belongs to the model. */
    void tokenizer(Tokenizer tokenizer);

    /** The model, which could be loaded. */
    void runs(BitModel model);

    /** Nothing follows. */
    void end();
}
