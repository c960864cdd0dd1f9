/** Regular expressions for pretokenizers, with the syntax and meaning of Oniguruma. Internal, not exported. */
package io.bitlab.models.tokenizer.regex;
