package io.berth.engine.network.store;

import java.util.List;
import org.springframework.data.jpa.repository.Modifying;
import org.springframework.data.jpa.repository.Query;
import org.springframework.data.repository.Repository;
import org.springframework.data.repository.query.Param;
import org.springframework.transaction.annotation.Transactional;

/** The table {@code network}; each change is one statement and one commit. */
interface NetworkRows extends Repository<NetworkRow, String> {
    @Transactional
    NetworkRow save(NetworkRow row);

    @Transactional(readOnly = true)
    List<NetworkRow> findAll();

    @Transactional
    @Modifying
    @Query("delete from NetworkRow n where n.id = :id")
    int remove(@Param("id") String id);
}
