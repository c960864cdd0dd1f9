/**
 * What several packages of this module share and applications don't need: values in messages, strict JSON tokens, files
 * in interrupted threads, rounding errors, IDX files, checksums, names of image files, ternary or float convolutions.
 * Not exported, and free to change in any version.
 */
package io.bitlab.models.internal;
