/**
 * BitLab's own model folders, and the states of networks as single files that other frameworks read.
 *
 * <p>{@link io.bitlab.models.AutoBitModel#save} writes a {@link io.bitlab.models.io.folder.ModelFolder}: the
 * configuration, latent or packed ternary weights, and checksums. A {@link io.bitlab.models.io.folder.StateFile} holds
 * float tensors only, and a {@link io.bitlab.models.io.folder.NameMapping} translates their names:
 *
 * {@snippet class="io.bitlab.models.snippets.FolderSnippets" region="loadMatching"}
 */
package io.bitlab.models.io.folder;
