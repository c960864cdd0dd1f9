package io.bitlab.models.detection.data;

import io.bitlab.models.detection.data.BoxedImages.Sample;
import io.bitlab.models.internal.Checksum;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.util.HexFormat;
import java.util.List;
import java.util.zip.CRC32C;

/** The CRC-32C of photographs and boxes, see {@link BoxedImages#checksum}. */
final class BoxedImagesChecksum {

    private final CRC32C crc = new CRC32C();

    private BoxedImagesChecksum() {
    }

    static String of(List<String> classNames, List<Sample> samples) throws IOException {
        BoxedImagesChecksum checksum = new BoxedImagesChecksum();
        classNames.forEach(checksum::update);
        for (int i = 0; i < samples.size(); i++) {
            checksum.update(samples.get(i), Checksum.isChecked(i, samples.size()));
        }
        return HexFormat.of().toHexDigits(checksum.crc.getValue(), 8);
    }

    private void update(String text) {
        crc.update(text.getBytes(StandardCharsets.UTF_8));
        crc.update(0);
    }

    private void update(Sample sample, boolean checked) throws IOException {
        update(sample.name());
        crc.update(ByteBuffer.allocate(20).putInt(sample.width()).putInt(sample.height())
                .putInt(sample.boxes().size())
                .putLong(sample.file() == null ? 0 : Files.size(sample.file())).flip());
        for (LabelledBox box : sample.boxes()) {
            update(box.kind().name());
            crc.update(ByteBuffer.allocate(44).putDouble(box.box().left()).putDouble(box.box().top())
                    .putDouble(box.box().right()).putDouble(box.box().bottom()).putDouble(box.area())
                    .putInt(box.label()).flip());
        }
        if (sample.image() != null) {
            crc.update(sample.image().toRgb());
        } else if (checked) {
            try (InputStream in = Files.newInputStream(sample.file())) {
                crc.update(in.readAllBytes());
            }
        }
    }
}
