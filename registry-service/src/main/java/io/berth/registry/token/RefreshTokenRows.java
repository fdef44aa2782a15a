package io.berth.registry.token;

import java.time.Instant;
import java.util.Optional;
import java.util.UUID;
import org.springframework.data.jpa.repository.Modifying;
import org.springframework.data.jpa.repository.Query;
import org.springframework.data.repository.Repository;

interface RefreshTokenRows extends Repository<RefreshTokenEntity, UUID> {
    RefreshTokenEntity save(RefreshTokenEntity token);

    Optional<RefreshTokenEntity> findById(UUID id);

    @Modifying
    @Query("delete from RefreshTokenEntity t where t.expiresAt < :now")
    int deleteExpired(Instant now);

    @Query("select count(t) from RefreshTokenEntity t where t.subject = :subject")
    long countOf(String subject);

    @Modifying
    @Query("""
            delete from RefreshTokenEntity t where t.subject = :subject
              and t.createdAt = (select min(o.createdAt) from RefreshTokenEntity o where o.subject = :subject)""")
    int deleteOldestOf(String subject);
}
