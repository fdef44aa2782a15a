package io.berth.registry.repository;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.berth.registry.error.RegistryException;
import org.junit.jupiter.api.Test;

class RepositoryPrefixTest {
    @Test
    void coversWholeParts() {
        RepositoryPrefix team = new RepositoryPrefix("team/app");
        assertThat(team.covers(new RepositoryName("team/app"))).isTrue();
        assertThat(team.covers(new RepositoryName("team/app/web"))).isTrue();
        assertThat(team.covers(new RepositoryName("team/apple"))).isFalse();
        assertThat(team.covers(new RepositoryName("team"))).isFalse();
        assertThat(new RepositoryPrefix("").covers(new RepositoryName("team"))).isTrue();
    }

    @Test
    void refusesWhatCannotBeginAName() {
        assertThatThrownBy(() -> new RepositoryPrefix("Team/")).isInstanceOf(RegistryException.class);
    }
}
