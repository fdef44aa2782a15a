package io.berth.engine.secret.store;

import java.time.Instant;
import java.util.List;
import org.springframework.data.jpa.repository.Modifying;
import org.springframework.data.jpa.repository.Query;
import org.springframework.data.repository.Repository;
import org.springframework.data.repository.query.Param;
import org.springframework.transaction.annotation.Transactional;

/** The table {@code secret}; each change is one statement and one commit. */
interface SecretRows extends Repository<SecretEntity, String> {
    @Transactional
    SecretEntity save(SecretEntity row);

    @Transactional(readOnly = true)
    List<SecretEntity> findAll();

    @Transactional
    @Modifying
    @Query("""
            update SecretEntity s set s.labels = :labels, s.version = :version, s.updatedAt = :updatedAt where s.id = :id""")
    int update(
            @Param("id") String id,
            @Param("labels") String labels,
            @Param("version") long version,
            @Param("updatedAt") Instant updatedAt);

    @Transactional
    @Modifying
    @Query("delete from SecretEntity s where s.id = :id")
    int remove(@Param("id") String id);
}
