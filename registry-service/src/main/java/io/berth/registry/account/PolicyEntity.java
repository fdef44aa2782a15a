package io.berth.registry.account;

import io.berth.registry.access.Action;
import io.berth.registry.access.RepositoryPattern;
import jakarta.persistence.Entity;
import jakarta.persistence.GeneratedValue;
import jakarta.persistence.GenerationType;
import jakarta.persistence.Id;
import jakarta.persistence.Table;
import java.time.Instant;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

@Entity
@Table(name = "policy")
class PolicyEntity {
    @Id
    @GeneratedValue(strategy = GenerationType.IDENTITY)
    private @Nullable Long id;

    private String repositories;
    private String grantee;
    private String actions;

    @SuppressWarnings("UnusedVariable") // for whoever looks into the database
    private Instant createdAt;

    @SuppressWarnings("NullAway.Init") // for Hibernate, which sets the fields
    protected PolicyEntity() {}

    PolicyEntity(RepositoryPattern repositories, Grantee grantee, Set<Action> actions, Instant now) {
        this.repositories = repositories.value();
        this.grantee = grantee.value();
        this.actions = Action.format(actions);
        this.createdAt = now;
    }

    void actions(Set<Action> all) {
        this.actions = Action.format(all);
    }

    Policy policy() {
        return new Policy(
                Objects.requireNonNull(id),
                new RepositoryPattern(repositories),
                new Grantee(grantee),
                Action.parse(actions));
    }
}
