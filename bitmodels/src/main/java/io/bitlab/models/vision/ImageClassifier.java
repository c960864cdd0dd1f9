package io.bitlab.models.vision;

import io.bitlab.core.memory.Workspace;
import io.bitlab.core.tensor.Autograd;
import io.bitlab.core.tensor.Tensor;
import io.bitlab.models.BitModel;
import io.bitlab.models.image.BitImage;
import io.bitlab.models.image.LabelledImages;
import io.bitlab.models.internal.ClassProbabilities;
import io.bitlab.models.internal.InEvaluation;
import io.bitlab.models.internal.Quote;
import io.bitlab.models.train.Objective;
import io.bitlab.models.train.Objectives;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;

/**
 * A model that says what is on a picture: images {@code [n, channels, height, width]} to logits {@code [n, classes]}.
 * Its configuration holds the preprocessing and the class names, so {@link #classify} takes pictures of any size.
 *
 * {@snippet class="io.bitlab.models.snippets.ImageModelSnippets" region="classify"}
 *
 * <p>{@link #samples} makes training data of labelled images, with the same preprocessing:
 *
 * {@snippet class="io.bitlab.models.snippets.ImageModelSnippets" region="train"}
 *
 * <p><b>Thread safety:</b> in evaluation, any number of threads may share a model.
 */
public abstract class ImageClassifier extends BitModel {

    /** The pixels, in floats, and the images that are computed at a time: few, so that layers stay in the caches. */
    private static final int BATCH_VALUES = 1 << 16;
    private static final int BATCH = 64;

    /** Creates a model without layers; the subclass adds them with {@link #child}. */
    protected ImageClassifier() {
    }

    @Override
    public abstract ImageClassifierConfig<?> config();

    /**
     * Computes the logits.
     *
     * @param images {@code [n, channels, height, width]}, checked; not modified
     * @return {@code [n, classes]}
     */
    protected abstract Tensor logits(Tensor images);

    /**
     * Computes the logits.
     *
     * @param x {@code [n, channels, height, width]} as in the configuration's {@link ImageInput}; not modified
     * @return {@code [n, classes]}
     * @throws IllegalArgumentException if the input has another shape
     */
    @Override
    public final Tensor forward(Tensor x) {
        requireImages("forward", x);
        Tensor logits = logits(x);
        if (!Arrays.equals(logits.shape(), new int[] {x.length(0), config().classNames().size()})) {
            throw new IllegalStateException(getClass().getSimpleName() + ".logits: the result has the shape "
                    + Arrays.toString(logits.shape()) + ", expected [" + x.length(0) + ", "
                    + config().classNames().size() + "]");
        }
        return observed(logits);
    }

    final void requireImages(String method, Tensor x) {
        int[] expected = config().imageInput().shape();
        if (x.rank() != 4 || !Arrays.equals(Arrays.copyOfRange(x.shape(), 1, 4), expected)) {
            throw new IllegalArgumentException(getClass().getSimpleName() + "." + method + ": the input has the shape "
                    + Arrays.toString(x.shape()) + ", expected [n, channels, height, width] = [n, " + expected[0] + ", "
                    + expected[1] + ", " + expected[2] + "]; config().imageInput().tensor(images) makes it");
        }
    }

    // ---------------------------------------------------------------- pictures

    /**
     * Says what is on a picture.
     *
     * @param image a picture of any size
     * @param k how many classes, 1 to all
     * @return the k most probable classes, the most probable first; equally probable ones by index
     * @throws IllegalStateException in training, or if the logits are not finite
     * @throws IllegalArgumentException if k is out of range, or the picture can't be made to fit
     */
    public final List<Prediction> classify(BitImage image, int k) {
        Objects.requireNonNull(image, () -> getClass().getSimpleName() + ".classify: the picture is null");
        return classify(List.of(image), k).getFirst();
    }

