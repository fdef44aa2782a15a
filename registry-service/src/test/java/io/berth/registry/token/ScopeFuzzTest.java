package io.berth.registry.token;

import static org.assertj.core.api.Assertions.assertThat;

import io.berth.fuzz.Fuzzer;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Scopes that clients ask for; one that is taken means the same when it is written and read again. */
class ScopeFuzzTest {
    @Test
    void scopes() {
        Fuzzer.of("scope")
                .examples("repository:team/app:pull,push registry:catalog:*", "repository(plugin):a:80/b:pull")
                .words(":", ",", " ", "(", "*")
                .runText(text -> {
                    for (Scope scope : Scope.parse(List.of(text, "repository:a:pull"))) {
                        assertThat(Scope.parse(List.of(scope.toString()))).containsExactly(scope);
                    }
                });
    }
}
