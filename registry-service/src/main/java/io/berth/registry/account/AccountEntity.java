package io.berth.registry.account;

import jakarta.persistence.Entity;
import jakarta.persistence.GeneratedValue;
import jakarta.persistence.GenerationType;
import jakarta.persistence.Id;
import jakarta.persistence.Table;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

@Entity
@Table(name = "account")
class AccountEntity {
    @Id
    @GeneratedValue(strategy = GenerationType.IDENTITY)
    private @Nullable Long id;

    private String name;
    private String passwordHash;
    private boolean administrator;
    private boolean disabled;
    private String groupsOf;
    private Instant createdAt;
    private Instant tokensFrom;

    @SuppressWarnings("NullAway.Init") // for Hibernate, which sets the fields
    protected AccountEntity() {}

    AccountEntity(String name, String passwordHash, boolean administrator, Collection<String> groups, Instant now) {
        this.name = name;
        this.passwordHash = passwordHash;
        this.administrator = administrator;
        this.groupsOf = String.join(" ", new TreeSet<>(groups));
        this.createdAt = now;
        this.tokensFrom = now;
    }

    Account account() {
        Set<String> groups = groupsOf.isEmpty() ? Set.of() : Set.copyOf(List.of(groupsOf.split(" ")));
        return new Account(name, passwordHash, administrator, disabled, groups, createdAt, tokensFrom);
    }

    void password(String hash, Instant now) {
        this.passwordHash = hash;
        this.tokensFrom = now;
    }

    void administrator(boolean value) {
        this.administrator = value;
    }

    void disabled(boolean value, Instant now) {
        if (value && !disabled) {
            tokensFrom = now;
        }
        this.disabled = value;
    }

    void groups(Collection<String> groups) {
        this.groupsOf = String.join(" ", new TreeSet<>(groups));
    }
}
