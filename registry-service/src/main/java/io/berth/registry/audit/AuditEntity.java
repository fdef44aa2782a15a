package io.berth.registry.audit;

import jakarta.persistence.Entity;
import jakarta.persistence.GeneratedValue;
import jakarta.persistence.GenerationType;
import jakarta.persistence.Id;
import jakarta.persistence.Table;
import java.time.Instant;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

@Entity
@Table(name = "audit_entry")
class AuditEntity {
    @Id
    @GeneratedValue(strategy = GenerationType.IDENTITY)
    private @Nullable Long id;

    private Instant happenedAt;
    private String subject;
    private String address;
    private String action;
    private String target;
    private String detail;

    @SuppressWarnings("NullAway.Init") // for Hibernate, which sets the fields
    protected AuditEntity() {}

    AuditEntity(Instant happenedAt, String subject, String address, String action, String target, String detail) {
        this.happenedAt = happenedAt;
        this.subject = subject;
        this.address = address;
        this.action = action;
        this.target = target;
        this.detail = detail;
    }

    AuditEntry entry() {
        return new AuditEntry(Objects.requireNonNull(id), happenedAt, subject, address, action, target, detail);
    }
}
