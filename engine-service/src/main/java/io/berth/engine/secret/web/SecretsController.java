package io.berth.engine.secret.web;

import io.berth.docker.error.InvalidParameter;
import io.berth.docker.secret.SecretCreateResponse;
import io.berth.docker.secret.SecretResponse;
import io.berth.docker.secret.SecretSpec;
import io.berth.engine.secret.Secret;
import io.berth.engine.secret.SecretKind;
import io.berth.engine.secret.Secrets;
import io.berth.engine.web.Call;
import java.io.IOException;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpStatus;
import org.springframework.web.bind.annotation.DeleteMapping;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.ResponseStatus;
import org.springframework.web.bind.annotation.RestController;

/** Secrets and configs over HTTP, as the stock client asks a swarm manager for them. */
@RestController
class SecretsController {
    private final Secrets secrets;

    SecretsController(Secrets secrets) {
        this.secrets = secrets;
    }

    private static SecretKind kind(String section) {
        return section.equals("configs") ? SecretKind.CONFIG : SecretKind.SECRET;
    }

    @GetMapping("/{section:secrets|configs}")
    List<SecretResponse> list(@PathVariable("section") String section, Call call) {
        return secrets.list(kind(section), call.filters()).stream()
                .map(this::show)
                .toList();
    }

    @PostMapping("/{section:secrets|configs}/create")
    @ResponseStatus(HttpStatus.CREATED)
    SecretCreateResponse create(@PathVariable("section") String section, Call call) throws IOException {
        SecretSpec spec = call.json(SecretSpec.class);
        refuse("Driver", spec.driver());
        refuse("Templating", spec.templating());
        Secret made = secrets.create(kind(section), spec.name(), spec.labels(), value(spec.data()));
        return new SecretCreateResponse(made.id());
    }

    private static void refuse(String field, @Nullable Map<String, Object> value) {
        if (value != null && !value.isEmpty()) {
            throw new InvalidParameter(field + " is not supported by this engine");
        }
    }

    private static byte[] value(@Nullable String base64) {
        try {
            return base64 == null ? new byte[0] : Base64.getDecoder().decode(base64);
        } catch (IllegalArgumentException e) {
            throw new InvalidParameter("invalid JSON: Data is not base64", e);
        }
    }

    @GetMapping("/{section:secrets|configs}/{id}")
    SecretResponse inspect(@PathVariable("section") String section, @PathVariable("id") String id) {
        return show(secrets.find(kind(section), id));
    }

    @DeleteMapping("/{section:secrets|configs}/{id}")
    @ResponseStatus(HttpStatus.NO_CONTENT)
    void remove(@PathVariable("section") String section, @PathVariable("id") String id) {
        secrets.remove(secrets.find(kind(section), id));
    }

    @PostMapping("/{section:secrets|configs}/{id}/update")
    void update(@PathVariable("section") String section, @PathVariable("id") String id, Call call) throws IOException {
        long version = call.number("version")
                .orElseThrow(
                        () -> new InvalidParameter("invalid " + kind(section).word() + " version ''"));
        SecretSpec spec = call.json(SecretSpec.class);
        Secret secret = secrets.find(kind(section), id);
        if (spec.data() != null || (!spec.name().isEmpty() && !spec.name().equals(secret.name()))) {
            throw new InvalidParameter("only updates to Labels are allowed");
        }
        secrets.update(secret, version, spec.labels());
    }

    private SecretResponse show(Secret secret) {
        @Nullable
        String data =
                secret.kind() == SecretKind.CONFIG ? Base64.getEncoder().encodeToString(secrets.value(secret)) : null;
        return new SecretResponse(
                secret.id(),
                new SecretResponse.Version(secret.version()),
                secret.createdAt().toString(),
                secret.updatedAt().toString(),
                new SecretSpec(secret.name(), secret.labels(), data, null, null));
    }
}
