package io.berth.compat;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Pause, stats, update, restart policies, top, exec codes, detaching, and events, by the stock client. */
@CompatTest
class LifeIT {
    private static final String LABEL = "berth.test=life";

    private final Target target;

    LifeIT(Target target) {
        this.target = target;
    }

    @AfterEach
    void removeContainers() {
        target.removeContainers(LABEL);
    }

    private String detached(String... arguments) {
        List<String> command = new ArrayList<>(List.of("run", "-d", "--label", LABEL));
        command.addAll(List.of(arguments));
        return target.docker().ok(command.toArray(String[]::new));
    }

    private String inspect(String id, String format) {
        return target.docker().ok("inspect", "--format", format, id);
    }

    private List<String> actions(String id, Instant since) {
        return target.docker()
                .ok(
                        "events",
                        "--since",
                        since.toString(),
                        "--until",
                        Instant.now().toString(),
                        "--filter",
                        "container=" + id,
                        "--format",
                        "{{.Action}}")
                .lines()
                .toList();
    }

    private void awaitLine(String id, String line) {
        Eventually.holds(
                Duration.ofSeconds(20),
                () -> target.docker().ok("logs", id).contains(line),
                () -> target.docker().ok("logs", id));
    }

    @Test
    void aPausedContainerDoesNothing() throws InterruptedException {
        Instant since = Instant.now();
        String id = detached(Target.IMAGE, "sh", "-c", "while :; do echo tick; sleep 0.05; done");
        awaitLine(id, "tick");
        target.docker().ok("pause", id);
        assertThat(inspect(id, "{{.State.Status}} {{.State.Running}} {{.State.Paused}}"))
                .isEqualTo("paused true true");
        assertThat(target.docker().ok("ps", "--format", "{{.Status}}", "--filter", "id=" + id))
                .endsWith("(Paused)");
        Thread.sleep(200);
        long before = target.docker().ok("logs", id).lines().count();
        Thread.sleep(400);
        assertThat(target.docker().ok("logs", id).lines().count()).isEqualTo(before);
        assertThat(target.docker().run("pause", id).exited(1).err()).containsIgnoringCase("is already paused");
        assertThat(target.docker().run("exec", id, "true").exited(1).err())
                .contains("is paused, unpause the container before exec");
        target.docker().ok("unpause", id);
        Eventually.holds(
                Duration.ofSeconds(10),
                () -> target.docker().ok("logs", id).lines().count() > before,
                () -> "no further output");
        assertThat(target.docker().run("unpause", id).exited(1).err()).containsIgnoringCase("is not paused");
        target.docker().ok("pause", id);
        target.docker().ok("stop", "-t", "1", id);
        assertThat(inspect(id, "{{.State.Status}}")).isEqualTo("exited");
        assertThat(actions(id, since)).contains("pause", "unpause", "die", "stop");
        target.docker().ok("start", id);
        target.docker().ok("pause", id);
        assertThat(target.docker().run("rm", id).exited(1).err()).contains("paused");
        target.docker().ok("rm", "-f", id);
    }

    @Test
    void statsShowWhatIsUsed() {
        String id = detached("-m", "64m", "--pids-limit", "20", Target.IMAGE, "sh", "-c", "while :; do :; done");
        String line = target.docker()
                .ok("stats", "--no-stream", "--format", "{{.ID}} {{.CPUPerc}} {{.MemUsage}} {{.PIDs}}", id);
        assertThat(line).matches("[0-9a-f]{12} \\d+\\.\\d\\d% [\\d.]+[KM]iB / 64MiB \\d+");
        double cpu = Double.parseDouble(line.split(" ")[1].replace("%", ""));
        assertThat(cpu).isGreaterThan(1);
        JsonNode stats = JsonMapper.shared()
                .readTree(target.http()
                        .get("/containers/" + id + "/stats?stream=false&one-shot=1")
                        .body());
        assertThat(stats.path("memory_stats").path("limit").asLong()).isEqualTo(64L << 20);
        assertThat(stats.path("pids_stats").path("limit").asLong()).isEqualTo(20);
        assertThat(stats.path("cpu_stats").path("cpu_usage").path("total_usage").asLong())
                .isPositive();
        String created = target.docker().ok("create", "--label", LABEL, Target.IMAGE, "true");
        assertThat(target.docker().ok("stats", "--no-stream", "--all", "--format", "{{.ID}} {{.CPUPerc}}"))
                .contains(created.substring(0, 12) + " 0.00%");
    }

    @Test
    void updatesLimitsOfWhatRuns() {
        String id = detached("-m", "64m", Target.IMAGE, "sleep", "1000");
        target.docker().ok("update", "-m", "96m", "--cpu-shares", "512", "--restart", "on-failure:3", id);
        assertThat(inspect(id, "{{.HostConfig.Memory}} {{.HostConfig.CpuShares}} {{.HostConfig.RestartPolicy.Name}}"))
                .isEqualTo((96L << 20) + " 512 on-failure");
        JsonNode stats = JsonMapper.shared()
                .readTree(target.http()
                        .get("/containers/" + id + "/stats?stream=false&one-shot=1")
                        .body());
        assertThat(stats.path("memory_stats").path("limit").asLong()).isEqualTo(96L << 20);
        assertThat(target.docker().run("update", "-m", "1g", id).exited(1).err())
                .contains("Memory limit should be smaller than already set memoryswap limit");
    }

