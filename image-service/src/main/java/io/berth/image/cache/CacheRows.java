package io.berth.image.cache;

import java.time.Instant;
import java.util.Collection;
import org.springframework.data.jpa.repository.JpaRepository;
import org.springframework.data.jpa.repository.Modifying;
import org.springframework.data.jpa.repository.Query;
import org.springframework.data.repository.query.Param;
import org.springframework.transaction.annotation.Transactional;

interface CacheRows extends JpaRepository<CacheEntity, String> {
    /** Says of records that they were of use. */
    @Modifying
    @Transactional
    @Query("update CacheEntity one set one.usedAt = :now, one.uses = one.uses + 1 where one.cacheKey in :keys")
    int used(@Param("keys") Collection<String> keys, @Param("now") Instant now);
}
