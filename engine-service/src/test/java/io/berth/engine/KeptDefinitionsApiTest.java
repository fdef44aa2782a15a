package io.berth.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.berth.engine.fixture.EngineFixture;
import io.berth.engine.fixture.RawHttp;
import io.berth.engine.fixture.RawHttp.Answer;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Definitions that nobody starts or uses, until a project's share of the engine's memory is full. */
class KeptDefinitionsApiTest {
    private static final long SHARE = 8 << 20;
    private static final String PROJECT = "\"Labels\":{\"io.berth.project\":\"shop\"}";

    @TempDir
    Path directory;

    private EngineFixture engine;

    @BeforeEach
    void start() throws IOException {
        engine = new EngineFixture(directory, "--berth.engine.definitions.memory=" + 4 * SHARE + "B");
    }

    @AfterEach
    void stop() {
        engine.close();
    }

    private RawHttp operator() {
        return engine.http();
    }

    private RawHttp developer() {
        return operator().asDeveloper("shop");
    }

    private static String container(int length) {
        return "{\"Image\":\"busybox\",\"Cmd\":[\"sleep\"],\"Env\":[\"A=" + "t".repeat(length) + "\"]," + PROJECT + "}";
    }

    private static String id(Answer made) {
        assertThat(made.status()).as(made.text()).isEqualTo(201);
        return made.json().path("Id").asString();
    }

    private static void assertFull(Answer answer) {
        assertThat(answer.status()).as(answer.text()).isEqualTo(409);
        assertThat(answer.message())
                .startsWith(
                        "the definitions of containers, networks, volumes and secrets of project shop take too much")
                .endsWith("remove some first");
    }

    /** Until the project's share is full; all that were made. */
    private List<String> fill() throws IOException {
        List<String> made = new ArrayList<>();
        for (int i = 0; i < SHARE / 900_000 + 2; i++) {
            Answer answer = developer().post("/containers/create", container(900_000));
            if (answer.status() != 201) {
                assertFull(answer);
                // What is left takes no large one any more; small ones fill it up.
                do {
                    answer = developer().post("/containers/create", container(100_000));
                    if (answer.status() == 201) {
                        made.add(id(answer));
                    }
                } while (answer.status() == 201);
                assertFull(answer);
                return made;
            }
            made.add(id(answer));
        }
        throw new AssertionError(made.size() + " were made");
    }

    @Test
    void aProjectsContainersEndAtItsShareAndComeAgainWhenSomeGo() throws IOException {
        List<String> made = fill();
        assertThat(made).hasSizeGreaterThan(5);
        assertFull(developer()
                .post(
                        "/networks/create",
                        "{\"Name\":\"n\",\"Options\":{\"a\":\"" + "t".repeat(250_000) + "\"}," + PROJECT + "}"));
        assertFull(developer()
                .post(
                        "/volumes/create",
                        "{\"Name\":\"vol\",\"Labels\":{\"io.berth.project\":\"shop\",\"a\":\"" + "t".repeat(250_000)
                                + "\"}}"));
        assertFull(developer()
                .post(
                        "/secrets/create",
                        "{\"Name\":\"s\",\"Data\":\"QQ==\",\"Labels\":{" + "\"io.berth.project\":\"shop\",\"a\":\""
                                + "t".repeat(250_000) + "\"}}"));
        assertThat(operator().get("/networks/n").status()).isEqualTo(404);
        assertThat(operator().get("/volumes/vol").status()).isEqualTo(404);
        assertThat(operator().get("/secrets/s").status()).isEqualTo(404);
        String operators =
                id(operator().post("/containers/create", container(900_000).replace(PROJECT, "\"x\":1")));
        String others = id(operator()
                .asDeveloper("other")
                .post("/containers/create", container(900_000).replace("shop", "other")));
        assertThat(operator().get("/containers/" + operators + "/json").status())
                .isEqualTo(200);
        assertThat(operator().get("/containers/" + others + "/json").status()).isEqualTo(200);

        engine.stop();
        engine.start();
        assertFull(developer().post("/containers/create", container(900_000)));
        assertThat(developer().delete("/containers/" + made.getFirst()).status())
                .isEqualTo(204);
        made.set(0, id(developer().post("/containers/create", container(900_000))));
        for (String id : made) {
            assertThat(developer().delete("/containers/" + id).status()).isEqualTo(204);
        }
        assertThat(fill()).hasSameSizeAs(made);
    }

    @Test
    void aConnectionWithoutEndIsRefusedAndTheContainerStaysAsItWas() throws IOException {
        List<String> made = fill();
        id(operator().post("/networks/create", "{\"Name\":\"small\"," + PROJECT + "}"));
        String connect = "{\"Container\":\"" + made.getLast() + "\",\"EndpointConfig\":{\"Aliases\":[\""
                + "a".repeat(300_000) + "\"]}}";
        assertFull(operator().post("/networks/small/connect", connect));
        assertThat(operator().get("/containers/" + made.getLast() + "/json").text())
                .doesNotContain("small");
        assertThat(operator().delete("/networks/small").status()).isEqualTo(204);
    }

    @Test
    void ordersOfExecsGiveWayToOnesOwn() throws IOException {
        List<String> made = fill();
        String id = made.getFirst();
        assertThat(developer().post("/containers/" + id + "/start").status()).isEqualTo(204);
        String order = "{\"Cmd\":[\"both\",\"" + "t".repeat(60_000) + "\"]}";
        List<String> orders = new ArrayList<>();
        Answer last;
        do {
            last = developer().post("/containers/" + id + "/exec", order);
            if (last.status() == 201) {
                orders.add(id(last));
            }
        } while (last.status() == 201 && orders.size() < 50);
        if (orders.isEmpty()) {
            assertFull(last);
        } else {
            assertThat(orders).hasSize(50);
            assertThat(developer().get("/exec/" + orders.getFirst() + "/json").status())
                    .isEqualTo(404);
            assertThat(developer().get("/exec/" + orders.getLast() + "/json").status())
                    .isEqualTo(200);
        }
    }

    @Test
    void whatTheDatabaseWouldNotTakeIsRefused() throws IOException {
        String long400 = "the definition is too long: as JSON it may have 990000 bytes";
        for (String body : List.of(
                "/containers/create " + container(990_000),
                "/containers/create {\"Image\":\"busybox\",\"Cmd\":[\"sleep\"],\"Env\":[\"A="
                        + "\\u0001".repeat(170_000) + "\"]}",
                "/volumes/create {\"Name\":\"long\",\"Labels\":{\"a\":\"" + "\\u0001".repeat(200_000) + "\"}}",
                "/secrets/create {\"Name\":\"long\",\"Data\":\"QQ==\",\"Labels\":{\"a\":\"" + "\\u0001".repeat(200_000)
                        + "\"}}",
                "/networks/create {\"Name\":\"long\",\"Labels\":{\"a\":\"" + "\\u0001".repeat(200_000) + "\"}}")) {
            Answer answer =
                    operator().post(body.substring(0, body.indexOf(' ')), body.substring(body.indexOf(' ') + 1));
            assertThat(answer.status()).as(answer.text()).isEqualTo(400);
            assertThat(answer.message()).endsWith(long400);
        }
        assertThat(operator().get("/containers/json?all=1").json()).isEmpty();
        assertThat(operator().get("/volumes/long").status()).isEqualTo(404);
    }
}
