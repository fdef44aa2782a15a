package io.berth.engine.container;

import io.berth.engine.secret.Secret;
import io.berth.engine.secret.SecretUsers;
import java.util.List;
import org.springframework.stereotype.Component;

/** Which containers use which secrets and configs, as their specs say. */
@Component
final class UsedSecrets implements SecretUsers {
    private final Containers containers;

    UsedSecrets(Containers containers) {
        this.containers = containers;
    }

    @Override
    public List<String> containersUsing(Secret secret) {
        return containers.all().stream()
                .map(Container::snapshot)
                .filter(container -> container.spec().secrets().stream().anyMatch(use -> use.isOf(secret)))
                .map(ContainerSnapshot::name)
                .sorted()
                .toList();
    }
}
