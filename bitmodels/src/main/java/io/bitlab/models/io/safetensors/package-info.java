/** Safetensors files. */
package io.bitlab.models.io.safetensors;
