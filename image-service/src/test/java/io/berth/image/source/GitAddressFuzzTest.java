package io.berth.image.source;

import io.berth.docker.error.InvalidParameter;
import io.berth.fuzz.Fuzzer;
import org.junit.jupiter.api.Test;

/** Addresses of remote contexts. */
class GitAddressFuzzTest {
    @Test
    void addresses() {
        Fuzzer.of("git address")
                .examples(
                        "https://a.b/c.git#main:dir", "git@a.b:c/d.git?ref=x&subdir=y", "git://a/b", "ssh://u@a:22/b#c")
                .words("#", ":", "?", "&", "ref=", "@", "../", "%2e", "[::1]")
                .refusesBy(InvalidParameter.class)
                .runText(GitAddress::parse);
    }
}
