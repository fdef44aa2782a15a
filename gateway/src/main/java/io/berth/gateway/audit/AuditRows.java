package io.berth.gateway.audit;

import java.time.Instant;
import java.util.List;
import org.springframework.data.domain.Limit;
import org.springframework.data.jpa.repository.Modifying;
import org.springframework.data.jpa.repository.Query;
import org.springframework.data.repository.Repository;

interface AuditRows extends Repository<AuditEntity, Long> {
    List<AuditEntity> saveAll(Iterable<AuditEntity> entries);

    @Query("select a from AuditEntity a where a.id < :before and (:who = '' or a.who = :who)"
            + " and (:path = '' or a.path like concat(:path, '%')) and (:method = '' or a.method = :method)"
            + " order by a.id desc")
    List<AuditEntity> before(long before, String who, String path, String method, Limit limit);

    @Query("select coalesce(max(a.id), 0) from AuditEntity a")
    long last();

    @Modifying
    @Query("delete from AuditEntity a where a.happenedAt < :time or a.id <= :id")
    int forget(Instant time, long id);
}
