package io.berth.gateway.access.account;

import io.berth.gateway.access.Role;
import jakarta.persistence.Entity;
import jakarta.persistence.GeneratedValue;
import jakarta.persistence.GenerationType;
import jakarta.persistence.Id;
import jakarta.persistence.Table;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

@Entity
@Table(name = "member")
class MemberEntity {
    @Id
    @GeneratedValue(strategy = GenerationType.IDENTITY)
    private @Nullable Long id;

    private String name;
    private String passwordHash;
    private String role;
    private String projects;
    private boolean disabled;
    private Instant createdAt;

    @SuppressWarnings("NullAway.Init") // for Hibernate, which sets the fields
    protected MemberEntity() {}

    MemberEntity(String name, String passwordHash, Role role, List<String> projects, Instant now) {
        this.name = name;
        this.passwordHash = passwordHash;
        this.role = role.id();
        this.projects = String.join(" ", projects);
        this.createdAt = now;
    }

    Member member() {
        return new Member(name, passwordHash, Role.of(role), Words.of(projects), disabled, createdAt);
    }

    void password(String hash) {
        this.passwordHash = hash;
    }

    void role(Role value) {
        this.role = value.id();
    }

    void projects(List<String> names) {
        this.projects = String.join(" ", names);
    }

    void disabled(boolean value) {
        this.disabled = value;
    }
}
