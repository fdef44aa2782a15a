package io.berth.linux.user;

import io.berth.fuzz.Fuzzer;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Users and groups of images, and who is asked for. */
class UserDatabaseFuzzTest {
    @Test
    void files() {
        Fuzzer.of("passwd")
                .examples(
                        "root:x:0:0:root:/root:/bin/sh\nweb:x:1000:1000::/srv:/bin/sh\n",
                        "wheel:x:10:root,web\nweb:x:1000:\n")
                .words(":", ",", "\n", "+::::::", "web", "-")
                .refusesBy(UserDatabase.InvalidUser.class)
                .costing(2)
                .runText(text -> {
                    UserDatabase users = new UserDatabase(text, text);
                    users.resolve("web", List.of("wheel"));
                    users.owner("web:wheel");
                });
    }

    @Test
    void specifications() {
        UserDatabase users = new UserDatabase("web:x:1000:1000::/srv:/bin/sh\n", "wheel:x:10:web\n");
        Fuzzer.of("user")
                .examples("web", "0:10", "web:wheel", ":wheel", "4294967296", "-1")
                .words(":", "web", "0x10", "1e3", " ")
                .refusesBy(UserDatabase.InvalidUser.class)
                .runText(text -> {
                    users.owner(text);
                    users.resolve(text, List.of(text));
                });
    }
}
