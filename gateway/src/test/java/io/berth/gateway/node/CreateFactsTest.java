package io.berth.gateway.node;

import static org.assertj.core.api.Assertions.assertThat;

import io.berth.docker.DockerJson;
import java.util.List;
import org.junit.jupiter.api.Test;

class CreateFactsTest {
    private static CreateFacts facts(String json) {
        return CreateFacts.of(DockerJson.MAPPER.readTree(json));
    }

    @Test
    void whatItSharesWithOthersIsFound() {
        CreateFacts facts = facts("""
                {"Image": "app:1", "HostConfig": {
                  "NetworkMode": "container:web", "PidMode": "container:pids", "IpcMode": "host",
                  "VolumesFrom": ["data:ro", "more"], "Links": ["db:database"],
                  "Binds": ["named:/x:ro", "/host:/y", "/anonymous"],
                  "Mounts": [{"Type": "volume", "Source": "mounted", "Target": "/z"},
                             {"Type": "volume", "Target": "/anon"}, {"Type": "bind", "Source": "/q", "Target": "/q"}]}}
                """);
        assertThat(facts.image()).isEqualTo("app:1");
        assertThat(facts.containers()).containsExactlyInAnyOrder("web", "pids", "data", "more", "db");
        assertThat(facts.volumes()).containsExactlyInAnyOrder("named", "mounted");
        assertThat(facts.networks()).isEmpty();
    }

    @Test
    void networksThatEveryNodeHasDoNotCount() {
        CreateFacts facts = facts("""
                {"HostConfig": {"NetworkMode": "front"},
                 "NetworkingConfig": {"EndpointsConfig": {"front": {}, "back": {}, "bridge": {}}}}
                """);
        assertThat(facts.networks()).containsExactlyInAnyOrder("front", "back");
        assertThat(facts("{\"HostConfig\":{\"NetworkMode\":\"default\"}}").networks())
                .isEmpty();
    }

    @Test
    void constraintsComeFromLabelsAndVariables() {
        CreateFacts facts = facts("""
                {"Env": ["A=b", "constraint:storage==ssd"],
                 "Labels": {"io.berth.node": "n2", "io.berth.node.constraint": "zone!=b,rack==1*", "other": "x"}}
                """);
        assertThat(facts.constraints())
                .extracting(Constraint::toString)
                .containsExactly("storage==ssd", "node==n2", "zone!=b", "rack==1*");
    }

    /** The engine reads names in any case, so a request must not get around what this reads. */
    @Test
    void namesAreReadInAnyCase() {
        CreateFacts facts = facts("{\"image\":\"app\",\"hostconfig\":{\"volumesfrom\":[\"data\"],\"memory\":5}}");
        assertThat(facts.image()).isEqualTo("app");
        assertThat(facts.containers()).containsExactly("data");
        assertThat(facts.wanted()).isEqualTo(new Reservation(5, 0));
    }

    @Test
    void aReservationOfMemoryCountsRatherThanItsLimit() {
        assertThat(facts("{\"HostConfig\":{\"Memory\":9,\"MemoryReservation\":4,\"NanoCpus\":7}}")
                        .wanted())
                .isEqualTo(new Reservation(4, 7));
        assertThat(facts("{\"HostConfig\":null,\"Env\":null,\"Labels\":null}").constraints())
                .isEqualTo(List.of());
    }
}
