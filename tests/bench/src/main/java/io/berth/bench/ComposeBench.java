package io.berth.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A stack of ten services, as a user of {@code docker compose} waits for it: from the command's start to its end, on images that are
 * there. Daemons are measured in turns, so that whatever else the machine does hits all alike.
 */
final class ComposeBench {
    private static final int SERVICES = 10;

    private final Report report;
    private final Path file;
    private final Map<String, Path> daemons = new LinkedHashMap<>();

    ComposeBench(Report report, Path scratch, String image) throws IOException {
        this.report = report;
        this.file = Files.createDirectories(scratch.resolve("compose")).resolve("compose.yaml");
        Files.writeString(file, stack(image));
    }

    /** Services with a network, a volume, a published port and dependencies, as stacks have them. */
    private static String stack(String image) {
        StringBuilder text = new StringBuilder("name: bench\nservices:\n");
        for (int i = 0; i < SERVICES; i++) {
            text.append("  s").append(i).append(":\n    image: ").append(image).append("\n    init: true\n");
            text.append("    command: sleep 1000\n    environment: {NUMBER: \"")
                    .append(i)
                    .append("\"}\n");
            if (i == 0) {
                text.append("    volumes: [\"data:/data\"]\n");
            } else if (i == SERVICES - 1) {
                text.append("    depends_on: [s0, s1]\n    ports: [\"127.0.0.1:18080:80\"]\n");
            }
        }
        return text.append("volumes: {data: {}}\n").toString();
    }

    void add(String name, Path socket) {
        daemons.put(name, socket);
    }

    /** @param rounds how often each is measured, after one that is not */
    void run(int rounds) {
        Map<String, Samples> up = new LinkedHashMap<>();
        Map<String, Samples> again = new LinkedHashMap<>();
        Map<String, Samples> down = new LinkedHashMap<>();
        for (int round = -1; round < rounds; round++) {
            for (Map.Entry<String, Path> daemon : daemons.entrySet()) {
                boolean counts = round >= 0;
                time(counts, up, daemon, "up", "-d");
                time(counts, again, daemon, "up", "-d");
                time(counts, down, daemon, "down", "-v", "-t", "0");
            }
        }
        tell("compose up, " + SERVICES + " services", up);
        tell("compose up, nothing to do", again);
        tell("compose down -v -t 0", down);
    }

    private void time(boolean counts, Map<String, Samples> all, Map.Entry<String, Path> daemon, String... verb) {
        List<String> command = new ArrayList<>(
                List.of("env", "DOCKER_HOST=unix://" + daemon.getValue(), "docker", "compose", "-f", file.toString()));
        command.addAll(List.of(verb));
        long began = System.nanoTime();
        String _ = Shell.run(command);
        long took = System.nanoTime() - began;
        if (counts) {
            all.computeIfAbsent(daemon.getKey(), name -> new Samples()).add(took);
        }
    }

    private void tell(String operation, Map<String, Samples> all) {
        all.forEach((daemon, samples) -> report.samples(daemon, operation, samples));
    }
}
