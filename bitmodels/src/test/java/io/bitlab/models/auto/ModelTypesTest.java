package io.bitlab.models.auto;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.bitlab.models.BitModelType;
import java.util.ServiceLoader;
import org.junit.jupiter.api.Test;

class ModelTypesTest {

    /** Each kind that the library registers is also found without the registration. */
    @Test
    void theLibrarysOwnKindsNeedNoRegistration() throws Exception {
        int own = 0;
        for (BitModelType type : ServiceLoader.load(BitModelType.class, ModelTypes.class.getClassLoader())) {
            if (type.getClass().getName().endsWith("Type") && type.modelType().startsWith("bit")) {
                assertEquals(type.getClass(), ModelTypes.builtIn(type.modelType()).getClass());
                own++;
            }
        }
        assertEquals(9, own);
    }
}
