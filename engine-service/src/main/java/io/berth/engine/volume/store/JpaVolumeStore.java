package io.berth.engine.volume.store;

import io.berth.docker.DockerJson;
import io.berth.engine.volume.Volume;
import io.berth.engine.volume.VolumeStore;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;
import tools.jackson.core.type.TypeReference;

/** Volumes in the engine's database. */
@Component
final class JpaVolumeStore implements VolumeStore {
    private static final TypeReference<Map<String, String>> TEXTS = new TypeReference<>() {};

    private final VolumeRows rows;

    JpaVolumeStore(VolumeRows rows) {
        this.rows = rows;
    }

    @Override
    public void insert(Volume volume, @Nullable String madeFor) {
        VolumeEntity _ = rows.save(new VolumeEntity(
                volume.name(), json(volume.labels()), json(volume.options()), volume.createdAt(), madeFor));
    }

    @Override
    public void disown(String containerId) {
        int _ = rows.disown(containerId);
    }

    @Override
    public Map<String, String> owned() {
        Map<String, String> owned = new HashMap<>();
        for (VolumeEntity row : rows.findAll()) {
            String madeFor = row.madeFor();
            if (madeFor != null) {
                owned.put(row.getId(), madeFor);
            }
        }
        return owned;
    }

    @Override
    public void delete(String name) {
        int _ = rows.remove(name);
    }

    @Override
    public List<Volume> loadAll() {
        return rows.findAll().stream()
                .map(row -> new Volume(row.getId(), map(row.labels()), map(row.options()), row.createdAt()))
                .toList();
    }

    private static @Nullable String json(@Nullable Map<String, String> map) {
        return map == null ? null : DockerJson.MAPPER.writeValueAsString(map);
    }

    private static @Nullable Map<String, String> map(@Nullable String json) {
        return json == null ? null : DockerJson.MAPPER.readValue(json, TEXTS);
    }
}
