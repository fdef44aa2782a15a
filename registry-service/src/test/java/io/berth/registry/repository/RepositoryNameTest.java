package io.berth.registry.repository;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.berth.registry.error.RegistryException;
import java.time.Duration;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RepositoryNameTest {
    @ParameterizedTest
    @ValueSource(strings = {"a", "library/busybox", "a.b/c_d/e__f/g---h", "0/1", "a/blobs/uploads"})
    void takesTheGrammar(String name) {
        assertThat(new RepositoryName(name)).hasToString(name);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "", "A", "a//b", "/a", "a/", "a..b", "a___b", "-a", "a-", "a/../b", "a%2Fb", "a:b", "a b", "é", "a\n"
            })
    void refusesTheRest(String name) {
        assertThatThrownBy(() -> new RepositoryName(name)).isInstanceOf(RegistryException.class);
    }

    @Test
    void limitsTheLengthAndTakesNoTimeOverHostileNames() {
        assertThat(new RepositoryName("a".repeat(255)).value()).hasSize(255);
        assertThatThrownBy(() -> new RepositoryName("a".repeat(256))).isInstanceOf(RegistryException.class);
        Assertions.assertTimeoutPreemptively(
                Duration.ofSeconds(2),
                () -> assertThatThrownBy(() -> new RepositoryName("a-".repeat(120) + "!"))
                        .isInstanceOf(RegistryException.class));
    }
}
