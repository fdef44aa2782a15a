package io.berth.registry.event;

import java.util.List;
import java.util.Optional;
import org.springframework.data.repository.Repository;

interface WebhookRows extends Repository<WebhookEntity, Long> {
    WebhookEntity save(WebhookEntity webhook);

    Optional<WebhookEntity> findByName(String name);

    List<WebhookEntity> findAll();

    void delete(WebhookEntity webhook);
}
