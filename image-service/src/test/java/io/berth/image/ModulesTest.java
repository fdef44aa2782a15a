package io.berth.image;

import org.junit.jupiter.api.Test;
import org.springframework.modulith.core.ApplicationModules;

class ModulesTest {
    @Test
    void dependOnEachOtherAsTheyMay() {
        // Not verify(), which takes modules that it has once looked at for verified, also when it failed.
        ApplicationModules.of(ImageServiceApplication.class).detectViolations().throwIfPresent();
    }
}
