package io.berth.compat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Sends an operation's request in one API version, against things made for it, and tells how it was answered. */
final class ApiProbe {
    private static final Pattern PLACEHOLDER = Pattern.compile("\\{(\\w+)}");
    private static final Duration DEADLINE = Duration.ofSeconds(20);

    private final Target target;
    private final byte[] image;
    private final byte[] archive;
    private final List<String> made = new ArrayList<>();
    private int names;

    ApiProbe(Target target) {
        this.target = target;
        try {
            Path saved = target.scratch().resolve("probe-image.tar");
            target.docker().ok("save", "-o", saved.toString(), Target.IMAGE);
            this.image = Files.readAllBytes(saved);
            Path directory = Files.createDirectories(target.scratch().resolve("probe"));
            Files.writeString(directory.resolve("Dockerfile"), "FROM " + Target.IMAGE + "\n");
            Path tar = target.scratch().resolve("probe.tar");
            Running.run(
                            List.of("tar", "-C", directory.toString(), "-cf", tar.toString(), "."),
                            Map.of(),
                            new byte[0],
                            DEADLINE)
                    .ok();
            this.archive = Files.readAllBytes(tar);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /**
     * How the operation is answered: {@code yes}, the status of a refusal such as {@code 400}, or {@code –} when the path is
     * not served.
     */
    String answer(ApiOperation operation, String version) {
        try {
            String request = filled(operation.request());
            String json = filled(operation.body());
            byte[] body =
                    switch (operation.body()) {
                        case "@tar" -> archive;
                        case "@image" -> image;
                        default -> json.getBytes(StandardCharsets.UTF_8);
                    };
            RawHttp.Response response = CompletableFuture.supplyAsync(() ->
                            target.http().send(operation.method(), "/v" + version + request, headers(operation), body))
                    .orTimeout(DEADLINE.toSeconds(), TimeUnit.SECONDS)
                    .join();
            if (response.status() < 400) {
                return "yes";
            }
            boolean silent = operation.method().equals("HEAD");
            boolean noRoute =
                    response.status() == 404 && (silent || response.body().contains("page not found"));
            boolean unknown = noRoute || response.status() == 501 || response.status() == 405;
            return unknown ? "–" : Integer.toString(response.status());
        } catch (CompletionException e) {
            throw new AssertionError(operation.method() + " " + operation.path() + " in " + version, e);
        } finally {
            removeMade();
        }
    }

    private static Map<String, String> headers(ApiOperation operation) {
        Map<String, String> headers = new LinkedHashMap<>();
        if (!operation.body().isEmpty()) {
            headers.put("Content-Type", operation.body().startsWith("@") ? "application/x-tar" : "application/json");
        }
        if (operation.path().endsWith("/push") || operation.path().startsWith("/distribution")) {
            headers.put("X-Registry-Auth", "e30="); // {} in base64
        }
        if (operation.path().endsWith("/ws")) {
            headers.put("Connection", "Upgrade");
            headers.put("Upgrade", "websocket");
            headers.put("Sec-WebSocket-Version", "13");
            headers.put("Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ==");
        }
        return headers;
    }

    private String filled(String template) {
        Matcher matcher = PLACEHOLDER.matcher(template);
        StringBuilder filled = new StringBuilder();
        while (matcher.find()) {
            matcher.appendReplacement(filled, Matcher.quoteReplacement(thing(matcher.group(1))));
        }
        matcher.appendTail(filled);
        String text = filled.toString().replace("$IMAGE", Target.IMAGE);
        return text.contains("$FRESH") ? text.replace("$FRESH", fresh()) : text;
    }

    private String fresh() {
        String name = "berth-probe-" + ++names;
        made.addAll(List.of(
                "/containers/" + name + "?force=1",
                "/images/" + name + ":1?force=1",
                "/images/" + name + "?force=1",
                "/volumes/" + name + "?force=1",
                "/networks/" + name,
                "/secrets/" + name,
                "/configs/" + name));
        return name;
    }

    /** Makes a thing and returns how a request names it. */
    private String thing(String kind) {
        return switch (kind) {
            case "created" -> container("true", List.of());
            case "running" -> container("sleep 1000", List.of("start"));
            case "ended" -> container("echo probe", List.of("start", "wait"));
            case "paused" -> container("sleep 1000", List.of("start", "pause"));
            case "exec" -> exec("true", false);
            case "execing" -> exec("sleep 1000", true);
            case "volume" -> {
                String name = fresh();
                target.http().post("/volumes/create", "{\"Name\":\"" + name + "\"}");
                yield name;
            }
            case "secret", "config" -> {
                String name = fresh();
                target.http().post("/" + kind + "s/create", "{\"Name\":\"" + name + "\",\"Data\":\"eA==\"}");
                yield name;
            }
            case "network" -> {
                String name = fresh();
                target.http().post("/networks/create", "{\"Name\":\"" + name + "\"}");
                yield name;
            }
            case "tagged" -> {
                String name = fresh();
                target.docker().ok("tag", Target.IMAGE, name + ":1");
                yield name + ":1";
            }
            case "pushed" -> {
                String name = "localhost:2375/probe/" + fresh();
                made.add("/images/" + name + ":1?force=1");
                target.docker().ok("tag", Target.IMAGE, name + ":1");
                target.docker().ok("push", "-q", name + ":1");
                yield name;
            }
            // Anything else in braces is JSON.
            default -> "{" + kind + "}";
        };
    }

    private String container(String command, List<String> steps) {
        String name = fresh();
        String body = "{\"Image\":\"" + Target.IMAGE + "\",\"Cmd\":[\"sh\",\"-c\",\"" + command + "\"]}";
        RawHttp.Response created = target.http().post("/containers/create?name=" + name, body);
        if (created.status() != 201) {
            throw new AssertionError("cannot make a container: " + created);
        }
        for (String step : steps) {
            target.http().send("POST", "/containers/" + name + "/" + step, Map.of(), new byte[0]);
        }
        return name;
    }

    private String exec(String command, boolean started) {
        String container = container("sleep 1000", List.of("start"));
        String body = "{\"Tty\":true,\"Cmd\":[\"sh\",\"-c\",\"" + command + "\"]}";
        String id = target.http()
                .post("/containers/" + container + "/exec", body)
                .json()
                .path("Id")
                .asString();
        if (started) {
            target.http().post("/exec/" + id + "/start", "{\"Detach\":true,\"Tty\":true}");
        }
        return id;
    }

    private void removeMade() {
        made.forEach(path -> target.http().send("DELETE", path, Map.of(), new byte[0]));
        made.clear();
    }
}
