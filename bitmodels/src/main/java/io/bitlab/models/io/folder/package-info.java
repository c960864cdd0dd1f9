/** BitLab's own model folders, and states of networks as single files. */
package io.bitlab.models.io.folder;
