package io.berth.gateway.merge;

import static org.assertj.core.api.Assertions.assertThat;

import io.berth.docker.DockerJson;
import io.berth.gateway.route.RequestTarget;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

class MergedJsonTest {
    private static List<JsonNode> all(String... json) {
        return Stream.of(json).map(DockerJson.MAPPER::readTree).toList();
    }

    private static JsonNode one(String json) {
        return DockerJson.MAPPER.readTree(json);
    }

    @Test
    void reportsAreAdded() {
        assertThat(MergedJson.sum(all(
                        "{\"ContainersDeleted\":[\"a\"],\"SpaceReclaimed\":5}",
                        "{\"ContainersDeleted\":null,\"SpaceReclaimed\":7}",
                        "{\"ContainersDeleted\":[\"b\"],\"SpaceReclaimed\":1}")))
                .hasToString("{\"ContainersDeleted\":[\"a\",\"b\"],\"SpaceReclaimed\":13}");
    }

    @Test
    void usageIsAddedFieldByField() {
        assertThat(MergedJson.sum(all(
                        "{\"LayersSize\":1,\"ImageUsage\":{\"TotalCount\":1,\"Items\":[1]},\"Volumes\":null}",
                        "{\"LayersSize\":3000000000,\"ImageUsage\":{\"TotalCount\":2,\"Items\":[2]},\"Volumes\":[3]}")))
                .hasToString(
                        "{\"LayersSize\":3000000001,\"ImageUsage\":{\"TotalCount\":3,\"Items\":[1,2]},\"Volumes\":[3]}");
    }

    @Test
    void anImageOfTwoNodesIsOneWithTheNamesOfBoth() {
        List<JsonNode> merged = MergedJson.images(all(
                "{\"Id\":\"x\",\"RepoTags\":[\"a:1\"],\"RepoDigests\":[],\"Containers\":1}",
                "{\"Id\":\"y\",\"RepoTags\":[\"c:1\"],\"Containers\":-1}",
                "{\"Id\":\"x\",\"RepoTags\":[\"a:1\",\"b:1\"],\"RepoDigests\":[\"d\"],\"Containers\":2}"));
        assertThat(merged)
                .extracting(JsonNode::toString)
                .containsExactly(
                        "{\"Id\":\"x\",\"RepoTags\":[\"a:1\",\"b:1\"],\"RepoDigests\":[\"d\"],\"Containers\":3}",
                        "{\"Id\":\"y\",\"RepoTags\":[\"c:1\"],\"Containers\":-1}");
    }

    @Test
    void networksOfOneNameAreOneWithTheContainersOfAll() {
        List<JsonNode> merged = MergedJson.byName(
                all(
                        "{\"Name\":\"n\",\"Id\":\"1\",\"Containers\":{\"a\":{}}}",
                        "{\"Name\":\"n\",\"Id\":\"2\",\"Containers\":{\"b\":{}}}",
                        "{\"Name\":\"m\",\"Id\":\"3\"}"),
                network -> network.path("Name").asString(""));
        assertThat(merged)
                .containsExactly(
                        one("{\"Name\":\"n\",\"Id\":\"1\",\"Containers\":{\"a\":{},\"b\":{}}}"),
                        one("{\"Name\":\"m\",\"Id\":\"3\"}"));
    }

    @Test
    void listsAreNewestFirstAndLimited() {
        List<JsonNode> things = all("{\"Created\":1}", "{\"Created\":3}", "{\"Created\":2}");
        assertThat(MergedJson.newestFirst(things, 2)).isEqualTo(all("{\"Created\":3}", "{\"Created\":2}"));
        assertThat(MergedJson.newestFirst(things, 0)).hasSize(3);
    }

    @Test
    void aContainerShowsItsNode() {
        assertThat(MergedJson.withNode(one("{\"Id\":\"a\",\"Labels\":{\"x\":\"y\"}}"), "n2"))
                .hasToString("{\"Id\":\"a\",\"Labels\":{\"x\":\"y\",\"io.berth.node\":\"n2\"},"
                        + "\"Node\":{\"Name\":\"n2\"}}");
    }

    @Test
    void filtersOfNodesAreTakenOutOfTheQuery() {
        NodeFilter filter = NodeFilter.of(
                RequestTarget.parse(
                        "/v1.43/containers/json?all=1&filters="
                                + "%7B%22node%22%3A%7B%22n2%22%3Atrue%7D%2C%22label%22%3A%7B%22a%3Db%22%3Atrue%2C%22io.berth.node%3Dn3%22%3Atrue%7D%7D"));
        assertThat(filter.names()).containsExactlyInAnyOrder("n2", "n3");
        assertThat(filter.query()).isEqualTo("all=1&filters=%7B%22label%22%3A%7B%22a%3Db%22%3Atrue%7D%7D");
        assertThat(NodeFilter.of(RequestTarget.parse("/containers/json?filters=%7B%22id%22%3A%5B%22a%22%5D%7D"))
                        .query())
                .isEqualTo("filters=%7B%22id%22%3A%5B%22a%22%5D%7D");
    }
}
