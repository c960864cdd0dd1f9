package io.bitlab.models.detection.data;

import io.bitlab.models.detection.data.BoxedImages.Sample;
import io.bitlab.models.internal.Checksum;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.util.List;

/** The CRC-32C of photographs and boxes, see {@link BoxedImages#checksum}. */
final class BoxedImagesChecksum {

    private BoxedImagesChecksum() {
    }

    static String of(List<String> classNames, List<Sample> samples) throws IOException {
        Checksum checksum = new Checksum();
        classNames.forEach(checksum::text);
        for (int i = 0; i < samples.size(); i++) {
            add(checksum, samples.get(i), Checksum.isChecked(i, samples.size()));
        }
        return checksum.toString();
    }

    private static void add(Checksum checksum, Sample sample, boolean checked) throws IOException {
        checksum.text(sample.name()).bytes(ByteBuffer.allocate(20).putInt(sample.width()).putInt(sample.height())
                .putInt(sample.boxes().size())
                .putLong(sample.file() == null ? 0 : Files.size(sample.file())).flip());
        for (LabelledBox box : sample.boxes()) {
            checksum.text(box.kind().name()).bytes(ByteBuffer.allocate(44).putDouble(box.box().left())
                    .putDouble(box.box().top()).putDouble(box.box().right()).putDouble(box.box().bottom())
                    .putDouble(box.area()).putInt(box.label()).flip());
        }
        if (sample.image() != null) {
            checksum.bytes(ByteBuffer.wrap(sample.image().toRgb()));
        } else if (checked) {
            try (InputStream in = Files.newInputStream(sample.file())) {
                checksum.bytes(ByteBuffer.wrap(in.readAllBytes()));
            }
        }
    }
}
