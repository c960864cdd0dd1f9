/** The regular expressions of pre-tokenizers, with the meaning that Oniguruma gives them; internal. */
package io.bitlab.models.tokenizer.regex;
