package io.berth.registry.event.web;

import io.berth.registry.access.RepositoryPattern;
import io.berth.registry.body.Bodies;
import io.berth.registry.error.ErrorCode;
import io.berth.registry.error.RegistryException;
import io.berth.registry.event.Change;
import io.berth.registry.event.Webhook;
import io.berth.registry.event.Webhooks;
import jakarta.servlet.http.HttpServletRequest;
import java.io.IOException;
import java.net.URI;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpStatus;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.DeleteMapping;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PatchMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RestController;

/** Webhooks. No answer shows a secret. */
@RestController
@RequestMapping("/berth/registry/webhooks")
final class WebhookController {
    private final Webhooks webhooks;

    WebhookController(Webhooks webhooks) {
        this.webhooks = webhooks;
    }

    /**
     * <pre>{"name": "ci", "url": "https://ci.example/hook", "repositories": "team/**", "changes": ["manifest.push"],
     *  "signed": true, "disabled": false, "pending": 0}</pre>
     */
    record WebhookView(
            String name,
            String url,
            String repositories,
            List<String> changes,
            boolean signed,
            boolean disabled,
            long pending) {}

    record WebhookList(List<WebhookView> webhooks) {}

    /** Changes null: all of them. */
    record NewWebhook(
            @Nullable String name,
            @Nullable String url,
            @Nullable String secret,
            @Nullable String repositories,
            @Nullable List<String> changes) {
        @Override
        public String toString() {
            return "NewWebhook[" + name + "]";
        }
    }

    record WebhookChange(boolean disabled) {}

    @GetMapping
    WebhookList list() {
        return new WebhookList(webhooks.all().stream()
                .map(webhook -> new WebhookView(
                        webhook.settings().name(),
                        webhook.settings().url().toString(),
                        webhook.settings().repositories().value(),
                        webhook.settings().changes().stream()
                                .sorted()
                                .map(Change::word)
                                .toList(),
                        !webhook.settings().secret().isEmpty(),
                        webhook.disabled(),
                        webhooks.pending(webhook)))
                .toList());
    }

    @PostMapping
    ResponseEntity<Void> create(HttpServletRequest request) throws IOException {
        NewWebhook wanted = Bodies.json(request.getInputStream(), NewWebhook.class);
        boolean free;
        try {
            free = webhooks.create(new Webhook.Settings(
                    String.valueOf(wanted.name()),
                    URI.create(String.valueOf(wanted.url())),
                    wanted.secret() == null ? "" : wanted.secret(),
                    new RepositoryPattern(wanted.repositories() == null ? "**" : wanted.repositories()),
                    Webhook.changes(wanted.changes() == null ? List.of("*") : wanted.changes())));
        } catch (IllegalArgumentException e) {
            throw (RegistryException) RegistryException.of(400, ErrorCode.UNSUPPORTED, String.valueOf(e.getMessage()))
                    .initCause(e);
        }
        if (!free) {
            throw RegistryException.of(409, ErrorCode.DENIED, "there is a webhook of this name already");
        }
        return ResponseEntity.status(HttpStatus.CREATED).build();
    }

    @PatchMapping("/{webhook}")
    ResponseEntity<Void> change(@PathVariable String webhook, HttpServletRequest request) throws IOException {
        WebhookChange wanted = Bodies.json(request.getInputStream(), WebhookChange.class);
        return found(webhooks.disable(webhook, wanted.disabled()));
    }

    @DeleteMapping("/{webhook}")
    ResponseEntity<Void> delete(@PathVariable String webhook) {
        return found(webhooks.delete(webhook));
    }

    private static ResponseEntity<Void> found(boolean known) {
        if (!known) {
            throw RegistryException.of(404, ErrorCode.NAME_UNKNOWN, "no such webhook");
        }
        return ResponseEntity.noContent().build();
    }
}
