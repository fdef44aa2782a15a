package io.berth.gateway.access.account;

import io.berth.gateway.access.Role;
import jakarta.persistence.Entity;
import jakarta.persistence.GeneratedValue;
import jakarta.persistence.GenerationType;
import jakarta.persistence.Id;
import jakarta.persistence.Table;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

@Entity
@Table(name = "credential")
class CredentialEntity {
    @Id
    @GeneratedValue(strategy = GenerationType.IDENTITY)
    private @Nullable Long id;

    private String kind;
    private String name;
    private String secretHash;
    private String memberName;
    private String role;
    private String projects;
    private Instant createdAt;
    private @Nullable Instant expiresAt;
    private long parent;

    @SuppressWarnings("NullAway.Init") // for Hibernate, which sets the fields
    protected CredentialEntity() {}

    CredentialEntity(
            Credential.Kind kind,
            String name,
            String secretHash,
            String member,
            Role role,
            List<String> projects,
            Instant now,
            @Nullable Instant expiresAt,
            long parent) {
        this.kind = kind.name();
        this.name = name;
        this.secretHash = secretHash;
        this.memberName = member;
        this.role = role.id();
        this.projects = String.join(" ", projects);
        this.createdAt = now;
        this.expiresAt = expiresAt;
        this.parent = parent;
    }

    Credential credential() {
        return new Credential(
                Objects.requireNonNull(id),
                Credential.Kind.valueOf(kind),
                name,
                secretHash,
                memberName,
                Role.of(role),
                Words.of(projects),
                createdAt,
                expiresAt,
                parent);
    }
}
