package io.bitlab.models.pretrained;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.bitlab.models.AutoBitModel;
import io.bitlab.models.generate.ChatTemplate;
import io.bitlab.models.generate.ChatTemplates;
import io.bitlab.models.io.ModelFormatException;
import io.bitlab.models.testing.Vocabularies;
import io.bitlab.models.tokenizer.BpeTokenizer;
import io.bitlab.models.tokenizer.Pretokenizer;
import io.bitlab.models.tokenizer.Tokenizer;
import io.bitlab.models.transformer.BitTransformer;
import io.bitlab.models.transformer.BitTransformerConfig;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Chat templates travel with models. */
class ChatTemplateExportTest {

    @TempDir
    Path folder;

    private static BitTransformer model() {
        return AutoBitModel.fromConfig(BitTransformerConfig.builder(8, 256, 1, 4).intermediateSize(256)
                .maxPositionEmbeddings(16).build(), 7);
    }

    private Path export(String name, ExportFormat format, String jinja) throws IOException {
        Path target = folder.resolve(format.isGguf() ? name + ".gguf" : name);
        AutoBitModel.export(model(), null, target, format,
                ExportOptions.defaults().withRounding(true).withChatTemplate(jinja));
        return target;
    }

    /** Also one that is not known here: other programs run it. */
    @ParameterizedTest
    @EnumSource
    void comeBackFromEveryFormat(ExportFormat format) throws IOException {
        ChatTemplates.write(ChatTemplate.CHATML, folder);
        String known = ChatTemplates.textOf(folder).orElseThrow();
        for (String jinja : List.of("{{ '\u00dcnknown'\n }}", known)) { // the second replaces the first
            assertEquals(Optional.of(jinja), ChatTemplates.textOf(export("m", format, jinja)));
        }
        assertEquals(Optional.of(ChatTemplate.CHATML), ChatTemplates.ofModel(export("m", format, known)));
        assertEquals(Optional.empty(), ChatTemplates.textOf(export("other", format, null)));
    }

    /** A template, a tokenizer or its configuration that stayed would be taken for the new model's. */
    @Test
    void textsOfAnEarlierModelAreNotLeftBesideANewOne() throws IOException {
        BpeTokenizer tokenizer = Vocabularies.chat(Pretokenizer.GPT2, false);
        BitTransformer model = AutoBitModel.fromConfig(BitTransformerConfig.builder(270, 256, 1, 4)
                .intermediateSize(256).maxPositionEmbeddings(16).build(), 7);
        ExportOptions rounding = ExportOptions.defaults().withRounding(true);
        AutoBitModel.export(model, tokenizer, folder, ExportFormat.HUGGING_FACE, rounding.withChatTemplate("{{ 1 }}"));
        AutoBitModel.export(model, tokenizer, folder, ExportFormat.HUGGING_FACE, rounding.withChatTemplate("{{ 2 }}"));
        byte[] before = Files.readAllBytes(folder.resolve("model.safetensors"));
        assertRefused("tokenizer.json", model, null, ExportFormat.HUGGING_FACE, rounding.withChatTemplate("{{ 1 }}"));
        assertRefused("tokenizer_config.json", model, tokenizer, ExportFormat.BITLAB,
                rounding.withChatTemplate("{{ 1 }}"));
        assertRefused("chat_template.jinja", model, tokenizer, ExportFormat.HUGGING_FACE, rounding);
        assertArrayEquals(before, Files.readAllBytes(folder.resolve("model.safetensors")));
    }

    private void assertRefused(String stale, BitTransformer model, Tokenizer tokenizer, ExportFormat format,
            ExportOptions options) {
        FileAlreadyExistsException e = assertThrows(FileAlreadyExistsException.class,
                () -> AutoBitModel.export(model, tokenizer, folder, format, options));
        assertEquals(folder.resolve(stale).toString(), e.getFile());
        assertTrue(e.getReason().contains("move or delete it"), e.getReason());
    }

    @Test
    void unknownOnesAreRefusedOnlyForChats() throws IOException {
        Path file = export("m", ExportFormat.I2_S, "{{ messages }}");
        assertEquals(Optional.of("{{ messages }}"), ChatTemplates.textOf(file));
        assertThrows(ModelFormatException.class, () -> ChatTemplates.ofModel(file));
    }
}
