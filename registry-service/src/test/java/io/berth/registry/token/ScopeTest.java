package io.berth.registry.token;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class ScopeTest {
    @Test
    void whatIsNotUnderstoodIsLeftOut() {
        assertThat(Scope.parse(
                        List.of("repository(plugin):a:80/b:pull,push a :b:pull repository::pull (plugin):a:pull")))
                .containsExactly(new Scope("repository", "a:80/b", Set.of("pull", "push")));
    }
}
