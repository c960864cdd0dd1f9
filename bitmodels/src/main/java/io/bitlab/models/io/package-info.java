/**
 * Files: JSON, replacing a file safely, mapping one into memory. The file formats build on this package:
 * {@link io.bitlab.models.io.folder} (BitLab's model folders), {@link io.bitlab.models.io.safetensors} and
 * {@link io.bitlab.models.io.gguf}.
 *
 * <p>Readers trust nothing. They check every length, offset, shape and type against the file before they use it. A
 * damaged file gets a {@link io.bitlab.models.io.ModelFormatException}, an {@code IOException} that names the file, the
 * tensor or field, the value and what was expected. What a damaged file can make a reader allocate is bounded by a
 * small multiple of the file's size. Tensor data is mapped, not read, so that opening a file of many gigabytes takes
 * milliseconds.
 *
 * <p>Writers go through {@link io.bitlab.models.io.AtomicFile}: the new file is complete beside the old one before it
 * takes its place, so a crash, a full disk or an exception leaves the old file as it was.
 *
 * {@snippet class="io.bitlab.models.snippets.IoSnippets" region="replace"}
 *
 * <p>JSON is read strictly, and {@link io.bitlab.models.io.JsonObject} names the member that is wrong:
 *
 * {@snippet class="io.bitlab.models.snippets.IoSnippets" region="jsonObject"}
 *
 * <p>All numbers in files are little-endian, on every machine.
 */
package io.bitlab.models.io;
