/**
 * What several packages and modules of BitLab share and applications don't need: checks of shapes, the logger, names in
 * JSON, what kernels on devices offer. Not exported, except to the other modules of BitLab, and free to change in any
 * version.
 */
package io.bitlab.core.internal;
