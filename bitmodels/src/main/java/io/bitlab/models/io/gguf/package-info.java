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
 *   <li>from the next multiple of {@code general.alignment} (32) on the data, which the offsets count from.
 * </ol>
 *
 * <p>Here shapes are row-major, {@code [out, in]}. To read:
 *
 * {@snippet :
 * try (GgufFile file = GgufFile.open(Path.of("model.gguf"))) {
 *     Object layers = file.metadata().get("bitnet-b1.58.block_count"); // a Long
 *     TernaryMatrix query = file.ternary("blk.0.attn_q.weight");
 *     float[] norm = file.floats("blk.0.attn_norm.weight");
 *     float[] token = new float[2560];
 *     file.floats("token_embd.weight", 17L * token.length, token); // one row
 * }
 * }
 *
 * <p>To write, describe the tensors; the file asks for their content one after the other:
 *
 * {@snippet :
 * new GgufWriter()
 *         .put("general.architecture", "bitnet-b1.58")
 *         .put("bitnet-b1.58.block_count", GgufValueType.U32, 30)
 *         .ternary("blk.0.attn_q.weight", GgufType.I2_S, 2560, 2560, () -> query)
 *         .floats("blk.0.attn_norm.weight", GgufType.F32, () -> norm, 2560)
 *         .write(Path.of("model.gguf"));
 * }
 *
 * <p>Readers trust nothing, and writers replace a file as a whole or not at all, as in {@link io.bitlab.models.io}.
 *
 * @see <a href="https://github.com/ggml-org/ggml/blob/master/docs/gguf.md">The GGUF format</a>
 */
package io.bitlab.models.io.gguf;
