/** Text from language models: sampling, generation, chats and their templates. */
package io.bitlab.models.generate;