    @Test
    void restartPoliciesStartAgain() {
        String id = detached("--restart", "on-failure:2", Target.IMAGE, "sh", "-c", "echo run; exit 3");
        Eventually.holds(
                Duration.ofSeconds(20),
                () -> inspect(id, "{{.State.Status}} {{.RestartCount}}").equals("exited 2"),
                () -> inspect(id, "{{json .State}}"));
        assertThat(target.docker().ok("logs", id)).isEqualTo("run\nrun\nrun");
        String always = detached("--restart", "always", Target.IMAGE, "false");
        Eventually.holds(
                Duration.ofSeconds(20),
                () -> target.docker()
                        .ok("ps", "--format", "{{.Status}}", "--filter", "id=" + always)
                        .matches("Restarting \\(1\\) .*"),
                () -> inspect(always, "{{json .State}}"));
        target.docker().ok("stop", always);
        assertThat(inspect(always, "{{.State.Status}}")).isEqualTo("exited");
        target.docker().ok("update", "--restart", "no", always);
        target.docker().ok("start", always);
        assertThat(target.docker().ok("wait", always)).isEqualTo("1");
        assertThat(inspect(always, "{{.RestartCount}}")).isEqualTo("0");
    }

    @Test
    void topTakesTheArgumentsOfPs() {
        String id = detached(Target.IMAGE, "sleep", "1234");
        assertThat(target.docker().ok("top", id))
                .containsPattern("UID +PID +PPID +C +STIME +TTY +TIME +CMD\nroot .*sleep 1234");
        assertThat(target.docker().ok("top", id, "-eo", "pid,comm,args"))
                .containsPattern("PID +COMMAND +COMMAND\n\\d+ +sleep +sleep 1234");
        assertThat(target.docker().ok("top", id, "aux")).containsPattern("USER +PID +%CPU.*\nroot .*sleep 1234");
        assertThat(target.docker().run("top", id, "-o", "comm").exited(1).err()).contains("Couldn't find PID field");
    }

    @Test
    void execsThatCannotStartHaveTheirCodes() {
        String id = detached(Target.IMAGE, "sleep", "1000");
        Outcome missing = target.docker().run("exec", id, "/nowhere");
        assertThat(missing.exited(126).out() + missing.err())
                .contains(
                        "OCI runtime exec failed: exec failed: unable to start container process: exec: \"/nowhere\"");
        Outcome directory = target.docker().run("exec", id, "/etc");
        assertThat(directory.exited(126).out() + directory.err()).contains("exec: \"/etc\"");
        assertThat(target.docker().run("exec", id, "sh", "-c", "exit 41").exitCode())
                .isEqualTo(41);
        target.docker().ok("stop", "-t", "0", id);
        assertThat(target.docker().run("exec", id, "true").exited(1).err()).contains("is not running");
    }

