package io.berth.engine.network.store;

import jakarta.persistence.Entity;
import jakarta.persistence.Id;
import jakarta.persistence.Table;
import jakarta.persistence.Transient;
import org.springframework.data.domain.Persistable;

/** A row of the table {@code network}; see the migration for what is in it. */
@Entity
@Table(name = "network")
class NetworkEntity implements Persistable<String> {
    @Id
    private String id = "";

    private String spec = "";

    @Transient
    private boolean added;

    /** For Hibernate. */
    protected NetworkEntity() {}

    NetworkEntity(String id, String spec) {
        this.id = id;
        this.spec = spec;
        this.added = true;
    }

    @Override
    public String getId() {
        return id;
    }

    @Override
    public boolean isNew() {
        return added;
    }

    String spec() {
        return spec;
    }
}
