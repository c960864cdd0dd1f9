/**
 * GGUF, the file format of llama.cpp and bitnet.cpp: metadata and tensors, quantised in blocks, in one file.
 *
 * <p>A file is, all little-endian:
 *
 * <ol>
 *   <li>{@code GGUF}, u32 version (2 or 3), u64 number of tensors, u64 number of metadata entries;
 *   <li>for each entry its key, u32 type ({@link io.bitlab.models.io.gguf.GgufValueType}) and value; a string is a u64
 *       length and UTF-8, an array a u32 element type, a u64 count and the elements;
 *   <li>for each tensor its name, u32 number of dimensions, u64 dimensions (fastest first, so {@code [in, out]}), u32
 *       type ({@link io.bitlab.models.io.gguf.GgufType}) and u64 offset;
 *   <li>the data, from the next multiple of {@code general.alignment} (32) on; offsets count from there.
 * </ol>
 *
 * <p>Here shapes are row-major, {@code [out, in]}. To read:
 *
 * {@snippet class="io.bitlab.models.snippets.GgufSnippets" region="read"}
 *
 * <p>To write, describe the tensors; their content is requested one after the other:
 *
 * {@snippet class="io.bitlab.models.snippets.GgufSnippets" region="write"}
 *
 * <p>Readers trust nothing, and writers replace a file completely or not at all, as in {@link io.bitlab.models.io}.
 *
 * @see <a href="https://github.com/ggml-org/ggml/blob/master/docs/gguf.md">The GGUF format</a>
 */
package io.bitlab.models.io.gguf;
