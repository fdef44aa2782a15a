package io.berth.image.caller;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.berth.docker.error.Forbidden;
import io.berth.oci.ImageReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What is a developer's, and what is not there for one. */
class CallerTest {
    private static final String IDENTITY = "name=alice;role=developer;projects=shop,web;source=TOKEN;credential=1";
    private static final Caller ALICE = Caller.of(IDENTITY, "other,third");

    @ParameterizedTest
    @ValueSource(
            strings = {"other/app", "third/app:1", "localhost:2375/other/app", "docker.io/other/app", "other/deep/app"})
    void otherProjectsRepositoriesAreNotThere(String name) {
        assertThat(ALICE.hidesName(name)).isTrue();
        assertThat(ALICE.owns(ImageReference.parse(name))).isFalse();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "debian",
                "shop/app",
                "grafana/grafana",
                "localhost:2375/shop/other",
                "another/app",
                "sha256:00",
                "scratch",
                "%"
            })
    void allElseIs(String name) {
        assertThat(ALICE.hidesName(name)).isFalse();
    }

    @ParameterizedTest
    @ValueSource(strings = {"shop/app", "web/deep/app:1", "localhost:2375/shop/app", "docker.io/shop/app"})
    void theirProjectsRepositoriesAreTheirs(String name) {
        assertThat(ALICE.owns(ImageReference.parse(name))).isTrue();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "debian",
                "library/debian",
                "shop",
                "docker.io/shop",
                "localhost:2375/shop",
                "shopping/app",
                "SHOP/app",
                "grafana/shop"
            })
    void othersAreNot(String name) {
        assertThat(ALICE.owns(ImageReference.parse(name))).isFalse();
    }

    @Test
    void officialImagesAreNobodys() {
        Caller library = Caller.of("name=l;role=developer;projects=library;source=TOKEN;credential=2", "");
        assertThat(library.owns(ImageReference.parse("library/debian"))).isFalse();
    }

    @Test
    void viewersMakeNothing() {
        Caller viewer = Caller.of(IDENTITY.replace("developer", "viewer"), "");
        assertThat(viewer.makes()).isFalse();
        assertThat(viewer.owns(ImageReference.parse("shop/app"))).isFalse();
        assertThat(Caller.of("name=a;role=developer;projects=;source=TOKEN;credential=1", "")
                        .makes())
                .isFalse();
    }

    @Test
    void nothingIsHiddenFromOperators() {
        for (Caller operator :
                new Caller[] {Caller.of(null, null), Caller.of("name=root;role=operator;projects=;credential=4", "")}) {
            assertThat(operator.restricted()).isFalse();
            assertThat(operator.hidesName("other/app")).isFalse();
            assertThat(operator.owns(ImageReference.parse("debian"))).isTrue();
            assertThat(operator.owner()).isEmpty();
        }
    }

    @Test
    void twoCredentialsAreTwoOwners() {
        assertThat(ALICE.owner())
                .isNotEmpty()
                .isNotEqualTo(Caller.of(IDENTITY.replace("credential=1", "credential=2"), "")
                        .owner());
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "role=root", "name=alice", "role=developer;role=operator", "role"})
    void whatTheGatewayWouldNotSayIsRefused(String identity) {
        assertThatThrownBy(() -> Caller.of(identity, null)).isInstanceOf(Forbidden.class);
    }
}
