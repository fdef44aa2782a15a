package io.berth.compat;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;

/** Whatever starts the platform starts its services again: the unit for systemd, and the file for Compose. */
class SupervisionFilesTest {
    private static final Path ROOT = Path.of(Objects.requireNonNullElse(System.getProperty("berth.root"), "../.."));

    @Test
    void systemdStartsTheSupervisorAgainAndTakesNothingWithIt() throws IOException {
        List<String> unit = Files.readAllLines(ROOT.resolve("examples/systemd/berth.service"));

        assertThat(unit).contains("Restart=always", "RestartSec=1", "KillMode=process", "Type=exec");
        assertThat(unit).anyMatch(line -> line.startsWith("ExecStart=") && line.contains(" up --foreground"));
        assertThat(unit).anyMatch(line -> line.startsWith("ExecStop=") && line.contains(" down"));
    }

    @Test
    void composeStartsEveryServiceAgain() throws IOException {
        JsonNode file = new YAMLMapper().readTree(Files.readString(ROOT.resolve("docker-compose.yml")));

        for (String service : List.of("engine", "image", "registry", "gateway")) {
            JsonNode described = file.path("services").path(service);
            // What is merged in, this reader leaves to its caller.
            JsonNode restart = described.has("restart")
                    ? described.path("restart")
                    : file.path("x-service").path("restart");
            assertThat(described.has("<<")).as(service).isTrue();
            assertThat(restart.asText()).as(service).isEqualTo("unless-stopped");
        }
    }
}
