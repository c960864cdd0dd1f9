/** Turns float networks into ternary ones: {@link io.bitlab.layers.convert.Ternarizer}. */
package io.bitlab.layers.convert;
