package io.berth.gateway.audit;

import jakarta.persistence.Entity;
import jakarta.persistence.GeneratedValue;
import jakarta.persistence.GenerationType;
import jakarta.persistence.Id;
import jakarta.persistence.SequenceGenerator;
import jakarta.persistence.Table;
import java.time.Instant;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

@Entity
@Table(name = "audit_entry")
class AuditEntity {
    @Id
    @GeneratedValue(strategy = GenerationType.SEQUENCE, generator = "audit_entry_id")
    @SequenceGenerator(name = "audit_entry_id", sequenceName = "audit_entry_id", allocationSize = 100)
    private @Nullable Long id;

    private Instant happenedAt;
    private String who;
    private String role;
    private String address;
    private String source;
    private String method;
    private String path;
    private String detail;
    private int status;
    private long millis;
    private String request;

    @SuppressWarnings("NullAway.Init") // for Hibernate, which sets the fields
    protected AuditEntity() {}

    AuditEntity(AuditEntry entry) {
        this.happenedAt = entry.time();
        this.who = entry.who();
        this.role = entry.role();
        this.address = entry.from();
        this.source = entry.source();
        this.method = entry.method();
        this.path = cut(entry.path(), 1000);
        this.detail = cut(entry.detail(), 1000);
        this.status = entry.status();
        this.millis = entry.millis();
        this.request = cut(entry.request(), 100);
    }

    private static String cut(String text, int length) {
        return text.length() <= length ? text : text.substring(0, length);
    }

    AuditEntry entry() {
        return new AuditEntry(
                Objects.requireNonNull(id),
                happenedAt,
                who,
                role,
                address,
                source,
                method,
                path,
                detail,
                status,
                millis,
                request);
    }
}
