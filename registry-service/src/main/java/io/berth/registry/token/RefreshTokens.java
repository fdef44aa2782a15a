package io.berth.registry.token;

import io.berth.registry.access.Subject;
import io.berth.registry.account.Secrets;
import io.berth.registry.durability.DurableTransactions;
import java.time.Clock;
import java.time.Instant;
import java.util.Optional;
import java.util.UUID;
import org.springframework.stereotype.Component;

/**
 * Long-lived tokens that only the token endpoint takes (token specification, oauth.md): {@code <id>.<secret>}, opaque to
 * clients. Stored as hashes, at most 50 for each subject. Thread-safe.
 */
@Component
public class RefreshTokens {
    private static final int MAX_OF_ONE = 50;
    private static final int MAX_CLIENT_ID = 255;
    private static final String NOBODYS = Secrets.hash(Secrets.random());

    private final RefreshTokenRows rows;
    private final DurableTransactions transactions;
    private final TokenProperties properties;
    private final Clock clock = Clock.systemUTC();

    RefreshTokens(RefreshTokenRows rows, DurableTransactions transactions, TokenProperties properties) {
        this.rows = rows;
        this.transactions = transactions;
        this.properties = properties;
    }

    /** Whose a refresh token is, and since when. */
    public record Owner(Subject subject, Instant createdAt) {}

    /** Makes one; durable on return. */
    public String issue(Subject subject, String clientId) {
        UUID id = UUID.randomUUID();
        String secret = Secrets.random();
        Instant now = clock.instant();
        transactions.durable(() -> {
            int expired = rows.deleteExpired(now);
            if (rows.countOf(subject.toString()) >= MAX_OF_ONE) {
                expired += rows.deleteOldestOf(subject.toString());
            }
            rows.save(new RefreshTokenEntity(
                    id,
                    Secrets.hash(secret),
                    subject.toString(),
                    clientId.substring(0, Math.min(MAX_CLIENT_ID, clientId.length())),
                    now,
                    now.plus(properties.refreshLifetime())));
            return expired;
        });
        return id + "." + secret;
    }

    /** Whose a token is; empty for one that is unknown, wrong or expired. */
    public Optional<Owner> owner(String token) {
        int dot = token.indexOf('.');
        String secret = token.substring(dot + 1);
        RefreshTokenEntity row = id(dot < 0 ? "" : token.substring(0, dot))
                .flatMap(rows::findById)
                .orElse(null);
        boolean right = Secrets.matches(secret, row == null ? NOBODYS : row.secretHash());
        if (!right || row == null || !clock.instant().isBefore(row.expiresAt())) {
            return Optional.empty();
        }
        return Subject.parse(row.subject()).map(subject -> new Owner(subject, row.createdAt()));
    }

    private static Optional<UUID> id(String text) {
        try {
            UUID id = UUID.fromString(text);
            return id.toString().equals(text) ? Optional.of(id) : Optional.empty();
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }
}
