package io.berth.registry.event;

import java.time.Instant;
import java.util.List;
import org.springframework.data.domain.Limit;
import org.springframework.data.jpa.repository.Modifying;
import org.springframework.data.jpa.repository.Query;
import org.springframework.data.repository.Repository;

interface DeliveryRows extends Repository<DeliveryEntity, Long> {
    DeliveryEntity save(DeliveryEntity delivery);

    @Query("select distinct d.webhookId from DeliveryEntity d where d.nextAt <= :now")
    List<Long> webhooksDue(Instant now);

    @Query("select d from DeliveryEntity d where d.webhookId = :webhook and d.nextAt <= :now order by d.id")
    List<DeliveryEntity> due(long webhook, Instant now, Limit limit);

    /** Takes a delivery that is due until a time; 0 when another process was faster. */
    @Modifying
    @Query("""
            update DeliveryEntity d set d.nextAt = :until, d.attempts = d.attempts + 1
            where d.id = :id and d.attempts = :attempts""")
    int claim(long id, int attempts, Instant until);

    @Modifying
    @Query("update DeliveryEntity d set d.nextAt = :at where d.id = :id")
    int postpone(long id, Instant at);

    @Modifying
    @Query("delete from DeliveryEntity d where d.id = :id")
    int deleteDelivered(long id);

    @Modifying
    @Query("delete from DeliveryEntity d where d.createdAt < :limit")
    int deleteOlder(Instant limit);

    @Query("select count(d) from DeliveryEntity d where d.webhookId = :webhook")
    long pending(long webhook);
}
