package io.berth.registry;

import org.junit.jupiter.api.Test;
import org.springframework.modulith.core.ApplicationModules;

class ModularityTest {
    @Test
    void featuresUseOnlyEachOthersPublicPackages() {
        ApplicationModules.of(RegistryServiceApplication.class).verify();
    }
}
