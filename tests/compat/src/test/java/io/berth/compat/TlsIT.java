package io.berth.compat;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Docker's own client over the encrypted listener, with and without a certificate of its own. */
@CompatTest
@BerthOnly
@OwnPlatform
class TlsIT {
    private final Target target;
    private final GatewayPlatform platform = GatewayPlatform.running();

    TlsIT(Target target) {
        this.target = target;
    }

    private Outcome docker(Path certificates, String... arguments) {
        List<String> command = new ArrayList<>(platform.berth().inNamespace());
        command.addAll(List.of("docker", "--tlsverify"));
        command.addAll(List.of(arguments));
        return Running.run(
                command,
                Map.of(
                        "DOCKER_HOST", "tcp://localhost:" + GatewayPlatform.TLS_PORT,
                        "DOCKER_CERT_PATH", certificates.toString(),
                        "DOCKER_CONFIG",
                                platform.berth().scratch().resolve("docker-tls").toString()),
                "typed".getBytes(StandardCharsets.UTF_8),
                Duration.ofSeconds(60));
    }

    @Test
    void dockerRunsContainersAndTheirStreamsEndAsTheyShould() {
        Target.importImage(platform.berth().docker(), target.rootFileSystem());
        RawHttp.Response user = platform.http()
                .post("/api/users", "{\"name\":\"anna\",\"role\":\"operator\",\"password\":\"not needed 4 this\"}");
        assertThat(user.status()).as(user.body()).isIn(200, 201, 409);
        Path anna = platform.certificates().resolve("anna");
        assertThat(docker(anna, "version", "--format", "{{.Server.Version}}").ok())
                .isNotBlank();
        // Its input ends before its output does.
        Outcome run = docker(anna, "run", "--rm", "-i", Target.IMAGE, "sh", "-c", "cat; echo -n ' and read'");
        assertThat(run.ok()).isEqualTo("typed and read");
        docker(anna, "rmi", "-f", Target.IMAGE);
    }

    @Test
    void strangersAreTurnedAway() {
        Path foreign = platform.berth().scratch().resolve("foreign");
        Running.run(
                        List.of(
                                BerthInstance.launcherScript().toString(),
                                "certs",
                                foreign.toString(),
                                "localhost",
                                "anna"),
                        Map.of("BERTH_BUILD", "never"),
                        new byte[0],
                        Duration.ofMinutes(1))
                .ok();
        Outcome refused = docker(foreign.resolve("anna"), "version");
        assertThat(refused.exitCode()).isNotZero();
        assertThat(refused.err()).contains("certificate");
        List<String> curl = new ArrayList<>(platform.berth().inNamespace());
        curl.addAll(List.of(
                "curl",
                "-sS",
                "--cacert",
                platform.certificates().resolve("ca.pem").toString(),
                "https://localhost:" + GatewayPlatform.TLS_PORT + "/_ping"));
        Outcome without = Running.run(curl, Map.of(), new byte[0], Duration.ofSeconds(30));
        assertThat(without.exitCode()).isNotZero();
        assertThat(without.out()).isEmpty();
    }
}
