package io.berth.linux.user;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.berth.linux.user.UserDatabase.Credentials;
import io.berth.linux.user.UserDatabase.InvalidUser;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class UserDatabaseTest {
    private static final String PASSWD = """
            root:x:0:0:root:/root:/bin/sh
            1000:x:0:0:a name made of digits:/evil:/bin/sh
            alice:x:1000:1001:Alice:/home/alice:/bin/sh
            bad line
            wrap:x:4294967296:0::/:/bin/sh
            arabic:x:\u0660:0::/:/bin/sh
            wide:x:1000:\uff10::/:/bin/sh
            """;
    private static final String GROUP = """
            root:x:0:
            users:x:1001:
            nagari:x:\u0966:
            audio:x:29:alice,bob
            video:x:44:bob,alice
            """;

    private final UserDatabase database = new UserDatabase(PASSWD, GROUP);

    @Test
    void resolvesEveryForm() {
        assertThat(resolve("")).isEqualTo(new Credentials(0, 0, List.of(0), "/root"));
        assertThat(resolve("alice")).isEqualTo(new Credentials(1000, 1001, List.of(1001, 29, 44), "/home/alice"));
        assertThat(resolve("1000")).isEqualTo(new Credentials(1000, 1001, List.of(1001, 29, 44), "/home/alice"));
        assertThat(resolve("alice:audio")).isEqualTo(new Credentials(1000, 29, List.of(29), "/home/alice"));
        assertThat(resolve("5:6")).isEqualTo(new Credentials(5, 6, List.of(6), "/"));
        assertThat(resolve("77")).isEqualTo(new Credentials(77, 0, List.of(0), "/"));
        assertThat(resolve("2147483647").uid()).isEqualTo(Integer.MAX_VALUE);
    }

    @Test
    void addsGroups() {
        assertThat(database.resolve("alice:users", List.of("audio", "5")).groups())
                .containsExactly(1001, 29, 5);
    }

    @Test
    void worksWithoutFiles() {
        assertThat(new UserDatabase("", "").resolve("", List.of())).isEqualTo(new Credentials(0, 0, List.of(0), "/"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "2147483648",
                "4294967296",
                "-1",
                "99999999999999999999",
                "0x0",
                "1:",
                ":",
                "nobody",
                "wrap",
                "arabic",
                "wide",
                "\u0660",
                "0:\u0967",
                "alice:nagari",
                "-\u0660",
                "alice:none",
                "alice:-1",
                "alice:4294967296",
                "a:b:c",
                " 0",
                "+0"
            })
    void refusesWhatWouldWrapOrIsNotThere(String specification) {
        assertThatThrownBy(() -> resolve(specification)).isInstanceOf(InvalidUser.class);
    }

    private Credentials resolve(String specification) {
        return database.resolve(specification, List.of());
    }
}