    @Test
    void detachesByOtherKeys() throws IOException {
        String id = detached("-i", "-t", Target.IMAGE, "cat");
        Instant since = Instant.now();
        // The command line client looks for the keys itself, and leaves without telling.
        String request = String.join(
                "\r\n",
                "POST /v1.43/containers/" + id + "/attach?stream=1&stdin=1&stdout=1&detachKeys=ctrl-x,ctrl-x HTTP/1.1",
                "Host: localhost",
                "Connection: Upgrade",
                "Upgrade: tcp",
                "Content-Length: 0",
                "",
                "");
        try (SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX)) {
            channel.connect(UnixDomainSocketAddress.of(target.socket()));
            channel.write(ByteBuffer.wrap(request.getBytes(StandardCharsets.US_ASCII)));
            DataInputStream in = new DataInputStream(Channels.newInputStream(channel));
            assertThat(head(in)).startsWith("HTTP/1.1 101");
            channel.write(ByteBuffer.wrap(new byte[] {'a'}));
            assertThat(in.readUnsignedByte()).isEqualTo('a');
            channel.write(ByteBuffer.wrap(new byte[] {0x18, 0x18}));
            assertThat(in.read()).as("the daemon lets go").isEqualTo(-1);
        }
        assertThat(inspect(id, "{{.State.Running}}")).isEqualTo("true");
        Eventually.holds(
                Duration.ofSeconds(10),
                () -> actions(id, since).contains("detach"),
                () -> actions(id, since).toString());
        RawHttp.Response refused =
                target.http().post("/v1.43/containers/" + id + "/attach?stream=1&stdout=1&detachKeys=ctrl-xy", "");
        assertThat(refused.status()).isEqualTo(400);
        assertThat(refused.body()).containsIgnoringCase("invalid detach keys (ctrl-xy) provided");
    }

    @Test
    void tellsOfImages() {
        Instant since = Instant.now();
        target.docker().ok("tag", Target.IMAGE, "life-events:1");
        target.docker().ok("rmi", "life-events:1");
        Eventually.holds(
                Duration.ofSeconds(10),
                () -> target.docker()
                        .ok(
                                "events",
                                "--since",
                                since.toString(),
                                "--until",
                                Instant.now().toString(),
                                "--filter",
                                "type=image",
                                "--format",
                                "{{.Action}}")
                        .contains("tag\nuntag"),
                () -> "no events of images");
    }

    @Test
    void attachesOverAWebSocket() throws IOException {
        String id = detached("-i", Target.IMAGE, "cat");
        try (SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX)) {
            DataInputStream in =
                    openWebSocket(channel, "/v1.43/containers/" + id + "/attach/ws?stream=1&stdin=1&stdout=1");
            // A binary message, masked with zeros.
            channel.write(ByteBuffer.wrap(new byte[] {(byte) 0x82, (byte) 0x83, 0, 0, 0, 0, 'h', 'i', '\n'}));
            byte[] answer = in.readNBytes(5);
            assertThat(answer).containsExactly(0x82, 3, 'h', 'i', '\n');
        }
    }

    @Test
    @BerthOnly
    void anExecOverAWebSocketEndsWithIt() throws IOException {
        String id = detached(Target.IMAGE, "sleep", "60");
        String exec = createExec(id, "\"AttachStdin\":true,\"AttachStdout\":true,\"Tty\":true,\"Cmd\":[\"cat\"]");
        assertThat(target.http().get("/berth/exec/" + exec + "/ws").message()).isEqualTo("not websocket protocol");
        try (SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX)) {
            DataInputStream in = openWebSocket(channel, "/berth/exec/" + exec + "/ws?h=24&w=80");
            channel.write(ByteBuffer.wrap(new byte[] {(byte) 0x82, (byte) 0x82, 0, 0, 0, 0, 'h', '\n'}));
            byte[] answer = in.readNBytes(3);
            assertThat(answer).as("the terminal's echo").startsWith(0x82).endsWith('h');
            assertThat(exec(exec).path("Running").asBoolean()).isTrue();
        }
        Eventually.holds(
                Duration.ofSeconds(10),
                () -> !exec(exec).path("Running").asBoolean(),
                () -> "a terminal that nobody sees goes on: " + exec(exec));
    }

    @Test
    @BerthOnly
    void onlyAnExecWithInputHasAWebSocket() {
        String id = detached(Target.IMAGE, "sleep", "60");
        String exec = createExec(id, "\"AttachStdout\":true,\"Cmd\":[\"true\"]");
        assertThat(target.http().get("/berth/exec/" + exec + "/ws").message()).contains("takes no input");
        assertThat(exec(exec).path("ExitCode").isNull())
                .as("it was not started")
                .isTrue();
    }

    private String createExec(String container, String order) {
        return target.http()
                .post("/containers/" + container + "/exec", "{" + order + "}")
                .json()
                .path("Id")
                .asString();
    }

    private JsonNode exec(String id) {
        return target.http().get("/exec/" + id + "/json").json();
    }

    private DataInputStream openWebSocket(SocketChannel channel, String path) throws IOException {
        String request = String.join(
                "\r\n",
                "GET " + path + " HTTP/1.1",
                "Host: localhost",
                "Connection: Upgrade",
                "Upgrade: websocket",
                "Sec-WebSocket-Version: 13",
                "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
                "",
                "");
        channel.connect(UnixDomainSocketAddress.of(target.socket()));
        channel.write(ByteBuffer.wrap(request.getBytes(StandardCharsets.US_ASCII)));
        DataInputStream in = new DataInputStream(Channels.newInputStream(channel));
        assertThat(head(in))
                .startsWith("HTTP/1.1 101")
                .containsIgnoringCase("Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
        return in;
    }

    private static String head(DataInputStream in) throws IOException {
        ByteArrayOutputStream head = new ByteArrayOutputStream();
        while (!head.toString(StandardCharsets.US_ASCII).endsWith("\r\n\r\n")) {
            head.write(in.readUnsignedByte());
        }
        return head.toString(StandardCharsets.US_ASCII);
    }

    @Test
    void manyExecsLeaveNothing() {
        String id = detached(Target.IMAGE, "sleep", "1000");
        for (int i = 0; i < 100; i++) {
            RawHttp.Response created =
                    target.http().post("/containers/" + id + "/exec", "{\"Cmd\":[\"true\"],\"AttachStdout\":true}");
            String exec = created.json().path("Id").asString();
            assertThat(target.http()
                            .send(
                                    "POST",
                                    "/exec/" + exec + "/start",
                                    Map.of("Content-Type", "application/json"),
                                    "{}".getBytes(StandardCharsets.US_ASCII))
                            .status())
                    .isEqualTo(200);
        }
        Eventually.holds(
                Duration.ofSeconds(10),
                () -> inspect(id, "{{.ExecIDs}}").equals("[]"),
                () -> inspect(id, "{{.ExecIDs}}"));
        assertThat(target.docker().ok("top", id).lines().count()).isEqualTo(2);
    }
}
