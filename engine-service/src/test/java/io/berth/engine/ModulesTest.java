package io.berth.engine;

import org.junit.jupiter.api.Test;
import org.springframework.modulith.core.ApplicationModules;

class ModulesTest {
    @Test
    void dependOnEachOtherAsTheyMay() {
        ApplicationModules.of(EngineServiceApplication.class).verify();
    }
}
