package io.berth.engine.network.store;

import io.berth.docker.DockerJson;
import io.berth.engine.network.NetworkSpec;
import io.berth.engine.network.NetworkStore;
import java.util.List;
import org.springframework.stereotype.Component;

/** Networks in the engine's database. */
@Component
final class JpaNetworkStore implements NetworkStore {
    private final NetworkRows rows;

    JpaNetworkStore(NetworkRows rows) {
        this.rows = rows;
    }

    @Override
    public List<NetworkSpec> loadAll() {
        return rows.findAll().stream()
                .map(row -> DockerJson.MAPPER.readValue(row.spec(), NetworkSpec.class))
                .toList();
    }

    @Override
    public void insert(NetworkSpec network) {
        NetworkEntity _ = rows.save(new NetworkEntity(network.id(), DockerJson.MAPPER.writeValueAsString(network)));
    }

    @Override
    public void delete(String id) {
        int _ = rows.remove(id);
    }
}