    /**
     * Says what is on each of many pictures. They are computed a few at a time, so memory does not grow with their
     * number; the result does not depend on that.
     *
     * @param images pictures of any sizes
     * @param k how many classes, 1 to all
     * @return for each picture, what {@link #classify(BitImage, int)} returns for it alone
     * @throws IllegalStateException in training, or if the logits are not finite
     * @throws IllegalArgumentException if k is out of range, or a picture can't be made to fit
     */
    public final List<List<Prediction>> classify(List<BitImage> images, int k) {
        int classes = config().classNames().size();
        InEvaluation.require(getClass().getSimpleName() + ".classify", this);
        if (k < 1 || k > classes) {
            throw new IllegalArgumentException(getClass().getSimpleName() + ".classify: the top " + k
                    + " classes, expected 1 to " + classes + ": the model knows no more");
        }
        ImageInput input = config().imageInput();
        int together = Math.clamp(BATCH_VALUES / ((long) input.channels() * input.height() * input.width()), 1, BATCH);
        Workspace workspace = new Workspace();
        List<List<Prediction>> all = new ArrayList<>(images.size());
        for (int from = 0; from < images.size(); from += together) {
            Tensor batch = input.tensor(images.subList(from, Math.min(images.size(), from + together)));
            float[] logits = workspace.call(() -> Autograd.noGrad(() -> forward(batch)).toArray());
            workspace.reset();
            for (int row = 0; row < batch.length(0); row++) {
                all.add(top(Arrays.copyOfRange(logits, row * classes, (row + 1) * classes), k));
            }
        }
        return all;
    }

    private List<Prediction> top(float[] logits, int k) {
        float[] probabilities = ClassProbabilities.softmax(getClass().getSimpleName() + ".classify", logits);
        return Arrays.stream(ClassProbabilities.ranking(probabilities)).limit(k)
                .mapToObj(i -> new Prediction(config().classNames().name(i), i, probabilities[i])).toList();
    }

    // ---------------------------------------------------------------- training data

    /**
     * Makes training or validation data of labelled images, preprocessed as this model expects it. Labels become this
     * model's classes by name, so their order in the data makes no difference.
     *
     * @param images images of any size, of classes that this model knows; some of its classes may have none
     * @return samples for {@link io.bitlab.models.train.Trainer#fit} and {@link io.bitlab.models.train.Evaluation}
     * @throws IOException if an image can't be read
     * @throws IllegalArgumentException if the model does not know a class, or an image can't be made to fit
     */
    public final ImageSamples samples(LabelledImages images) throws IOException {
        return ImageSamples.of(images, config().imageInput(), config().classNames());
    }

    /**
     * Creates the distillation loss for training this model with another one as its teacher, see
     * {@link Objectives#distillation}. The teacher answers to the batch that this model sees, so it must expect the
     * same pixels: build this model with the teacher's image input and class names.
     *
     * {@snippet class="io.bitlab.models.snippets.VitSnippets" region="distillation"}
     *
     * @param teacher a trained model of any kind; put into evaluation mode, its parameters are not changed
     * @param temperature positive; the larger, the softer the predictions; 2 to 5 is usual
     * @param hardShare weight of the labels, from 0 to 1; a half or less is usual
     * @return the objective of a {@link io.bitlab.models.train.Trainer}
     * @throws IllegalArgumentException if the teacher has another image input or other classes, or is this model, or a
     *     number is outside its range
     */
    public final Objective distillation(ImageClassifier teacher, float temperature, float hardShare) {
        String operation = getClass().getSimpleName() + ".distillation: the teacher ";
        Objects.requireNonNull(teacher, () -> operation + "is null");
        if (teacher == this) {
            throw new IllegalArgumentException(operation + "is the model itself; pass another one");
        }
        ImageInput input = teacher.config().imageInput();
        if (!input.equals(config().imageInput())) {
            throw new IllegalArgumentException(operation + "expects " + input + ", this model "
                    + config().imageInput() + "; both see the same batch, so build this model with the teacher's "
                    + "imageInput");
        }
        ClassNames names = teacher.config().classNames();
        if (!names.equals(config().classNames())) {
            throw new IllegalArgumentException(operation + "knows the classes " + Quote.value(names.toList())
                    + ", this model " + Quote.value(config().classNames().toList())
                    + "; build this model with the teacher's classNames, in the same order");
        }
        return Objectives.distillation(teacher, temperature, hardShare);
    }

    @Override
    protected Tensor exampleInput() {
        ImageInput input = config().imageInput();
        return Tensor.zeros(1, input.channels(), input.height(), input.width());
    }
}
