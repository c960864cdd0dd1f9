/**
 * Safetensors, the file format of Hugging Face and PyTorch for named tensors and a few strings.
 *
 * <p>A file is a u64 header length, the header, and the data. The header is a JSON object that gives the type, shape
 * and place of each tensor; its member {@code __metadata__} holds strings. To write:
 *
 * {@snippet class="io.bitlab.models.snippets.SafetensorsSnippets" region="write"}
 *
 * <p>To read, open the file and ask for tensors by name:
 *
 * {@snippet class="io.bitlab.models.snippets.SafetensorsSnippets" region="read"}
 *
 * <p>{@link io.bitlab.models.io.folder.StateFile} does both for the whole state of a network.
 *
 * @see <a href="https://github.com/huggingface/safetensors#format">The safetensors format</a>
 */
package io.bitlab.models.io.safetensors;
