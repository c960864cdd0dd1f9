package io.bitlab.models.snippets;

import io.bitlab.models.detection.data.AnnotationOptions;
import io.bitlab.models.detection.data.AnnotationProblem;
import io.bitlab.models.detection.data.AnnotationReport;
import io.bitlab.models.detection.data.BoxKind;
import io.bitlab.models.detection.data.BoxedImages;
import io.bitlab.models.detection.data.LabelledBox;
import io.bitlab.models.detection.data.OnProblem;
import io.bitlab.models.detection.data.ScoredBox;
import io.bitlab.models.detection.data.SyntheticScenes;
import io.bitlab.models.image.BitImage;
import io.bitlab.models.image.Box;
import io.bitlab.models.image.ImageCanvas;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/** Snippets of the Javadoc of {@code io.bitlab.models.detection.data}. */
final class DetectionDataSnippets {

    private DetectionDataSnippets() {}

    static List<LabelledBox> labelled() {
        // @start region="labelled"
        LabelledBox cat = LabelledBox.of(new Box(10, 20, 50, 60), 1); // class 1
        LabelledBox herd = new LabelledBox(new Box(0, 100, 640, 300), 2, BoxKind.CROWD, 90_000);
        // @end
        return List.of(cat, herd);
    }

    static boolean scored() {
        // @start region="scored"
        ScoredBox found = new ScoredBox(Box.ofCentre(32, 40, 40, 40), 1, 0.93f);
        boolean sure = found.score() >= 0.5f;
        // @end
        return sure;
    }

    static BoxedImages.Split voc() throws IOException {
        // @start region="voc"
        BoxedImages cells = BoxedImages.readVoc(Path.of("cells")); // cells/Annotations, cells/JPEGImages
        BoxedImages.Split split = cells.split(0.2, 1);
        System.out.println(split.train() + ", " + cells.boxes(0).size() + " boxes on " + cells.name(0));
        // @end
        return split;
    }

    static BoxedImages options() throws IOException {
        // @start region="options"
        AnnotationOptions options = AnnotationOptions.defaults()
                .withClassNames(List.of("person", "car")) // in this order
                .withOnProblem(OnProblem.DROP); // others, and boxes that cannot be right, are left out
        BoxedImages streets = BoxedImages.readCoco(Path.of("annotations/train.json"), Path.of("train"), options);
        // @end
        return streets;
    }

    static int report(BoxedImages streets) {
        // @start region="report"
        AnnotationReport report = streets.report();
        System.out.print(report); // counts and the first places of each problem
        int withoutArea = report.count(AnnotationProblem.NO_AREA);
        // @end
        return withoutArea;
    }

    static BitImage scenes() throws IOException {
        // @start region="scenes"
        BoxedImages scenes = SyntheticScenes.draw(200, 96, 96, 1); // 1: the seed
        ImageCanvas canvas = new ImageCanvas(scenes.image(0));
        for (LabelledBox object : scenes.boxes(0)) {
            Box box = object.box();
            canvas.outline((int) box.left(), (int) box.top(), (int) box.width() + 1, (int) box.height() + 1, 1,
                    0xffffff);
        }
        // @end
        return canvas.toImage();
    }
}
