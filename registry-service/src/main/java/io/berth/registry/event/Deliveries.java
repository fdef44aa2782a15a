package io.berth.registry.event;

import io.berth.registry.durability.BackgroundThreads;
import io.berth.registry.durability.DataDirectory;
import io.berth.registry.durability.DurableTransactions;
import io.berth.registry.durability.StopSignal;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.context.SmartLifecycle;
import org.springframework.data.domain.Limit;
import org.springframework.stereotype.Component;

/**
 * Tells webhooks what waits in the outbox, at least once each and in order as long as nothing fails; a webhook that does not
 * answer holds up nobody else. What was being sent when the process ended is sent again.
 */
@Component
class Deliveries implements SmartLifecycle {
    private static final Logger LOG = LoggerFactory.getLogger(Deliveries.class);
    private static final Duration LOOK = Duration.ofSeconds(1);
    private static final int BATCH = 100;

    private final WebhookRows webhooks;
    private final DeliveryRows rows;
    private final WebhookCall call;
    private final WebhookProperties properties;
    private final DurableTransactions transactions;
    private final Clock clock = Clock.systemUTC();
    /** Webhooks that are being told at this moment. */
    private final Set<Long> busy = ConcurrentHashMap.newKeySet();

    private final BackgroundThreads threads = new BackgroundThreads();

    Deliveries(
            WebhookRows webhooks,
            DeliveryRows rows,
            WebhookCall call,
            WebhookProperties properties,
            DurableTransactions transactions) {
        this.webhooks = webhooks;
        this.rows = rows;
        this.call = call;
        this.properties = properties;
        this.transactions = transactions;
    }

    private void lookForever(StopSignal ended) {
        do {
            try {
                look();
            } catch (RuntimeException e) {
                LOG.atWarn().setCause(e).log("cannot look for webhook deliveries");
            }
        } while (ended.pause(LOOK));
    }

    private void look() {
        Instant now = clock.instant();
        List<Long> due = rows.webhooksDue(now);
        if (due.isEmpty()) {
            return;
        }
        int dropped = transactions.committed(() -> rows.deleteOlder(now.minus(properties.giveUpAfter())));
        if (dropped > 0) {
            LOG.atWarn().addKeyValue("deliveries", dropped).log("webhook deliveries given up");
        }
        Map<Long, Webhook> known = webhooks.findAll().stream()
                .map(WebhookEntity::webhook)
                .filter(webhook -> !webhook.disabled())
                .collect(Collectors.toMap(Webhook::id, Function.identity()));
        for (Long id : due) {
            Webhook webhook = known.get(id);
            if (webhook != null && busy.add(id)) {
                Thread.ofVirtual().name("webhook-" + id).start(() -> {
                    try {
                        tell(webhook);
                    } catch (RuntimeException e) {
                        LOG.atWarn().addKeyValue("webhook", id).setCause(e).log("cannot tell a webhook");
                    } finally {
                        busy.remove(id);
                    }
                });
            }
        }
    }

    private void tell(Webhook webhook) {
        for (DeliveryEntity delivery : rows.due(webhook.id(), clock.instant(), Limit.of(BATCH))) {
            int attempt = delivery.attempts() + 1;
            Instant next = clock.instant().plus(properties.timeout()).plus(properties.pause(attempt));
            // Before it is sent: whoever does not get it now gets it after that time, whatever happens to this process.
            if (transactions.<Integer>committed(() -> rows.claim(delivery.id(), delivery.attempts(), next)) == 0) {
                return;
            }
            try {
                call.send(webhook.settings(), delivery.eventId().toString(), delivery.event());
            } catch (IOException e) {
                LOG.atWarn()
                        .addKeyValue("webhook", webhook.settings().name())
                        .addKeyValue("attempt", attempt)
                        .addKeyValue("reason", String.valueOf(e.getMessage()))
                        .log("webhook was not told");
                int _ = transactions.<Integer>committed(
                        () -> rows.postpone(delivery.id(), clock.instant().plus(properties.pause(attempt))));
                return;
            }
            int _ = transactions.<Integer>committed(() -> rows.deleteDelivered(delivery.id()));
        }
    }

    @Override
    public void start() {
        threads.start("webhook-deliveries", this::lookForever);
    }

    @Override
    public void stop() {
        threads.stop();
    }

    @Override
    public boolean isRunning() {
        return threads.isRunning();
    }

    @Override
    public int getPhase() {
        return DataDirectory.PHASE + 3;
    }
}
