/**
 * The files that models live in: safetensors, JSON, and the way to replace a file safely.
 *
 * <p>A safetensors file holds named tensors and a few strings. To write one, collect and then write; to read one, open
 * it and ask for tensors by name:
 *
 * {@snippet :
 * SafetensorsWriter writer = new SafetensorsWriter()
 *         .floats("fc.bias", new float[] {0.5f, -1f}, 2)
 *         .bytes("fc.weight", DType.U8, packed, 2, 52)
 *         .metadata("format", "example");
 * writer.metadata("crc32c.fc.weight", Long.toString(writer.crc32c("fc.weight")));
 * writer.write(Path.of("model.safetensors"));
 *
 * try (SafetensorsFile file = SafetensorsFile.open(Path.of("model.safetensors"))) {
 *     for (String name : file.names()) {
 *         System.out.println(file.info(name)); // 'fc.bias' F32 [2]
 *     }
 *     float[] bias = file.floats("fc.bias");
 *     byte[] weight = file.bytes("fc.weight");
 * }
 * }
 *
 * <p>Readers trust nothing. Every length, offset, shape and type is checked against the file before it is used, and a
 * file that is wrong gets a {@link io.bitlab.models.io.ModelFormatException}, an {@code IOException} that names the
 * file, the tensor, the value and what was expected. What a broken file can make a reader allocate is bounded by a
 * small multiple of its size. Tensor data is mapped, not read: opening a file of many gigabytes takes milliseconds.
 *
 * <p>Writers go through {@link io.bitlab.models.io.AtomicFile}: the new file stands complete beside the old one before
 * it takes its place, so a crash, a full disk or an exception leaves the old file as it was.
 *
 * <p>All numbers in files are little-endian, on every machine.
 */
package io.bitlab.models.io;
