package io.berth.registry;

import static io.berth.registry.TestRegistry.bytes;

import io.berth.registry.TestRegistry.Answer;
import java.io.IOException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.util.Base64;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Somebody who calls a registry through the gateway. */
final class Person {
    private final TestRegistry registry;
    private final Map<String, String> headers;

    private Person(TestRegistry registry, Map<String, String> headers) {
        this.registry = registry;
        this.headers = headers;
    }

    /** From the network, with no credentials. */
    static Person anonymous(TestRegistry registry) {
        return new Person(registry, Map.of("X-Forwarded-For", "10.1.2.3", "X-Forwarded-Host", "registry.test:5000"));
    }

    /** Through Docker's Unix socket. */
    static Person operator(TestRegistry registry) {
        return new Person(registry, Map.of("X-Forwarded-For", "127.0.0.1", "Berth-Listener", "socket"));
    }

    static Person login(TestRegistry registry, String name, String secret) {
        return anonymous(registry).with("Basic " + Base64.getEncoder().encodeToString(bytes(name + ":" + secret)));
    }

    /** The first administrator, with the password that the registry has made. */
    static Person administrator(TestRegistry registry) throws IOException {
        return login(
                registry,
                "admin",
                Files.readString(registry.data().resolve("admin-password")).strip());
    }

    Person with(String authorization) {
        Map<String, String> all = new HashMap<>(headers);
        all.put("Authorization", authorization);
        return new Person(registry, all);
    }

    /** The same caller with a token for some scopes in place of the password. */
    Person withToken(String... scopes) {
        return anonymous(registry).with("Bearer " + token(scopes));
    }

    String token(String... scopes) {
        return json(get(tokenPath(scopes))).path("token").asString();
    }

    static String tokenPath(String... scopes) {
        StringBuilder path = new StringBuilder("/v2/token?service=berth-registry");
        for (String scope : scopes) {
            path.append("&scope=").append(URLEncoder.encode(scope, StandardCharsets.UTF_8));
        }
        return path.toString();
    }

    static JsonNode json(Answer answer) {
        return JsonMapper.shared().readTree(answer.body());
    }

    Answer send(String method, String path, String type, byte @Nullable [] body) {
        Map<String, String> all = new HashMap<>(headers);
        if (!type.isEmpty()) {
            all.put("Content-Type", type);
        }
        return registry.send(method, path, all, body);
    }

    Answer get(String path) {
        return send("GET", path, "", null);
    }

    Answer head(String path) {
        return send("HEAD", path, "", null);
    }

    Answer delete(String path) {
        return send("DELETE", path, "", null);
    }

    Answer post(String path, String json) {
        return send("POST", path, "application/json", bytes(json));
    }

    Answer put(String path, String json) {
        return send("PUT", path, "application/json", bytes(json));
    }

    Answer patch(String path, String json) {
        return send("PATCH", path, "application/json", bytes(json));
    }
}
