package io.berth.engine;

import org.junit.jupiter.api.Test;
import org.springframework.modulith.core.ApplicationModules;

class ModulesTest {
    @Test
    void dependOnEachOtherAsTheyMay() {
        // Not verify(), which takes modules that it has once looked at for verified, also when it failed.
        ApplicationModules.of(EngineServiceApplication.class).detectViolations().throwIfPresent();
    }
}
