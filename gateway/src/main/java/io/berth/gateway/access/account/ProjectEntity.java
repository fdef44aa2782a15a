package io.berth.gateway.access.account;

import jakarta.persistence.Entity;
import jakarta.persistence.GeneratedValue;
import jakarta.persistence.GenerationType;
import jakarta.persistence.Id;
import jakarta.persistence.Table;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

@Entity
@Table(name = "project")
class ProjectEntity {
    @Id
    @GeneratedValue(strategy = GenerationType.IDENTITY)
    private @Nullable Long id;

    private String name;
    private String description;
    private String policy;
    private Instant createdAt;

    @SuppressWarnings("NullAway.Init") // for Hibernate, which sets the fields
    protected ProjectEntity() {}

    ProjectEntity(String name, Instant now) {
        this.name = name;
        this.description = "";
        this.policy = "";
        this.createdAt = now;
    }

    Project project() {
        return new Project(name, description, policy, createdAt);
    }

    void description(String text) {
        this.description = text;
    }

    void policy(String json) {
        this.policy = json;
    }
}
