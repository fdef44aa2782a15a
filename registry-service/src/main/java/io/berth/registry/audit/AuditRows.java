package io.berth.registry.audit;

import java.time.Instant;
import java.util.List;
import org.springframework.data.domain.Limit;
import org.springframework.data.jpa.repository.Modifying;
import org.springframework.data.jpa.repository.Query;
import org.springframework.data.repository.Repository;

interface AuditRows extends Repository<AuditEntity, Long> {
    AuditEntity save(AuditEntity entry);

    @Query("""
            select e from AuditEntity e
            where e.id < :before and (:subject = '' or e.subject = :subject) and (:target = '' or e.target = :target)
              and (:action = '' or e.action = :action)
            order by e.id desc""")
    List<AuditEntity> before(long before, String subject, String target, String action, Limit limit);

    @Query("select coalesce(max(e.id), 0) from AuditEntity e")
    long last();

    @Modifying
    @Query("delete from AuditEntity e where e.happenedAt < :limit or e.id <= :last")
    int forget(Instant limit, long last);
}
