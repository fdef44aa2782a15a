package io.berth.engine.secret.store;

import io.berth.docker.DockerJson;
import io.berth.engine.secret.Secret;
import io.berth.engine.secret.SecretKind;
import io.berth.engine.secret.SecretStore;
import java.util.List;
import java.util.Map;
import org.springframework.stereotype.Component;
import tools.jackson.core.type.TypeReference;

/** Secrets and configs in the engine's database. */
@Component
final class JpaSecretStore implements SecretStore {
    private static final TypeReference<Map<String, String>> TEXTS = new TypeReference<>() {};

    private final SecretRows rows;

    JpaSecretStore(SecretRows rows) {
        this.rows = rows;
    }

    @Override
    public void insert(Secret secret) {
        SecretEntity _ = rows.save(new SecretEntity(
                secret.id(),
                secret.kind().name(),
                secret.name(),
                labels(secret),
                secret.version(),
                secret.createdAt(),
                secret.updatedAt()));
    }

    @Override
    public void update(Secret secret) {
        if (rows.update(secret.id(), labels(secret), secret.version(), secret.updatedAt()) != 1) {
            throw new IllegalStateException(secret.kind().word() + " " + secret.id() + " is not in the database");
        }
    }

    private static String labels(Secret secret) {
        return DockerJson.MAPPER.writeValueAsString(secret.labels());
    }

    @Override
    public void delete(String id) {
        int _ = rows.remove(id);
    }

    @Override
    public List<Secret> loadAll() {
        return rows.findAll().stream()
                .map(row -> new Secret(
                        row.getId(),
                        SecretKind.valueOf(row.kind()),
                        row.name(),
                        DockerJson.MAPPER.readValue(row.labels(), TEXTS),
                        row.version(),
                        row.createdAt(),
                        row.updatedAt()))
                .toList();
    }
}
