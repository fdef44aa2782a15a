package io.berth.engine.volume.store;

import java.util.List;
import org.springframework.data.jpa.repository.Modifying;
import org.springframework.data.jpa.repository.Query;
import org.springframework.data.repository.Repository;
import org.springframework.data.repository.query.Param;
import org.springframework.transaction.annotation.Transactional;

/** The table {@code volume}; each change is one statement and one commit. */
interface VolumeRows extends Repository<VolumeEntity, String> {
    @Transactional
    VolumeEntity save(VolumeEntity row);

    @Transactional(readOnly = true)
    List<VolumeEntity> findAll();

    @Transactional
    @Modifying
    @Query("delete from VolumeEntity v where v.name = :name")
    int remove(@Param("name") String name);

    @Transactional
    @Modifying
    @Query("update VolumeEntity v set v.madeFor = null where v.madeFor = :container")
    int disown(@Param("container") String container);
}
