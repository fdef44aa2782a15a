package io.berth.engine.network.store;

import java.util.List;
import org.springframework.data.jpa.repository.Modifying;
import org.springframework.data.jpa.repository.Query;
import org.springframework.data.repository.Repository;
import org.springframework.data.repository.query.Param;
import org.springframework.transaction.annotation.Transactional;

/** The table {@code network}; each change is one statement and one commit. */
interface NetworkRows extends Repository<NetworkEntity, String> {
    @Transactional
    NetworkEntity save(NetworkEntity row);

    @Transactional(readOnly = true)
    List<NetworkEntity> findAll();

    @Transactional
    @Modifying
    @Query("delete from NetworkEntity n where n.id = :id")
    int remove(@Param("id") String id);
}
