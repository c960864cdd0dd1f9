/** What {@link io.bitlab.models.AutoBitModel} needs to find kinds of models and to save and load them; internal. */
package io.bitlab.models.auto;
